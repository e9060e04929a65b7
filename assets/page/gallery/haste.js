/**
 * Whether one scrolls too fast to look at pictures: who drags the bar through 100,000 of them would otherwise ask
 * for each one that flies past, and wait for them where the hand stops.
 */

const SCREENS_A_SECOND = 3.5;
/** Milliseconds without scrolling until it is over; a step of the keyboard after such a rest is no haste. */
const REST = 120;

export class Haste {
  /** @type {number | undefined} */
  #rest;
  #top = 0;
  #time = -Infinity;
  #steps = 0;

  /** @param {() => void} over called once when it is over */
  constructor(over) {
    this.over = over;
  }

  get on() {
    return this.#steps > 1;
  }

  /** @param {number} top where one is now @param {number} screen how much is seen at once, in CSS pixels @param {number} now in milliseconds */
  note(top, screen, now = performance.now()) {
    const was = this.on;
    const seconds = (now - this.#time) / 1000;
    const isFast = Math.abs(top - this.#top) > SCREENS_A_SECOND * screen * seconds;
    this.#steps = isFast && seconds < REST / 1000 ? this.#steps + 1 : 0;
    this.#top = top;
    this.#time = now;
    clearTimeout(this.#rest);
    if (this.on) this.#rest = setTimeout(() => this.#end(), REST);
    else if (was) this.over();
  }

  #end() {
    this.#steps = 0;
    this.over();
  }
}
