/** The handle between before and after: a slider, for the pointer and the keyboard. */

import { element } from "../studio/dom.js";
import { t } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";

const STEP = 0.02;
const LEAP = 0.1;
const STEPS = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -LEAP, PageUp: LEAP, Home: -1, End: 1 };

/** Tells `split` when a person moved it; `value` is the share of the picture that shows what was before. */
export class Split extends HTMLElement {
  #value = 0.5;
  /** @type {{x: number, y: number, width: number, height: number}} */
  #box = { x: 0, y: 0, width: 0, height: 0 };

  connectedCallback() {
    this.setAttribute("role", "slider");
    this.setAttribute("aria-label", t("detail.beforeAfter"));
    this.setAttribute("aria-valuemin", "0");
    this.setAttribute("aria-valuemax", "100");
    this.tabIndex = 0;
    this.replaceChildren(element("i", { "aria-hidden": "true" }, icon("left"), icon("right")));
    this.onkeydown = (event) => this.#key(event);
    this.onpointerdown = (event) => {
      event.stopPropagation();
      this.setPointerCapture(event.pointerId);
      this.focus({ preventScroll: true });
    };
    this.onpointermove = (event) => this.hasPointerCapture(event.pointerId) && this.#drag(event);
    this.value = this.#value;
  }

  get value() {
    return this.#value;
  }

  set value(value) {
    this.#value = Math.min(1, Math.max(0, value));
    const percent = Math.round(this.#value * 100);
    this.setAttribute("aria-valuenow", String(percent));
    this.setAttribute("aria-valuetext", t("detail.splitAt", { percent }));
    this.#stand();
  }

  /** Where the picture is in the stage, in CSS pixels. @param {{x: number, y: number, width: number, height: number}} box */
  over(box) {
    this.#box = box;
    this.#stand();
  }

  #stand() {
    const { x, y, width, height } = this.#box;
    Object.assign(this.style, { left: `${x + this.#value * width}px`, top: `${y}px`, height: `${height}px` });
  }

  #drag(event) {
    const stage = /** @type {HTMLElement} */ (this.parentElement).getBoundingClientRect();
    this.#move((event.clientX - stage.left - this.#box.x) / this.#box.width);
  }

  #key(event) {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // elsewhere these keys go to the next picture
    this.#move(this.#value + step * (event.shiftKey ? LEAP / STEP : 1));
  }

  #move(value) {
    this.value = value;
    this.dispatchEvent(new CustomEvent("split", { bubbles: true }));
  }
}

customElements.define("ig-split", Split);
