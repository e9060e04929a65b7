/** Aspect ratio, image size, and how many. */

import { element, fieldError } from "../studio/dom.js";
import { t } from "./language.js";
import { images } from "../studio/words.js";
import { draft } from "./draft.js";

const RATIOS = ["1:1", "4:5", "4:3", "16:9", "9:16", "3:4", "2:3", "3:2", "5:4", "21:9"];
const SIZES = ["1K", "2K", "4K"];
const QUICK_COUNTS = [1, 2, 4, 8];
const GLYPH = { area: 230, longest: 25 };

/**
 * A group of native radio buttons, which arrow keys and screen readers know, kept in step with a field of the draft.
 * @param {{id: string, field: "aspect_ratio" | "image_size" | "output_format", legend: string, look: string,
 *   values: {value: string, text: string}[], glyph?: (value: string) => HTMLElement, signal: AbortSignal}} options
 */
export function radioGroup({ id, field, legend, values, look, glyph, signal }) {
  const inputs = values.map(({ value }) => {
    const onchange = () => {
      draft.set(field, value);
      fieldError(id, "");
    };
    return /** @type {HTMLInputElement} */ (element("input", { type: "radio", name: field, value, onchange }));
  });
  const labels = values.map(({ value, text }, index) => element("label", {}, inputs[index], glyph?.(value), element("span", {}, text)));
  const show = () => {
    for (const input of inputs) input.checked = input.value === draft.fields[field];
  };
  draft.addEventListener("change", (event) => /** @type {CustomEvent} */ (event).detail === field && show(), { signal });
  show();
  const group = element("fieldset", { id, "data-field": true });
  group.append(element("legend", {}, legend), element("div", { class: look }, ...labels));
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

const asText = (/** @type {string} */ value) => ({ value, text: value });

class Ratio extends HTMLElement {
  #clean = new AbortController();

  connectedCallback() {
    const glyph = (/** @type {string} */ ratio) => element("span", { class: "glyph" }, frame(ratio, GLYPH));
    const options = { id: "aspect-ratio", legend: t("composer.ratio"), values: RATIOS.map(asText), look: "cells", glyph };
    this.replaceChildren(radioGroup({ ...options, field: "aspect_ratio", signal: this.#clean.signal }));
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }
}

class Size extends HTMLElement {
  #clean = new AbortController();

  connectedCallback() {
    const options = { id: "image-size", legend: t("composer.size"), values: SIZES.map(asText), look: "segments" };
    this.replaceChildren(radioGroup({ ...options, field: "image_size", signal: this.#clean.signal }));
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }
}

class Count extends HTMLElement {
  #input = /** @type {HTMLInputElement} */ (
    element("input", { type: "number", min: 1, max: 100, step: 1, inputmode: "numeric", "aria-label": t("composer.count") })
  );
  #quick = QUICK_COUNTS.map((count) => element("button", { type: "button", "aria-label": images(count), onclick: () => this.#take(count) }, String(count)));
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    this.#input.addEventListener("input", () => this.#take(this.#input.valueAsNumber), { signal });
    draft.addEventListener("change", (event) => /** @type {CustomEvent} */ (event).detail === "count" && this.#show(), { signal });
    const own = element("label", { id: "count", "data-other": t("composer.otherCount") }, this.#input);
    this.dataset.field = "";
    const cells = element("div", { class: "cells", role: "group", "aria-label": t("composer.images") }, ...this.#quick, own);
    this.replaceChildren(element("p", { class: "legend", "aria-hidden": "true" }, t("composer.images")), cells);
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** An empty or odd entry is sent as it stands: the server names what is allowed. @param {number} count */
  #take(count) {
    draft.set("count", count || 0);
    fieldError("count", "");
  }

  #show() {
    const { count } = draft.fields;
    if ((this.#input.valueAsNumber || 0) !== count) this.#input.value = String(count);
    for (const [index, quick] of QUICK_COUNTS.entries()) {
      this.#quick[index].setAttribute("aria-pressed", String(count === quick));
    }
    this.#input.classList.toggle("chosen", !QUICK_COUNTS.includes(count));
  }
}

customElements.define("ig-ratio", Ratio);
customElements.define("ig-size", Size);
customElements.define("ig-count", Count);
