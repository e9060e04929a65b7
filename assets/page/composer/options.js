/**
 * What is needed less often: negative prompt, seed, album, output format, background removal. On a desk a panel beside
 * the composer, on a phone a part of its sheet; a row tells what is set.
 */

import { Problem, get } from "../studio/api.js";
import { element, fieldError, say } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { albumField } from "./album.js";
import { albums } from "./albums.js";
import { radioGroup } from "./choices.js";
import { draft } from "./draft.js";
import { t } from "./language.js";
import { seedField } from "./seed.js";
import { phone, sheet } from "./sheet.js";

const FORMATS = { png: "PNG", jpeg: "JPEG", webp: "WebP" };
/** Between the panel and the edges of the window, in CSS pixels. */
const MARGIN = 12;
const HEADER = 56;

/** Open the panel at one of its fields. @param {string} id of the field's element @param {HTMLElement} [source] what was pressed */
export const openOptions = (id, source) => /** @type {Options | null} */ (document.querySelector("ig-options"))?.show(id, source);

class Options extends HTMLElement {
  #summary = element("span", { class: "summary" });
  #row = element(
    "button",
    { type: "button", class: "more", "aria-expanded": "false", onclick: () => this.#toggle() },
    icon("sliders"),
    element("strong", {}, t("composer.options")),
    this.#summary,
    icon("right"),
  );
  #panel = element("section", { class: "panel", popover: "auto", "aria-label": t("composer.options") });
  #removal = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", role: "switch" }));
  #removalField = element("div", { id: "remove-background", "data-field": true, hidden: true });
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    const close = element("button", { type: "button", class: "tool", "aria-label": t("shared.close"), onclick: () => this.#panel.hidePopover() }, icon("close"));
    const formats = Object.entries(FORMATS).map(([value, text]) => ({ value, text }));
    const values = [{ value: "", text: t("composer.ownFormat") }, ...formats];
    const format = radioGroup({ id: "output-format", field: "output_format", legend: t("composer.format"), look: "segments", values, signal });
    this.#removalField.replaceChildren(element("label", { class: "switch" }, element("span", {}, t("composer.removeWhenDone")), this.#removal, element("i")));
    const heading = element("header", {}, element("h2", {}, t("composer.options")), close);
    this.#panel.replaceChildren(heading, negativeField(signal), seedField(signal), albumField(signal), format, this.#removalField);
    this.replaceChildren(this.#row, this.#panel);
    this.#panel.addEventListener("toggle", (event) => this.#row.setAttribute("aria-expanded", String(/** @type {ToggleEvent} */ (event).newState === "open")));
    this.#removal.addEventListener("change", () => draft.set("remove_background", this.#removal.checked));
    draft.addEventListener("change", () => this.#show(), { signal });
    albums.addEventListener("change", () => this.#show(), { signal });
    library.addEventListener("live", () => library.live && void this.#load(), { signal });
    phone.addEventListener("change", () => this.#panel.matches(":popover-open") && this.#panel.hidePopover(), { signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** @param {string} id of the field's element @param {HTMLElement} [source] what was pressed */
  show(id, source = this.#row) {
    if (phone.matches) sheet.show(`#${id}`);
    else this.#open(source);
    /** @type {HTMLElement | null} */ (document.getElementById(id)?.querySelector("textarea, input, select"))?.focus();
  }

  #toggle() {
    if (this.#panel.matches(":popover-open")) this.#panel.hidePopover();
    else this.#open(this.#row);
  }

  /** Beside what was pressed, and whole in the window. @param {HTMLElement} source */
  #open(source) {
    if (!this.#panel.matches(":popover-open")) /** @type {any} */ (this.#panel).showPopover({ source });
    const { bottom } = source.getBoundingClientRect();
    const height = this.#panel.offsetHeight;
    const lowest = window.innerHeight - height - MARGIN;
    this.#panel.style.top = `${Math.max(HEADER + MARGIN, Math.min(bottom - height / 2, lowest))}px`;
  }

  async #load() {
    try {
      await Promise.all([albums.load(), this.#offerRemoval()]);
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // asked again when the stream is back
    }
  }

  /** The server may be one that removes no backgrounds. */
  async #offerRemoval() {
    try {
      await get("/api/cutout/models");
      this.#removalField.hidden = false;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 404) draft.set("remove_background", false);
    }
  }

  #show() {
    const { negative_prompt: negative, seed, album, output_format: format, remove_background: removal } = draft.fields;
    this.#removal.checked = removal;
    const set = [
      negative.trim() && t("composer.negativeSet"),
      seed !== null && t("composer.seedSet", { seed: String(seed) }),
      album && albums.name(album),
      format && FORMATS[/** @type {keyof typeof FORMATS} */ (format)],
      removal && t("composer.removalSet"),
    ].filter(Boolean);
    say(this.#summary, set.join(" · "));
  }
}

/** @param {AbortSignal} signal */
function negativeField(signal) {
  const label = t("composer.negative");
  const area = /** @type {HTMLTextAreaElement} */ (element("textarea", { rows: 2, placeholder: t("composer.negativeExample"), "aria-label": label }));
  const show = () => {
    if (area.value !== draft.fields.negative_prompt) area.value = draft.fields.negative_prompt;
  };
  area.addEventListener("input", () => {
    draft.set("negative_prompt", area.value);
    fieldError("negative-prompt", "");
  });
  draft.addEventListener("change", (event) => /** @type {CustomEvent} */ (event).detail === "negative_prompt" && show(), { signal });
  show();
  return element("div", { id: "negative-prompt", "data-field": true }, element("p", { class: "legend", "aria-hidden": "true" }, label), area);
}

customElements.define("ig-options", Options);
