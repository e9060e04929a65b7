/** Which pictures stand before and after one in the gallery's order. */

import { library } from "../studio/library.js";

/**
 * @param {string} id
 * @returns {Promise<{previous: string | null, next: string | null}>} ids; null at an end
 */
export async function neighbours(id) {
  const [previous, next] = await Promise.all([library.neighbour(id, -1), library.neighbour(id, 1)]);
  return { previous, next };
}
