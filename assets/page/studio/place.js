/** Where one was in the gallery, kept by the tab: when the page is loaded anew, the same picture is in the same place. */

import { sameFilter, wanted } from "./filter.js";

const KEY = "imagegen.place";
const RETURNS = ["reload", "back_forward"];

/** @typedef {{image: string, offset: number}} Place a picture, and how far below the gallery's upper edge it began, in CSS pixels */

/** Where to return to; null after a way to the page that asks for its beginning. */
export const keptPlace = read();

/** @param {Place | null} place null for the beginning */
export function keepPlace(place) {
  try {
    if (place === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify({ ...place, filter: wanted.now }));
  } catch {
    // Storage is full or forbidden: the next load begins at the top.
  }
}

/** @returns {Place | null} */
function read() {
  const [entry] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (!RETURNS.includes(entry?.type)) return null;
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return kept !== null && sameFilter(kept.filter, wanted.now) ? { image: String(kept.image), offset: Number(kept.offset) } : null;
  } catch {
    return null;
  }
}
