/**
 * What time it is on the server, whose times the records carry: the browser's own clock may be minutes off.
 *
 * Whatever arrives with a time was written before it arrived, so each such time is a lower bound, and the highest
 * of them is the best. It is counted on with a clock that nobody sets.
 */
export class ServerClock {
  #local;
  #ahead = -Infinity;

  /** @param {() => number} local milliseconds that only grow */
  constructor(local = () => performance.now()) {
    this.#local = local;
  }

  /** Something that was written at that time has just arrived. @param {string | null} time ISO 8601 or HTTP date */
  hear(time) {
    const written = Date.parse(time ?? "");
    if (Number.isFinite(written)) this.#ahead = Math.max(this.#ahead, written - this.#local());
  }

  /** Milliseconds of the epoch; the browser's own time until the server was heard. */
  now() {
    return this.#local() + (Number.isFinite(this.#ahead) ? this.#ahead : performance.timeOrigin);
  }
}

export const serverClock = new ServerClock();
