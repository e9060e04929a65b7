/** How far a picture is, and when one that waits begins: guesses from what is usual. Pure; times are in seconds. */

const BAR_STOPS_AT = 0.95;
/** The usual time is a median: half of all pictures pass it, and most of them by less than this. */
const GRACE = 1;
/** Before this share of the work is done, nothing is said of how long the rest takes. */
const TOO_EARLY = 0.05;

/**
 * @param {number | null} elapsed since the attempt began; null where that is not known
 * @param {number | null} usual of one picture; null where none was measured
 * @param {number | null} done share of the work, where its maker tells; it comes before what is usual
 * @returns {{part: number | null, left: number | null, late: boolean}} `part` of 1; null is “no telling”
 */
export function progressOf(elapsed, usual, done = null) {
  if (done !== null) {
    const left = elapsed === null || done < TOO_EARLY ? null : (elapsed * (1 - done)) / done;
    return { part: Math.min(BAR_STOPS_AT, done), left, late: false };
  }
  if (elapsed === null || usual === null || usual <= 0) return { part: null, left: null, late: false };
  const late = elapsed > usual + GRACE;
  return { part: Math.min(BAR_STOPS_AT, elapsed / usual), left: late ? null : Math.max(0, usual - elapsed), late };
}

/**
 * When a waiting picture begins: its share of the work that is done before its job is, in the order of the queue.
 * @param {number | null} jobLeft until its job is done
 * @param {number | null} usual of one picture
 * @param {number} ahead how many pictures are made before it
 * @param {number} upTo how many pictures are left to the end of its job, itself among them
 * @returns {number | null}
 */
export function startsIn(jobLeft, usual, ahead, upTo) {
  if (jobLeft === null || usual === null || upTo <= 0) return null;
  return Math.max(0, Math.min(jobLeft - usual, (jobLeft * ahead) / upTo));
}
