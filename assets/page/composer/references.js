/** Reference images: dropped, pasted, picked or from the gallery; each may be labelled, moved or taken away. */

import { element, fieldError, say } from "../studio/dom.js";
import { t } from "./language.js";
import { icon } from "../studio/icons.js";
import { draft } from "./draft.js";
import { REFERENCE_TYPE, takeDropped } from "./dropping.js";
import { Faces, pictureFace } from "./faces.js";
import { ReferenceEditor } from "./reference.js";
import { ACCEPTED, MOST, uploads } from "./uploads.js";

const picker = /** @type {HTMLInputElement} */ (
  element("input", { type: "file", accept: ACCEPTED.join(","), multiple: true, hidden: true, "aria-hidden": "true", tabindex: "-1" })
);

/** Open the file picker. */
export const pickReferences = () => picker.click();

/** @typedef {import("./draft.js").DraftReference} DraftReference */

class References extends HTMLElement {
  #count = element("span");
  #row = element("div", { class: "thumbs", role: "list", "aria-label": t("composer.references") });
  #status = element("p", { class: "sr-only", role: "status" });
  #editor = new ReferenceEditor({
    change: (id, change) => draft.set("references", draft.fields.references.map((one) => (one.id === id ? { ...one, ...change } : one))),
    move: (id, step) => this.#move(id, step),
    remove: (id) => this.#remove(id),
  });
  #faces = new Faces();
  #clean = new AbortController();

  connectedCallback() {
    this.id = "references";
    this.dataset.field = "";
    const legend = element("p", { class: "legend" }, element("span", {}, t("composer.references")), this.#count);
    this.replaceChildren(legend, this.#row, this.#editor, this.#status, picker);
    const { signal } = this.#clean;
    picker.onchange = () => {
      void uploads.add([...(picker.files ?? [])]);
      picker.value = "";
    };
    takeDropped(/** @type {HTMLElement} */ (this.closest("#composer")), signal);
    uploads.addEventListener("change", () => this.#render(), { signal });
    uploads.addEventListener("refused", (event) => fieldError(this.id, /** @type {CustomEvent} */ (event).detail), { signal });
    const isOurs = (/** @type {Event} */ event) => /** @type {CustomEvent} */ (event).detail === "references";
    draft.addEventListener("change", (event) => isOurs(event) && this.#render(), { signal });
    document.addEventListener("ig:use-reference", (event) => this.#use(/** @type {CustomEvent} */ (event).detail.imageId), { signal });
    this.#render();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** @param {string} imageId of a picture of the gallery */
  #use(imageId) {
    fieldError(this.id, "");
    const before = draft.fields.references.length;
    uploads.append({ id: imageId, label: "", preview: pictureFace(imageId) });
    if (draft.fields.references.length > before) {
      document.dispatchEvent(new CustomEvent("ig:toast", { detail: { text: t("composer.referenceAdded") } }));
    }
  }

  #render() {
    const { references } = draft.fields;
    say(this.#count, references.length > 0 ? t("composer.referencesOf", { number: references.length, most: MOST }) : "");
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.reference;
    const thumbs = references.map((reference, index) => this.#thumb(reference, index));
    const waits = uploads.waiting.map(({ file, preview }) => waiting(file.name, preview));
    const add = element(
      "button",
      { type: "button", class: "add", "aria-label": t("composer.addReferences"), title: t("composer.addReferencesHow"), onclick: pickReferences },
      icon("plus"),
    );
    if (references.length + waits.length >= MOST) add.hidden = true;
    this.#faces.keep(references);
    this.#row.replaceChildren(...thumbs, ...waits, element("div", { role: "listitem" }, add));
    if (focused) this.#focus(focused);
    this.#editor.follow(references);
  }

  /** @param {DraftReference} reference @param {number} index */
  #thumb(reference, index) {
    const { id, label } = reference;
    const number = element("span", { class: "number", "aria-hidden": "true" }, String(index + 1));
    const name = label ? t("composer.referenceNamed", { number: index + 1, label }) : t("composer.reference", { number: index + 1 });
    const button = element(
      "button",
      {
        type: "button",
        class: "thumb",
        draggable: "true",
        "data-reference": id,
        "aria-label": name,
        "aria-keyshortcuts": "Shift+ArrowLeft Shift+ArrowRight Delete",
        title: t("composer.referenceHow"),
        onclick: () => this.#editor.open(reference, draft.fields.references),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event, id),
        ondragstart: (/** @type {DragEvent} */ event) => event.dataTransfer?.setData(REFERENCE_TYPE, id),
      },
      number,
      this.#faces.of(reference),
      label && element("span", { class: "label" }, label),
    );
    const item = element("div", { role: "listitem" }, button);
    this.#takeMoved(item, id);
    return item;
  }

  /** Another reference let go over this one takes its place. @param {HTMLElement} item @param {string} id */
  #takeMoved(item, id) {
    item.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes(REFERENCE_TYPE)) return;
      event.preventDefault();
      item.toggleAttribute("data-over", true);
    });
    item.addEventListener("dragleave", () => item.removeAttribute("data-over"));
    item.addEventListener("drop", (event) => {
      const moved = event.dataTransfer?.getData(REFERENCE_TYPE);
      item.removeAttribute("data-over");
      if (!moved) return;
      event.preventDefault();
      this.#place(moved, draft.fields.references.findIndex((one) => one.id === id));
    });
  }

  /** @param {KeyboardEvent} event @param {string} id */
  #key(event, id) {
    if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) this.#move(id, event.key === "ArrowLeft" ? -1 : 1);
    else if (event.key === "Delete" || event.key === "Backspace") this.#remove(id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} id @param {number} step */
  #move(id, step) {
    this.#place(id, draft.fields.references.findIndex((one) => one.id === id) + step);
  }

  /** @param {string} id @param {number} place among the references, from 0 */
  #place(id, place) {
    const { references } = draft.fields;
    const moved = references.find((one) => one.id === id);
    if (moved === undefined || place < 0 || place >= references.length) return;
    const others = references.filter((one) => one !== moved);
    draft.set("references", [...others.slice(0, place), moved, ...others.slice(place)]);
    say(this.#status, t("composer.referenceMoved", { place: place + 1, number: references.length }));
  }

  /** @param {string} id */
  #remove(id) {
    fieldError(this.id, "");
    draft.set("references", draft.fields.references.filter((one) => one.id !== id));
    /** @type {HTMLElement | null} */ (this.querySelector(".add"))?.focus();
  }

  /** @param {string} id */
  #focus(id) {
    const thumbs = /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[data-reference]")]);
    thumbs.find((thumb) => thumb.dataset.reference === id)?.focus();
  }
}

/** @param {string} name of the file @param {string} preview */
function waiting(name, preview) {
  const label = t("composer.uploading", { name });
  return element("div", { class: "thumb busy", role: "listitem", "aria-label": label, title: label }, preview && element("img", { src: preview, alt: "" }));
}

customElements.define("ig-references", References);
