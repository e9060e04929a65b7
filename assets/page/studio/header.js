/** The name, the way to the API page, the language and the theme; what is looked for stands between them. */

import { element } from "./dom.js";
import { LANGUAGES, choose, language, speak, t } from "./i18n.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import "./today.js";
import * as words from "../words/studio.js";

speak("studio", words);

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
  #language = element("button", { type: "button", class: "tool", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.#languages() }, icon("globe"));
  #find = element("button", { type: "button", class: "tool find", "aria-expanded": "false", onclick: () => this.#search() }, icon("search"));
  #keys = opener("key", "ig:keys");
  #shortcuts = opener("keyboard", "ig:shortcuts");
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    const mark = element("span", { class: "mark", "aria-hidden": "true" });
    const docs = element("a", { class: "tool docs", href: "/docs", title: "API" }, icon("code"), element("span", {}, "API"));
    name(this.#language, t("studio.language", { language: LANGUAGES[language] }));
    name(this.#find, t("studio.search"));
    name(this.#keys, t("studio.keys"));
    name(this.#shortcuts, t("studio.shortcuts"));
    const search = element("ig-search");
    this.replaceChildren(
      element("p", { class: "name" }, mark, "imagegen"),
      search,
      element("nav", { "aria-label": t("studio.studio") }, this.#find, element("ig-today"), docs, this.#keys, this.#shortcuts, this.#language, this.#theme),
    );
    this.#show();
    this.#unfold(search.hasAttribute("data-filtered"));
    window.addEventListener("storage", (event) => event.key === KEY && this.#show(), { signal });
    document.addEventListener("ig:search", () => this.#unfold(true), { signal });
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** On a phone there is room for what is looked for only below the name. */
  #search() {
    this.#unfold(!this.hasAttribute("data-unfolded"));
    if (this.hasAttribute("data-unfolded")) this.querySelector("input")?.focus();
  }

  /** @param {boolean} open */
  #unfold(open) {
    this.toggleAttribute("data-unfolded", open);
    this.#find.setAttribute("aria-expanded", String(open));
  }

  #languages() {
    const entries = /** @type {[import("./i18n.js").Language, string][]} */ (Object.entries(LANGUAGES));
    openMenu(this.#language, t("studio.languages"), entries.map(([id, label]) => ({ label, checked: id === language, run: () => id === language || choose(id) })));
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
    name(this.#theme, { system: t("studio.themeSystem"), light: t("studio.themeLight"), dark: t("studio.themeDark") }[theme]);
  }
}

/** A tool that asks another part of the page to open. @param {string} symbol @param {string} event */
function opener(symbol, event) {
  const onclick = () => document.dispatchEvent(new CustomEvent(event));
  return element("button", { type: "button", class: `tool ${symbol}`, "aria-haspopup": "dialog", onclick }, icon(symbol));
}

/** @param {HTMLElement} button @param {string} label */
function name(button, label) {
  button.setAttribute("aria-label", label);
  button.title = label;
}

customElements.define("ig-header", Header);
