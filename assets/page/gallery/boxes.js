/** How high a tile is. Pure. */

/** What the words of a state need, in CSS pixels; two buttons stand below each other where a tile is narrow. */
const LEAST_HEIGHT = { failed: 196, interrupted: 196, pending: 112, retrying: 124, in_progress: 104, completed: 104 };
const NARROW = { width: 168, more: 38 };
const TROUBLE = ["failed", "interrupted"];

/**
 * @param {import("../studio/timeline.js").TileData} data
 * @param {number} width in CSS pixels
 * @returns {number} CSS pixels
 */
export function heightOf({ image, job, task }, width) {
  if (image !== null) return Math.round((width * image.height) / image.width);
  const [across, down] = (job?.aspect_ratio ?? "1:1").split(":").map(Number);
  const height = Math.round((width * down) / across);
  const least = LEAST_HEIGHT[task.status] ?? 0;
  if (!TROUBLE.includes(task.status)) return Math.max(least, height);
  return Math.max(least + (width < NARROW.width ? NARROW.more : 0), Math.min(height, width)); // no room is kept for it
}
