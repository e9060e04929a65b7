/** A short message at the foot of the gallery, with a way back where there is one. Shown on `ig:toast`. */

import { element } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

/** Long enough to read it and to reach the button; longer still while it is pointed at or focused. */
const SHOWN_MS = 8000;

/** @typedef {{text: string, action?: {label: string, run: () => unknown}}} Toast */

/** @param {string} text @param {Toast["action"]} [action] */
export function toast(text, action) {
  document.dispatchEvent(new CustomEvent("ig:toast", { detail: { text, action } }));
}

class Toasts extends HTMLElement {
  #timer = 0;
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    this.setAttribute("role", "status");
    document.addEventListener("ig:toast", (event) => this.#show(/** @type {CustomEvent<Toast>} */ (event).detail), { signal });
    for (const kind of ["pointerenter", "focusin"]) this.addEventListener(kind, () => window.clearTimeout(this.#timer), { signal });
    for (const kind of ["pointerleave", "focusout"]) this.addEventListener(kind, () => this.#wait(), { signal });
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
    window.clearTimeout(this.#timer);
  }

  /** @param {Toast} toast */
  #show({ text, action }) {
    const act = () => {
      this.#close();
      void action?.run();
    };
    const button = action && element("button", { type: "button", class: "act", onclick: act }, action.label);
    const close = element("button", { type: "button", class: "tool", "aria-label": t("shared.close"), onclick: () => this.#close() }, icon("close"));
    this.replaceChildren(element("div", { class: "toast" }, element("span", {}, text), button, close));
    this.#wait();
  }

  #wait() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#close(), SHOWN_MS);
  }

  #close() {
    window.clearTimeout(this.#timer);
    this.replaceChildren();
  }
}

customElements.define("ig-toasts", Toasts);
