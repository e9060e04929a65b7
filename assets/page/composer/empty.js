/** What stands where pictures will be: three examples that are made at one press. */

import { element, say } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { unitPrice } from "../studio/words.js";
import { draft } from "./draft.js";
import { drawing } from "./drawings.js";
import { estimate } from "./estimate.js";
import { t } from "./language.js";

const EXAMPLES = [
  { picture: "bottle", ratio: "4:5", title: t("composer.bottle"), prompt: t("composer.bottlePrompt") },
  { picture: "ridges", ratio: "3:2", title: t("composer.ridges"), prompt: t("composer.ridgesPrompt") },
  { picture: "city", ratio: "16:9", title: t("composer.city"), prompt: t("composer.cityPrompt") },
];

class Empty extends HTMLElement {
  #cost = element("p", { class: "cost", role: "status" });
  #clean = new AbortController();

  connectedCallback() {
    const cards = EXAMPLES.map((example) => element("li", {}, card(example)));
    this.replaceChildren(
      element("h2", {}, t("composer.empty")),
      element("p", {}, t("composer.emptyHow")),
      element("ul", { class: "examples", "aria-label": t("composer.examples") }, ...cards),
      this.#cost,
    );
    estimate.addEventListener("change", () => this.#show(), { signal: this.#clean.signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #show() {
    const { quote } = estimate;
    say(this.#cost, quote === null ? "" : t("composer.exampleCost", { price: unitPrice(quote.known ? quote.per_image_usd : null) }));
  }
}

/** @param {typeof EXAMPLES[number]} example */
function card({ picture, ratio, title, prompt }) {
  const make = () => {
    draft.fill({ prompt, aspect_ratio: ratio, count: 1, styles: [], references: [] });
    document.dispatchEvent(new CustomEvent("ig:submit"));
  };
  const name = element("span", { class: "title" }, title, icon("right"));
  const words = element("span", { class: "words" }, name, element("span", { class: "prompt" }, prompt));
  return element("button", { type: "button", onclick: make }, drawing(picture), words);
}

customElements.define("ig-empty", Empty);
