/** Where tiles stand: each in the column that is shortest so far, so that reading order is kept. Pure. */

const WISHED_COLUMN = 200;
const LEAST_COLUMNS = 2;

/**
 * @param {number} width of the gallery in CSS pixels
 * @param {number} gap
 * @returns {{columns: number, size: number}} how many columns, and how wide each is
 */
export function columnsFor(width, gap) {
  const columns = Math.max(LEAST_COLUMNS, Math.round((width + gap) / (WISHED_COLUMN + gap)));
  return { columns, size: (width - gap * (columns - 1)) / columns };
}

/**
 * @param {number[]} heights of the tiles, in order
 * @param {number} columns
 * @param {number} size of a column
 * @param {number} gap
 * @returns {{places: {x: number, y: number}[], height: number}}
 */
export function place(heights, columns, size, gap) {
  const bottoms = new Array(columns).fill(0);
  const places = heights.map((height) => {
    const column = bottoms.indexOf(Math.min(...bottoms));
    const spot = { x: column * (size + gap), y: bottoms[column] };
    bottoms[column] += height + gap;
    return spot;
  });
  return { places, height: Math.max(0, ...bottoms) - (heights.length ? gap : 0) };
}
