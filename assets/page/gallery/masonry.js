/**
 * Where tiles stand. Pure.
 *
 * Each goes into the next column to the right that is not much longer than the shortest: so they read in rows, and
 * several low ones in a row do not pile up beside one high one.
 */

const WISHED_COLUMN = 200;
const LEAST_COLUMNS = 2;
/** How much longer than the shortest a column may be, in widths of a column. */
const SLACK = 0.4;

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
  let column = -1;
  const places = heights.map((height) => {
    const most = Math.min(...bottoms) + SLACK * size;
    do column = (column + 1) % columns;
    while (bottoms[column] > most);
    const spot = { x: column * (size + gap), y: bottoms[column] };
    bottoms[column] += height + gap;
    return spot;
  });
  return { places, height: Math.max(0, ...bottoms) - (heights.length ? gap : 0) };
}
