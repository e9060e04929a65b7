/** On a phone: what is chosen, in one row. A touch opens the sheet of choices there. */

import { element, say } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { images } from "../studio/words.js";
import { frame } from "./choices.js";
import { draft } from "./draft.js";
import { t } from "./language.js";
import { sheet } from "./sheet.js";
import { styles } from "./styles.js";

const GLYPH = { area: 150, longest: 18 };

class Chips extends HTMLElement {
  #glyph = element("span", { class: "glyph" });
  #ratio = element("span");
  #count = element("span");
  #style = element("span");
  #references = element("span");
  #withReferences = chip(icon("picture"), this.#references, "ig-references");
  #withStyle = chip(icon("palette"), this.#style, "ig-styles");
  #buttons = [
    chip(this.#glyph, this.#ratio, "#aspect-ratio"),
    chip(icon("layers"), this.#count, "#count"),
    this.#withReferences,
    this.#withStyle,
    chip(icon("sliders"), null, ""),
  ];
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    this.replaceChildren(...this.#buttons);
    sheet.addEventListener("change", () => this.#expanded(), { signal });
    draft.addEventListener("change", () => this.#show(), { signal });
    styles.addEventListener("change", () => this.#show(), { signal });
    this.#expanded();
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #expanded() {
    for (const button of this.#buttons) button.setAttribute("aria-expanded", String(sheet.open));
  }

  #show() {
    const { aspect_ratio: ratio, count, styles: chosen, references } = draft.fields;
    if (this.#ratio.textContent !== ratio) this.#glyph.replaceChildren(frame(ratio, GLYPH));
    say(this.#ratio, ratio);
    say(this.#count, images(count));
    say(this.#style, chosen.length > 0 ? chosen.map((id) => styles.name(id)).join(", ") : t("composer.style"));
    this.#withStyle.hidden = styles.list.length === 0;
    say(this.#references, String(references.length));
    this.#withReferences.hidden = references.length === 0;
    this.#withReferences.setAttribute("aria-label", t("composer.referencesChosen", { count: references.length }));
  }
}

/** @param {Element} sign @param {HTMLElement | null} text @param {string} target */
function chip(sign, text, target) {
  const onclick = () => (sheet.open && target === "" ? sheet.close() : sheet.show(target));
  return element("button", { type: "button", "aria-label": text === null ? t("composer.allOptions") : null, onclick }, sign, text);
}

customElements.define("ig-chips", Chips);
