/**
 * How a picture lies in its stage. Pure.
 *
 * A stage is `{width, height, top, right, bottom, left}`: its size and what is covered at each edge, in CSS pixels.
 * A view is `{scale, x, y}`: CSS pixels for one pixel of the picture, and where the picture's corner is.
 */

const MOST = 8;

/** @typedef {{width: number, height: number, top: number, right: number, bottom: number, left: number}} Stage */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {{scale: number, x: number, y: number}} View */

/** The scale at which the whole picture is seen; a small one is not blown up. @param {Stage} stage @param {Size} size */
export function fitScale(stage, size) {
  const width = Math.max(1, stage.width - stage.left - stage.right);
  const height = Math.max(1, stage.height - stage.top - stage.bottom);
  return Math.min(1, width / size.width, height / size.height);
}

/** @param {Stage} stage @param {Size} size @returns {View} */
export const fitted = (stage, size) => settled({ scale: fitScale(stage, size), x: 0, y: 0 }, stage, size);

/** Centred where there is room, else with no gap at an edge. @param {View} view @param {Stage} stage @param {Size} size @returns {View} */
export function settled({ scale, x, y }, stage, size) {
  return {
    scale,
    x: along(x, size.width * scale, stage.left, stage.width - stage.right),
    y: along(y, size.height * scale, stage.top, stage.height - stage.bottom),
  };
}

/**
 * Larger or smaller, with the point `at` of the stage staying where it is.
 * @param {View} view
 * @param {number} factor
 * @param {{x: number, y: number}} at
 * @param {Stage} stage
 * @param {Size} size
 * @returns {View}
 */
export function zoomed(view, factor, at, stage, size) {
  const scale = Math.min(MOST, Math.max(fitScale(stage, size), view.scale * factor));
  const ratio = scale / view.scale;
  return settled({ scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio }, stage, size);
}

/** The middle of what is not covered. @param {Stage} stage */
export const middle = (stage) => ({
  x: (stage.left + stage.width - stage.right) / 2,
  y: (stage.top + stage.height - stage.bottom) / 2,
});

/** @param {number} start @param {number} length @param {number} from @param {number} to */
function along(start, length, from, to) {
  if (length <= to - from) return (from + to - length) / 2;
  return Math.min(from, Math.max(to - length, start));
}
