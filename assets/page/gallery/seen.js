/** How long a picture that has just come is marked as new: until it has been on the screen for a while. Pure. */

export const SEEN_MS = 12_000;
/** Of a longer time between two looks only that much counts: nobody may have been there. */
const GAP_MS = 2_000;

export class Seen {
  /** How long each has been seen so far, in milliseconds. @type {Map<string, number>} */
  #seen = new Map();
  #last = NaN;

  /**
   * @param {string[]} ids of the new pictures that are on the screen now
   * @param {number} now in milliseconds; only differences count
   * @returns {string[]} those that are new no longer
   */
  look(ids, now) {
    const passed = Math.min(GAP_MS, now - this.#last || 0);
    this.#last = now;
    return ids.filter((id) => {
      const before = this.#seen.get(id);
      const seen = before === undefined ? 0 : before + passed;
      if (seen < SEEN_MS) this.#seen.set(id, seen);
      else this.#seen.delete(id);
      return seen >= SEEN_MS;
    });
  }
}
