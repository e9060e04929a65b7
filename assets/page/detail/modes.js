/** Original, both, or the cut-out: which of them the stage shows. */

import { element } from "../studio/dom.js";
import { t } from "../studio/i18n.js";

const MODES = /** @type {const} */ (["before", "compare", "after"]);

/** Tells `mode` when a person chose another. */
export class Modes extends HTMLElement {
  /** @type {Map<string, HTMLInputElement>} */
  #inputs = new Map();

  connectedCallback() {
    this.setAttribute("role", "radiogroup");
    this.setAttribute("aria-label", t("detail.show"));
    const choices = MODES.map((mode) => {
      const input = /** @type {HTMLInputElement} */ (element("input", { type: "radio", name: "detail-mode", value: mode }));
      this.#inputs.set(mode, input);
      return element("label", {}, input, t(`detail.${mode}`));
    });
    this.replaceChildren(...choices);
    this.onchange = () => this.dispatchEvent(new CustomEvent("mode", { detail: this.value }));
  }

  /** @returns {import("./viewer.js").Mode} */
  get value() {
    return MODES.find((mode) => this.#inputs.get(mode)?.checked) ?? "before";
  }

  set value(mode) {
    const input = this.#inputs.get(mode);
    if (input) input.checked = true;
  }
}

customElements.define("ig-modes", Modes);
