/** Which tile an arrow key leads to. Pure. */

/** @typedef {import("./wall.js").Spot} Spot */

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/**
 * Left and right go through the order, up and down to what stands nearest above or below.
 * @param {Spot[]} spots in their order
 * @param {number} at which of them one is on
 * @param {string} key of the keyboard
 * @returns {number | null} which to go to; null where there is none, or the key leads nowhere
 */
export function walk(spots, at, key) {
  if (key === "Home") return spots.length === 0 ? null : 0;
  if (key === "End") return spots.length === 0 ? null : spots.length - 1;
  if (key in STEPS) return spots[at + STEPS[key]] === undefined ? null : at + STEPS[key];
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const down = key === "ArrowDown";
  const from = spots[at];
  const centre = from.x + from.width / 2;
  let best = null;
  let least = Infinity;
  spots.forEach((spot, index) => {
    const away = down ? spot.y - (from.y + from.height) : from.y - (spot.y + spot.height);
    if (away < -1 || index === at) return;
    const aside = Math.abs(spot.x + spot.width / 2 - centre);
    const distance = away + 3 * aside; // rather further in the same column than near in another
    if (distance < least) [best, least] = [index, distance];
  });
  return best;
}
