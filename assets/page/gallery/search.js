/** Finding pictures: words of their prompts, an album, and whether they are cut-outs. */

import { element } from "../studio/dom.js";
import { WORDS_MAX, wanted } from "../studio/filter.js";
import { t } from "./language.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { shortcut } from "../studio/shortcuts.js";
import { AlbumButton } from "./albums.js";

/** Typing goes on; what is asked of the server is what stands there when it pauses. */
const PAUSE_MS = 180;

class Search extends HTMLElement {
  #input = /** @type {HTMLInputElement} */ (
    element("input", { type: "search", maxlength: WORDS_MAX, "aria-label": t("gallery.search"), "aria-keyshortcuts": "/", enterkeyhint: "search", autocomplete: "off", spellcheck: "false" })
  );
  #clear = element("button", { type: "button", class: "tool", hidden: true, "aria-label": t("gallery.clearSearch"), onclick: () => this.#empty() }, icon("close"));
  #hint = element("kbd", { "aria-hidden": "true" }, "/");
  #all = this.#kind("", element("span", {}, t("gallery.all")));
  #cutouts = this.#kind("cutout", icon("scissors"), element("span", {}, t("gallery.cutouts")));
  #kinds = element("div", { class: "kinds", role: "group", "aria-label": t("gallery.kinds"), hidden: true }, this.#all, this.#cutouts);
  #typing = 0;
  #refines = false;
  #clean = new AbortController();

  connectedCallback() {
    const field = element("form", { class: "field", role: "search" }, icon("search"), this.#input, this.#hint, this.#clear);
    this.replaceChildren(field, /** @type {Node} */ (document.createElement("ig-album")), this.#kinds);
    const { signal } = this.#clean;
    field.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask();
    }, { signal });
    this.#input.addEventListener("input", () => this.#typed(), { signal });
    this.#input.addEventListener("blur", () => (this.#refines = false), { signal });
    this.#input.addEventListener("keydown", (event) => event.key === "Escape" && this.#escape(event), { signal });
    const keys = shortcut({ keys: "/", label: t("gallery.search"), run: () => this.#find() });
    signal.addEventListener("abort", keys);
    wanted.addEventListener("change", () => this.#show(), { signal });
    library.addEventListener("change", () => this.#show(), { signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
    window.clearTimeout(this.#typing);
  }

  #show() {
    const { q, kind } = wanted.now;
    if (document.activeElement !== this.#input || this.#typing === 0) {
      if (this.#input.value.trim() !== q) this.#input.value = q;
    }
    this.#signs();
    const { totals } = library;
    this.#input.placeholder = totals?.images ? t("gallery.searchAll", { count: totals.images }) : t("gallery.search");
    this.#kinds.hidden = !(totals?.cutouts > 0 || kind !== "");
    this.#all.setAttribute("aria-pressed", String(kind === ""));
    this.#cutouts.setAttribute("aria-pressed", String(kind === "cutout"));
    this.toggleAttribute("data-filtered", q !== "" || kind !== "" || wanted.now.album !== "");
  }

  #signs() {
    const bare = this.#input.value === "";
    this.#hint.hidden = !bare;
    this.#clear.hidden = bare;
  }

  #typed() {
    this.#signs();
    window.clearTimeout(this.#typing);
    this.#typing = window.setTimeout(() => this.#ask(), PAUSE_MS);
  }

  #ask() {
    window.clearTimeout(this.#typing);
    this.#typing = 0;
    const refines = this.#refines;
    this.#refines = true;
    wanted.set({ q: this.#input.value.trim() }, { refines });
  }

  #empty() {
    this.#input.value = "";
    this.#ask();
    this.#signs();
    this.#input.focus();
  }

  #escape(event) {
    event.preventDefault();
    if (this.#input.value === "") this.#input.blur();
    else this.#empty();
  }

  #find() {
    document.dispatchEvent(new Event("ig:search"));
    this.#input.focus();
    this.#input.select();
  }

  /** @param {"" | "cutout"} kind */
  #kind(kind, ...content) {
    return element("button", { type: "button", onclick: () => wanted.set({ kind }) }, ...content);
  }
}

customElements.define("ig-album", AlbumButton);
customElements.define("ig-search", Search);
