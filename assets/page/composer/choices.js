/** Aspect ratio, image size, and how many. */

import { element, fieldError } from "../studio/dom.js";
import { draft } from "./draft.js";

const RATIOS = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
const SIZES = ["1K", "2K", "4K"];
const QUICK_COUNTS = [1, 2, 4, 8];
const GLYPH = { area: 260, longest: 26 };

/**
 * A group of native radio buttons: arrow keys and screen readers know it.
 * @param {{id: string, field: "aspect_ratio" | "image_size", legend: string, values: string[], look: string,
 *   glyph?: (value: string) => HTMLElement}} options
 */
function radioGroup({ id, field, legend, values, look, glyph }) {
  const choices = values.map((value) => {
    const onchange = () => {
      draft.set(field, value);
      fieldError(id, "");
    };
    const checked = draft.fields[field] === value;
    const input = element("input", { type: "radio", name: field, value, checked, onchange });
    return element("label", {}, input, glyph?.(value), element("span", {}, value));
  });
  const group = element("fieldset", { id, "data-field": true });
  group.append(element("legend", {}, legend), element("div", { class: look }, ...choices));
  return group;
}

/**
 * A small frame of that ratio.
 * @param {string} ratio
 * @param {{area: number, longest: number}} size in CSS pixels
 */
export function frame(ratio, { area, longest }) {
  const [across, down] = ratio.split(":").map(Number);
  const scale = Math.min(Math.sqrt(area / (across * down)), longest / Math.max(across, down));
  const glyph = element("i", { class: "frame", "aria-hidden": "true" });
  Object.assign(glyph.style, { width: `${Math.round(across * scale)}px`, height: `${Math.round(down * scale)}px` });
  return glyph;
}

class Ratio extends HTMLElement {
  connectedCallback() {
    const glyph = (/** @type {string} */ ratio) => element("span", { class: "glyph" }, frame(ratio, GLYPH));
    const options = { id: "aspect-ratio", legend: "Aspect ratio", values: RATIOS, look: "cells", glyph };
    this.replaceChildren(radioGroup({ ...options, field: "aspect_ratio" }));
  }
}

class Size extends HTMLElement {
  connectedCallback() {
    const options = { id: "image-size", legend: "Size", values: SIZES, look: "segments" };
    this.replaceChildren(radioGroup({ ...options, field: "image_size" }));
  }
}

class Count extends HTMLElement {
  #input = /** @type {HTMLInputElement} */ (
    element("input", { type: "number", min: 1, max: 100, step: 1, inputmode: "numeric", "aria-label": "Number of images" })
  );
  #quick = QUICK_COUNTS.map((count) =>
    element("button", { type: "button", "aria-label": `${count} ${count === 1 ? "image" : "images"}`, onclick: () => this.#choose(count) }, String(count)),
  );

  connectedCallback() {
    this.#input.value = String(draft.fields.count);
    this.#input.addEventListener("input", () => this.#take());
    const own = element("label", { id: "count" }, this.#input);
    this.dataset.field = "";
    this.replaceChildren(element("p", { class: "legend", "aria-hidden": "true" }, "Images"), element("div", { class: "cells", role: "group", "aria-label": "Images" }, ...this.#quick, own));
    this.#mark();
  }

  #choose(count) {
    this.#input.value = String(count);
    this.#take();
  }

  /** An empty or odd entry is sent as it stands: the server names what is allowed. */
  #take() {
    draft.set("count", this.#input.valueAsNumber || 0);
    fieldError("count", "");
    this.#mark();
  }

  #mark() {
    for (const [index, count] of QUICK_COUNTS.entries()) {
      this.#quick[index].setAttribute("aria-pressed", String(draft.fields.count === count));
    }
    this.#input.classList.toggle("chosen", !QUICK_COUNTS.includes(draft.fields.count));
  }
}

customElements.define("ig-ratio", Ratio);
customElements.define("ig-size", Size);
customElements.define("ig-count", Count);
