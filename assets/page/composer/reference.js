/** What can be done with one reference: say what it is for, move it, cut it out, take it away. */

import { Problem } from "../studio/api.js";
import { cutouts } from "../studio/cutouts.js";
import { element, fieldError } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { cutOutReference } from "./cutting.js";
import { t } from "./language.js";

const LABEL_MAX = 200;

/** @typedef {import("./draft.js").DraftReference} DraftReference */
/**
 * @typedef {{change: (id: string, change: {label: string}) => void, move: (id: string, step: number) => void,
 *   remove: (id: string) => void}} Actions
 */

export class ReferenceEditor extends HTMLElement {
  /** @type {DraftReference | null} */
  #reference = null;
  #actions;
  #cut = element("button", { type: "button", class: "plain", onclick: () => void this.#cutOut() }, icon("scissors"), t("shared.removeBackground"));
  #remove = element("button", { type: "button", class: "plain", onclick: () => this.#actions.remove(this.#id) }, icon("trash"), t("composer.remove"));
  #label = /** @type {HTMLInputElement} */ (
    element("input", { type: "text", maxlength: LABEL_MAX, placeholder: t("composer.labelExample"), "aria-label": t("composer.label") })
  );
  #earlier = this.#tool("left", t("composer.moveEarlier"), -1);
  #later = this.#tool("right", t("composer.moveLater"), 1);

  /** @param {Actions} actions */
  constructor(actions) {
    super();
    this.#actions = actions;
    this.hidden = true;
    this.#label.addEventListener("change", () => this.#actions.change(this.#id, { label: this.#label.value }));
    this.#label.addEventListener("keydown", (event) => {
      if ((event.key !== "Enter" && event.key !== "Escape") || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      this.#actions.change(this.#id, { label: this.#label.value });
      this.#close();
    });
  }

  connectedCallback() {
    this.replaceChildren(this.#label, this.#earlier, this.#later, this.#cut, this.#remove);
  }

  get #id() {
    return this.#reference?.id ?? "";
  }

  /** @param {DraftReference} reference @param {DraftReference[]} references of which it is one */
  open(reference, references) {
    this.#reference = reference;
    if (cutouts.state === "unknown") void cutouts.look();
    this.#label.value = reference.label;
    this.hidden = false;
    this.#label.focus();
    this.#label.select();
    this.follow(references);
  }

  /** Keep to what there is. @param {DraftReference[]} references */
  follow(references) {
    const place = references.findIndex((one) => one.id === this.#id);
    if (place < 0) this.hidden = true;
    this.#cut.hidden = cutouts.state === "missing";
    this.#earlier.toggleAttribute("disabled", place <= 0);
    this.#later.toggleAttribute("disabled", place === references.length - 1);
    this.#mark();
  }

  async #cutOut() {
    if (this.#reference === null || this.#cut.ariaDisabled === "true") return;
    this.#cut.ariaDisabled = "true";
    fieldError("references", "");
    try {
      await cutOutReference(this.#reference);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      fieldError("references", error.message);
    } finally {
      this.#cut.ariaDisabled = null;
    }
  }

  #close() {
    this.hidden = true;
    const thumbs = /** @type {HTMLElement[]} */ ([...(this.parentElement?.querySelectorAll("[data-reference]") ?? [])]);
    this.#mark();
    thumbs.find((thumb) => thumb.dataset.reference === this.#id)?.focus();
  }

  /** Show which thumbnail the editor speaks of. */
  #mark() {
    for (const thumb of this.parentElement?.querySelectorAll("[data-reference]") ?? []) {
      const isThis = !this.hidden && /** @type {HTMLElement} */ (thumb).dataset.reference === this.#id;
      thumb.setAttribute("aria-expanded", String(isThis));
    }
  }

  /** @param {"left" | "right"} name @param {string} label @param {number} step */
  #tool(name, label, step) {
    return element("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: () => this.#actions.move(this.#id, step) }, icon(name));
  }
}

customElements.define("ig-reference-editor", ReferenceEditor);
