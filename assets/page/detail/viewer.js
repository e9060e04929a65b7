/** The picture in its stage: zoom and pan, and where there is a cut-out, before and after in one place. */

import { element } from "../studio/dom.js";
import { Gestures } from "./gestures.js";
import { Layer } from "./layer.js";
import { Split } from "./split.js";
import { fitScale, fitted, middle, settled, zoomed } from "./zoom.js";

const KEY_FACTOR = 1.3;
/** From here on a pixel is shown as the square it is. */
const SQUARES_FROM = 3;
/** A double click goes to 100 %, or where that is nearly the whole picture, well into it. */
const INTO = 2;
const REVEAL_MS = 900;

/** @typedef {import("./layer.js").Source} Source */
/** @typedef {"before" | "compare" | "after"} Mode */

/** Tells `view` when the scale changed, `step` (detail: ±1) when a finger swiped, and `failed`. */
export class Viewer extends HTMLElement {
  #before = /** @type {Layer} */ (document.createElement("ig-layer"));
  #after = /** @type {Layer} */ (document.createElement("ig-layer"));
  #plane = element("div", { class: "plane" }, this.#before, this.#after);
  #split = /** @type {Split} */ (document.createElement("ig-split"));
  #size = { width: 1, height: 1 };
  #stage = { width: 0, height: 0, top: 0, right: 0, bottom: 0, left: 0 };
  #view = { scale: 1, x: 0, y: 0 };
  /** The whole picture is shown, whatever size the stage gets. */
  #fits = true;
  /** Whether the picture's file could not be loaded. */
  lost = false;
  /** @type {Mode} */
  #mode = "before";
  #clean = new AbortController();

  connectedCallback() {
    this.replaceChildren(this.#plane, this.#split);
    const { signal } = this.#clean;
    this.addEventListener("failed", () => (this.lost = true), { signal });
    this.#split.addEventListener("split", () => this.#cut(), { signal });
    const listener = {
      pan: (by) => this.#set(settled({ ...this.#view, x: this.#view.x + by.x, y: this.#view.y + by.y }, this.#stage, this.#size)),
      zoom: (factor, at) => this.#zoom(factor, at),
      toggle: (at) => this.#toggle(at),
      swipe: (step) => this.dispatchEvent(new CustomEvent("step", { detail: step })),
      drag: (x) => (this.#plane.style.translate = x === 0 ? "" : `${x}px`),
      canPan: () => !this.#fits,
    };
    new Gestures(this, listener, signal);
    const resized = new ResizeObserver(() => this.measure());
    resized.observe(this);
    signal.addEventListener("abort", () => resized.disconnect());
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /**
   * @param {{width: number, height: number}} size of the picture in its own pixels
   * @param {Source} before
   * @param {Source | null} after its cut-out
   * @param {string} alt
   */
  show(size, before, after, alt) {
    const same = size.width === this.#size.width && size.height === this.#size.height;
    this.#size = { width: size.width, height: size.height };
    Object.assign(this.#plane.style, { width: `${size.width}px`, height: `${size.height}px` });
    this.#before.show(before, alt);
    if (after === null) this.#after.clear();
    else this.#after.show(after, alt);
    if (!same) this.#fits = true;
    this.measure();
  }

  /** Show the whole picture again, and load anew what failed. */
  reset() {
    this.#before.clear();
    this.#after.clear();
    this.#fits = true;
    this.lost = false;
  }

  /** @returns {Mode} */
  get mode() {
    return this.#mode;
  }

  set mode(mode) {
    this.#mode = mode;
    this.dataset.mode = mode;
    this.#split.hidden = mode !== "compare";
    this.#cut();
  }

  /** Whether a picture without transparency is looked at. @param {boolean} on */
  set transparent(on) {
    this.#before.toggleAttribute("data-checkered", on);
  }

  /** The share that shows what was before, 0 to 1. */
  set split(value) {
    this.#split.value = value;
    this.#cut();
  }

  /** Draw the handle from the right edge to its place, so that one sees what goes. @param {number} to */
  reveal(to) {
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return (this.split = to);
    const begun = performance.now();
    const draw = (now) => {
      const part = Math.min(1, Math.max(0, (now - begun) / REVEAL_MS));
      this.split = 1 + (to - 1) * (1 - (1 - part) ** 3);
      if (part < 1 && this.isConnected) requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  }

  get scale() {
    return this.#view.scale;
  }

  zoomIn() {
    this.#zoom(KEY_FACTOR, middle(this.#stage), true);
  }

  zoomOut() {
    this.#zoom(1 / KEY_FACTOR, middle(this.#stage), true);
  }

  /** The whole picture, or where that is what is shown, one pixel for one pixel. */
  fitOrFull() {
    if (this.#fits) this.#zoom(this.#into(), middle(this.#stage), true);
    else this.fit();
  }

  fit() {
    this.#fits = true;
    this.#set(fitted(this.#stage, this.#size), true);
  }

  /** Read how large the stage is, and what covers its edges. */
  measure() {
    const style = getComputedStyle(this);
    const [top, right, bottom, left] = ["Top", "Right", "Bottom", "Left"].map((side) => parseFloat(style[`scrollPadding${side}`]) || 0);
    this.#stage = { width: this.clientWidth, height: this.clientHeight, top, right, bottom, left };
    if (this.#stage.width === 0) return;
    this.#set(this.#fits ? fitted(this.#stage, this.#size) : settled(this.#view, this.#stage, this.#size));
  }

  #into() {
    return Math.max(1, INTO * fitScale(this.#stage, this.#size)) / this.#view.scale;
  }

  #toggle(at) {
    if (this.#fits) this.#zoom(this.#into(), at, true);
    else this.fit();
  }

  #zoom(factor, at, smooth = false) {
    const view = zoomed(this.#view, factor, at, this.#stage, this.#size);
    this.#fits = view.scale <= fitScale(this.#stage, this.#size) * 1.001;
    this.#set(view, smooth);
  }

  #set(view, smooth = false) {
    const { scale, x, y } = (this.#view = view);
    this.toggleAttribute("data-smooth", smooth);
    this.toggleAttribute("data-fits", this.#fits);
    this.toggleAttribute("data-squares", scale >= SQUARES_FROM);
    this.#plane.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.#plane.style.setProperty("--scale", String(scale));
    this.#split.over({ x, y, width: this.#size.width * scale, height: this.#size.height * scale });
    this.dispatchEvent(new CustomEvent("view"));
  }

  /** Left of the handle is what was before, right of it the cut-out. */
  #cut() {
    const share = this.#mode === "compare" ? this.#split.value : this.#mode === "after" ? 0 : 1;
    const percent = share * 100;
    this.#before.style.clipPath = `inset(0 ${100 - percent}% 0 0)`;
    this.#after.style.clipPath = `inset(0 0 0 ${percent}%)`;
  }
}

customElements.define("ig-viewer", Viewer);
