/** The name, the way to the API page, and the theme. */

import { element } from "./dom.js";
import { icon } from "./icons.js";

const KEY = "imagegen.theme";
const THEMES = /** @type {const} */ ({ system: "screen", light: "sun", dark: "moon" });

/** @returns {keyof typeof THEMES} */
function chosen() {
  const kept = localStorage.getItem(KEY) ?? "system";
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** Put the chosen theme on the document; the style sheets follow `color-scheme`. */
export function applyTheme() {
  document.documentElement.dataset.theme = chosen();
}

class Header extends HTMLElement {
  #theme = element("button", { type: "button", class: "tool", onclick: () => this.#next() });

  connectedCallback() {
    const mark = element("span", { class: "mark", "aria-hidden": "true" });
    const docs = element("a", { class: "tool", href: "/docs", title: "API" }, icon("code"), element("span", {}, "API"));
    this.replaceChildren(element("p", { class: "name" }, mark, "imagegen"), element("nav", { "aria-label": "Studio" }, docs, this.#theme));
    this.#show();
    window.addEventListener("storage", (event) => event.key === KEY && this.#show());
  }

  #next() {
    const names = /** @type {(keyof typeof THEMES)[]} */ (Object.keys(THEMES));
    localStorage.setItem(KEY, names[(names.indexOf(chosen()) + 1) % names.length]);
    this.#show();
  }

  #show() {
    applyTheme();
    const theme = chosen();
    this.#theme.replaceChildren(icon(THEMES[theme]));
    this.#theme.setAttribute("aria-label", `Theme: ${theme}`);
    this.#theme.title = `Theme: ${theme}`;
  }
}

customElements.define("ig-header", Header);
