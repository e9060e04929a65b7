/** A line that says so while only offline sketches can be made. */

import { element } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { providers } from "../studio/providers.js";
import { t } from "./language.js";

class SketchBanner extends HTMLElement {
  #clean = new AbortController();

  connectedCallback() {
    const keys = element("button", { type: "button", class: "plain", onclick: () => document.dispatchEvent(new CustomEvent("ig:keys")) }, t("composer.addKey"));
    const line = element("p", { class: "notice" }, icon("spark"), element("span", {}, t("composer.onlySketches")), keys);
    keys.hidden = true;
    void customElements.whenDefined("ig-keys").then(() => (keys.hidden = false));
    this.replaceChildren(line);
    providers.addEventListener("change", () => this.#show(), { signal: this.#clean.signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #show() {
    this.hidden = !providers.onlySketch;
  }
}

customElements.define("ig-sketch-banner", SketchBanner);
