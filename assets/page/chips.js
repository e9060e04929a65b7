/** On a phone: what is chosen, in one row. A touch opens the choices above it. */

import { element, say } from "./dom.js";
import { draft } from "./draft.js";
import { icon } from "./icons.js";
import { images } from "./words.js";

class Chips extends HTMLElement {
  #ratio = element("span");
  #count = element("span");
  #clean = new AbortController();

  connectedCallback() {
    const composer = /** @type {HTMLElement} */ (this.closest("#composer"));
    const chip = (name, text, target) =>
      element("button", { type: "button", "aria-label": text === null ? "All options" : null, onclick: () => toggle(target) }, icon(name), text);
    const toggle = (target) => {
      const open = composer.toggleAttribute("data-open");
      if (open && target) document.querySelector(target)?.scrollIntoView({ block: "nearest" });
      expanded();
    };
    const buttons = [chip("frame", this.#ratio, "#aspect-ratio"), chip("layers", this.#count, "#count"), chip("sliders", null, "")];
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
    say(this.#ratio, draft.fields.aspect_ratio);
    say(this.#count, images(draft.fields.count));
  }
}

customElements.define("ig-chips", Chips);
