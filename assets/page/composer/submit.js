/** The arithmetic above the button, and the one function that submits: by the button and by ⌘/Ctrl+Enter. */

import { Problem, call, randomKey } from "../studio/api.js";
import { element, fieldError, say } from "../studio/dom.js";
import { draft } from "./draft.js";
import { estimate } from "./estimate.js";
import { library } from "../studio/library.js";
import { uploading } from "./references.js";
import { images, price } from "../studio/words.js";

/** Where a field of the request is shown on the page. */
const SHOWN_AT = {
  prompt: "prompt",
  aspect_ratio: "aspect-ratio",
  image_size: "image-size",
  count: "count",
  model: "model",
  reference_images: "references",
};

class Submit extends HTMLElement {
  #sum = element("span");
  #price = element("strong");
  #label = element("span", {}, "Estimate ", this.#price);
  #error = element("p", { class: "field-error", role: "alert", hidden: true });
  #button = /** @type {HTMLButtonElement} */ (document.querySelector("#generate"));
  #busy = false;
  /** The last submit that got no answer: sent again, it must be known as the same. */
  #unanswered = { body: "", key: "" };
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    this.replaceChildren(element("p", { class: "estimate", role: "status" }, this.#sum, this.#label), this.#error);
    this.#button.addEventListener("click", () => void this.#submit(), { signal });
    window.addEventListener("keydown", (event) => this.#key(event), { signal });
    estimate.addEventListener("change", () => this.#show(), { signal });
    draft.addEventListener("change", () => this.#show(), { signal });
    this.#button.setAttribute("aria-keyshortcuts", "Control+Enter Meta+Enter");
    this.#button.dataset.keys = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘ ↵" : "Ctrl ↵";
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #key(event) {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || event.repeat) return;
    event.preventDefault();
    void this.#submit();
  }

  #show() {
    const { quote, problem } = estimate;
    const { count, image_size: size, aspect_ratio: ratio } = draft.fields;
    say(this.#sum, `${images(quote?.total ?? count)} · ${ratio} · ${size}`);
    const text = quote === null ? "" : price(quote.usd, quote.known);
    say(this.#price, text);
    this.#label.hidden = text === "";
    this.#button.dataset.price = text;
    if (problem !== null && !problem.unanswered) this.#tell(problem);
  }

  async #submit() {
    if (this.#busy) return;
    this.#clear();
    if (uploading > 0) return fieldError("references", "An upload is still under way.");
    const body = draft.request();
    const key = this.#keyFor(JSON.stringify(body));
    this.#setBusy(true);
    try {
      const answer = await call("POST", "/api/generate", { json: body, headers: { "Idempotency-Key": key } });
      this.#unanswered = { body: "", key: "" };
      document.querySelector("#composer")?.removeAttribute("data-open");
      await library.refreshJob(answer.job_id);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!error.unanswered) this.#unanswered = { body: "", key: "" };
      this.#tell(error);
    } finally {
      this.#setBusy(false);
    }
  }

  /** The same words sent again after a lost answer are the same job; otherwise each click is a new one. */
  #keyFor(body) {
    if (this.#unanswered.body !== body) this.#unanswered = { body, key: randomKey() };
    return this.#unanswered.key;
  }

  #setBusy(busy) {
    this.#busy = busy;
    this.#button.setAttribute("aria-busy", String(busy));
  }

  #clear() {
    for (const id of Object.values(SHOWN_AT)) fieldError(id, "");
    this.#error.hidden = true;
  }

  /** Each field's error at the field, everything else above the button. @param {Problem} problem */
  #tell(problem) {
    const elsewhere = [];
    for (const error of problem.errors) {
      const id = SHOWN_AT[error.field.split(".")[0]];
      if (id === undefined) elsewhere.push(error.message);
      else fieldError(id, plain(error));
    }
    const first = problem.errors.map((error) => SHOWN_AT[error.field.split(".")[0]]).find(Boolean);
    if (first === undefined && elsewhere.length === 0) elsewhere.push(problem.message);
    say(this.#error, elsewhere.join(" "));
    this.#error.hidden = elsewhere.length === 0;
    if (first !== undefined && first !== "prompt") document.querySelector("#composer")?.setAttribute("data-open", "");
    if (this.#busy && first !== undefined) /** @type {HTMLElement | null} */ (focusable(first))?.focus();
  }
}

/** The message without the field's name in front: it stands at the field. */
function plain(error) {
  const text = error.message.replace(`${error.field}: `, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const focusable = (id) => document.getElementById(id)?.querySelector("textarea, select, input[type=number], input:checked, button");

customElements.define("ig-submit", Submit);
