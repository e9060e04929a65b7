/** On a phone: what is chosen, in one row. A touch opens the choices above it. */

import { frame } from "./choices.js";
import { element, say } from "../studio/dom.js";
import { draft } from "./draft.js";
import { icon } from "../studio/icons.js";
import { images } from "../studio/words.js";

const GLYPH = { area: 150, longest: 18 };

class Chips extends HTMLElement {
  #glyph = element("span", { class: "glyph" });
  #ratio = element("span");
  #count = element("span");
  #clean = new AbortController();

  connectedCallback() {
    const composer = /** @type {HTMLElement} */ (this.closest("#composer"));
    const chip = (glyph, text, target) =>
      element("button", { type: "button", "aria-label": text === null ? "All options" : null, onclick: () => toggle(target) }, glyph, text);
    const toggle = (target) => {
      const open = composer.toggleAttribute("data-open");
      if (open && target) document.querySelector(target)?.scrollIntoView({ block: "nearest" });
      expanded();
    };
    const buttons = [chip(this.#glyph, this.#ratio, "#aspect-ratio"), chip(icon("layers"), this.#count, "#count"), chip(icon("sliders"), null, "")];
    const expanded = () => {
      for (const button of buttons) button.setAttribute("aria-expanded", String(composer.hasAttribute("data-open")));
    };
    this.replaceChildren(...buttons);
    new MutationObserver(expanded).observe(composer, { attributeFilter: ["data-open"] });
    draft.addEventListener("change", () => this.#show(), { signal: this.#clean.signal });
    expanded();
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #show() {
    const ratio = draft.fields.aspect_ratio;
    if (this.#ratio.textContent !== ratio) this.#glyph.replaceChildren(frame(ratio, GLYPH));
    say(this.#ratio, ratio);
    say(this.#count, images(draft.fields.count));
  }
}

customElements.define("ig-chips", Chips);
