/** What pointers do on a stage: drag, pinch, wheel, double tap and swipe, told in plain numbers. */

const WHEEL = 0.0016;
const PINCH = 0.01;
const TAP_MS = 320;
const TAP_PX = 24;
const SWIPE_PX = 56;
const LINE_PX = 16;

/**
 * @typedef {{x: number, y: number}} Point of the stage, in CSS pixels
 * @typedef {{pan: (by: Point) => void, zoom: (factor: number, at: Point) => void, toggle: (at: Point) => void,
 *   swipe: (step: number) => void, drag: (x: number) => void, canPan: () => boolean}} Listener
 *   `drag` follows a finger on its way to a swipe and is called with 0 at its end
 */

export class Gestures {
  /** @type {Map<number, Point>} */
  #held = new Map();
  #start = { x: 0, y: 0, at: 0 };
  #tap = { x: 0, y: 0, at: -Infinity };
  #spread = 0;
  #moved = false;
  #swiping = false;

  /**
   * @param {HTMLElement} stage
   * @param {Listener} listener
   * @param {AbortSignal} signal
   */
  constructor(stage, listener, signal) {
    this.stage = stage;
    this.listener = listener;
    stage.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    stage.addEventListener("pointermove", (event) => this.#move(event), { signal });
    stage.addEventListener("pointerup", (event) => this.#up(event, true), { signal });
    stage.addEventListener("pointercancel", (event) => this.#up(event, false), { signal });
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false, signal });
  }

  #down(event) {
    if (event.button !== 0) return;
    this.stage.setPointerCapture(event.pointerId);
    const at = this.#point(event);
    this.#held.set(event.pointerId, at);
    if (this.#held.size === 1) {
      this.#start = { ...at, at: event.timeStamp };
      this.#moved = false;
      this.#swiping = event.pointerType !== "mouse" && !this.listener.canPan();
    } else {
      this.#swiping = false;
      this.listener.drag(0);
      this.#spread = this.#span().distance;
    }
  }

  #move(event) {
    const before = this.#held.get(event.pointerId);
    if (before === undefined) return;
    const now = this.#point(event);
    this.#held.set(event.pointerId, now);
    this.#moved ||= Math.hypot(now.x - this.#start.x, now.y - this.#start.y) > TAP_PX / 4;
    if (this.#held.size === 2) {
      const { distance, centre } = this.#span();
      if (this.#spread > 0) this.listener.zoom(distance / this.#spread, centre);
      this.#spread = distance;
    } else if (this.#swiping) {
      this.listener.drag(now.x - this.#start.x);
    } else {
      this.listener.pan({ x: now.x - before.x, y: now.y - before.y });
    }
  }

  #up(event, wanted) {
    const at = this.#held.get(event.pointerId);
    if (at === undefined) return;
    this.#held.delete(event.pointerId);
    if (this.#held.size > 0) return;
    const across = at.x - this.#start.x;
    if (this.#swiping) this.listener.drag(0);
    if (!wanted) return;
    if (this.#swiping && Math.abs(across) > SWIPE_PX && Math.abs(across) > 1.5 * Math.abs(at.y - this.#start.y)) {
      this.listener.swipe(across < 0 ? 1 : -1);
    } else if (!this.#moved) {
      this.#tapped(at, event.timeStamp);
    }
  }

  #tapped(at, time) {
    const twice = time - this.#tap.at < TAP_MS && Math.hypot(at.x - this.#tap.x, at.y - this.#tap.y) < TAP_PX;
    this.#tap = { ...at, at: twice ? -Infinity : time };
    if (twice) this.listener.toggle(at);
  }

  #wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    this.listener.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? PINCH : WHEEL)), this.#point(event));
  }

  #span() {
    const [one, other] = [...this.#held.values()];
    return { distance: Math.hypot(one.x - other.x, one.y - other.y), centre: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 } };
  }

  #point(event) {
    const { left, top } = this.stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}
