/** Reference images: dropped, pasted, picked or dragged from the gallery; each may be labelled or taken away. */

import { Problem, call } from "../studio/api.js";
import { element, fieldError, say } from "../studio/dom.js";
import { draft } from "./draft.js";
import { icon } from "../studio/icons.js";
import { previewOf } from "./preview.js";

const MOST = 14;
const BYTES_MAX = 20 * 1024 * 1024;
const ACCEPTED = ["image/png", "image/jpeg", "image/webp"];
const LABEL_MAX = 200;
const GALLERY_TYPE = "application/x-imagegen-image";

const picker = /** @type {HTMLInputElement} */ (
  element("input", { type: "file", accept: ACCEPTED.join(","), multiple: true, hidden: true, "aria-hidden": "true", tabindex: "-1" })
);

/** Open the file picker. */
export const pickReferences = () => picker.click();

/** How many uploads are under way. */
export let uploading = 0;

class References extends HTMLElement {
  #count = element("span");
  #row = element("div", { class: "thumbs", role: "list", "aria-label": "References" });
  #editor = element("div", { class: "editor", hidden: true });
  #selected = "";
  #clean = new AbortController();

  connectedCallback() {
    this.id = "references";
    this.dataset.field = "";
    this.replaceChildren(element("p", { class: "legend" }, element("span", {}, "References"), this.#count), this.#row, this.#editor, picker);
    picker.onchange = () => {
      void this.#add([...(picker.files ?? [])]);
      picker.value = "";
    };
    const { signal } = this.#clean;
    const composer = /** @type {HTMLElement} */ (this.closest("#composer"));
    composer.addEventListener("paste", (event) => this.#pasted(event), { signal });
    window.addEventListener("dragover", (event) => this.#over(event, composer), { signal });
    window.addEventListener("dragleave", (event) => event.relatedTarget === null && this.#light(composer, false), { signal });
    window.addEventListener("drop", (event) => this.#dropped(event, composer), { signal });
    draft.addEventListener("change", (event) => /** @type {CustomEvent} */ (event).detail === "references" && this.#render(), { signal });
    this.#render();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void this.#add(files);
  }

  #over(event, composer) {
    const types = event.dataTransfer?.types ?? [];
    if (!types.includes("Files") && !types.includes(GALLERY_TYPE)) return;
    event.preventDefault(); // without it the browser would leave the page for the file
    this.#light(composer, true);
  }

  #dropped(event, composer) {
    this.#light(composer, false);
    const image = event.dataTransfer?.getData(GALLERY_TYPE);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!image && files.length === 0) return;
    event.preventDefault();
    if (image) this.#append({ id: image, label: "", preview: `/api/images/${image}/thumb` });
    else void this.#add(files);
  }

  #light(composer, on) {
    composer.toggleAttribute("data-drop", on);
  }

  /** @param {File[]} files */
  async #add(files) {
    fieldError(this.id, "");
    for (const file of files) {
      const wrong = reasonAgainst(file);
      if (wrong !== "") {
        fieldError(this.id, wrong);
        continue;
      }
      uploading += 1;
      this.#render();
      try {
        const form = new FormData();
        form.append("file", file);
        const [{ id }, preview] = await Promise.all([call("POST", "/api/references", { form }), previewOf(file)]);
        this.#append({ id, label: "", preview });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        fieldError(this.id, `${file.name}: ${error.message}`);
      } finally {
        uploading -= 1;
        this.#render();
      }
    }
  }

  /** @param {import("./draft.js").DraftReference} reference */
  #append(reference) {
    const { references } = draft.fields;
    if (references.some((one) => one.id === reference.id)) return fieldError(this.id, "This picture is already a reference.");
    if (references.length >= MOST) return fieldError(this.id, `At most ${MOST} references.`);
    draft.set("references", [...references, reference]);
  }

  #render() {
    const { references } = draft.fields;
    say(this.#count, references.length > 0 ? `${references.length} of ${MOST}` : "");
    const thumbs = references.map((reference, index) => this.#thumb(reference, index));
    const waits = Array.from({ length: uploading }, () => element("div", { class: "thumb busy", role: "listitem", "aria-label": "Uploading" }));
    const add = element("button", { type: "button", class: "add", "aria-label": "Add references", title: "Add references: drop, paste or choose", onclick: pickReferences }, icon("plus"));
    if (references.length + uploading >= MOST) add.hidden = true;
    this.#row.replaceChildren(...thumbs, ...waits, element("div", { role: "listitem" }, add));
    if (!references.some((one) => one.id === this.#selected)) this.#editor.hidden = true;
  }

  #thumb(reference, index) {
    const face = element("img", { src: reference.preview || null, alt: "" });
    const label = reference.label && element("span", { class: "label" }, reference.label);
    const name = `Reference ${index + 1}${reference.label ? `: ${reference.label}` : ""}, edit`;
    const button = element("button", { type: "button", class: "thumb", "aria-label": name, onclick: () => this.#edit(reference) }, face, label);
    return element("div", { role: "listitem" }, button);
  }

  #edit(reference) {
    this.#selected = reference.id;
    const input = /** @type {HTMLInputElement} */ (
      element("input", { type: "text", maxlength: LABEL_MAX, placeholder: "What is it for? e.g. the product", "aria-label": "Label of the reference" })
    );
    input.value = reference.label;
    input.addEventListener("change", () => this.#change(reference.id, { label: input.value }));
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      this.#change(reference.id, { label: input.value });
      this.#editor.hidden = true;
    });
    const remove = element("button", { type: "button", class: "plain", onclick: () => this.#remove(reference.id) }, "Remove");
    this.#editor.replaceChildren(input, remove);
    this.#editor.hidden = false;
    input.focus();
  }

  #change(id, change) {
    draft.set("references", draft.fields.references.map((one) => (one.id === id ? { ...one, ...change } : one)));
  }

  #remove(id) {
    fieldError(this.id, "");
    draft.set("references", draft.fields.references.filter((one) => one.id !== id));
    /** @type {HTMLElement | null} */ (this.querySelector(".add"))?.focus();
  }
}

/** Why a file cannot be a reference; empty when it may be one. The server looks again, at the bytes. */
function reasonAgainst(file) {
  if (!ACCEPTED.includes(file.type)) return `${file.name} is not a picture that can be used: PNG, JPEG or WebP.`;
  if (file.size > BYTES_MAX) return `${file.name} is larger than 20 MB.`;
  return "";
}

customElements.define("ig-references", References);
