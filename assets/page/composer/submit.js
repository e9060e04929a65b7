/** The arithmetic above the button, and the one function that submits: by the button, by ⌘/Ctrl+Enter, by an example. */

import { Problem, call, randomKey } from "../studio/api.js";
import { element, fieldError, say } from "../studio/dom.js";
import { library } from "../studio/library.js";
import { providers } from "../studio/providers.js";
import { isMac, shortcut } from "../studio/shortcuts.js";
import { images, price } from "../studio/words.js";
import { confirmed } from "./confirm.js";
import { draft } from "./draft.js";
import { estimate } from "./estimate.js";
import { t } from "./language.js";
import { insteadOf } from "./instead.js";
import { openOptions } from "./options.js";
import { afterUse } from "./seed.js";
import { sheet } from "./sheet.js";
import { uploads } from "./uploads.js";
import { whyButton } from "./why.js";

/** The longest that the same request, asked for once more, is taken for the end of a double click. */
const SLIP_MS = 600;

/** Where a field of the request is shown on the page. */
const SHOWN_AT = {
  prompt: "prompt",
  negative_prompt: "negative-prompt",
  aspect_ratio: "aspect-ratio",
  image_size: "image-size",
  count: "count",
  styles: "style",
  model: "model",
  routing: "model",
  budget: "model",
  failover: "model",
  seed: "seed",
  album: "album",
  output_format: "output-format",
  remove_background: "remove-background",
  reference_images: "references",
};
const AMONG_OPTIONS = ["negative-prompt", "seed", "album", "output-format", "remove-background"];

class Submit extends HTMLElement {
  #sum = element("span");
  #price = element("strong");
  #label = element("span", {}, element("span", { class: "sr-only" }, `${t("composer.estimate")} `), this.#price);
  #error = element("p", { class: "field-error", role: "alert", hidden: true });
  #button = /** @type {HTMLButtonElement} */ (document.querySelector("#generate"));
  /** @type {HTMLElement | null} */
  #instead = null;
  #busy = false;
  /** What is on its way, and for a moment what has just been sent. */
  #sent = "";
  /** Whether the button was pressed for something else meanwhile. */
  #again = false;
  /** The last submit that got no answer: sent again, it must be known as the same. */
  #unanswered = { body: "", key: "" };
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    const line = element("p", { role: "status" }, this.#sum, this.#label);
    this.replaceChildren(element("div", { class: "estimate" }, line, ...whyButton(signal)), this.#error);
    say(this.#button, t("composer.generate"));
    this.#button.addEventListener("click", () => void this.#submit(), { signal });
    document.addEventListener("ig:submit", () => void this.#submit(), { signal });
    const forget = shortcut({ keys: "Mod+Enter", label: t("composer.generate"), group: t("composer.anywhere"), run: () => void this.#submit() });
    signal.addEventListener("abort", forget);
    estimate.addEventListener("change", () => this.#show(), { signal });
    draft.addEventListener("change", () => this.#show(), { signal });
    this.#button.setAttribute("aria-keyshortcuts", "Control+Enter Meta+Enter");
    this.#button.dataset.keys = isMac ? "⌘ ↵" : "Ctrl ↵";
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
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

  /** A press while another is on its way is kept where it asks for something else, and a slip where it does not. */
  async #submit() {
    const body = JSON.stringify(draft.request());
    if (body === this.#sent) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#clear();
    if (uploads.waiting.length > 0) return fieldError("references", t("composer.stillUploading"));
    this.#setBusy(true);
    this.#sent = body;
    try {
      if (await confirmed(await estimate.settled())) await this.#send(body);
      else this.#sent = "";
    } catch (error) {
      this.#sent = "";
      if (!(error instanceof Problem)) throw error;
      if (!error.unanswered) this.#unanswered = { body: "", key: "" };
      this.#tell(error);
      this.#goTo(error);
    } finally {
      this.#setBusy(false);
    }
    if (!this.#again) return;
    this.#again = false;
    await this.#submit();
  }

  /** @param {string} body the request as JSON, as it stood at the press @throws {Problem} */
  async #send(body) {
    const headers = { "Idempotency-Key": this.#keyFor(body) };
    const answer = await call("POST", "/api/generate", { json: JSON.parse(body), headers });
    this.#unanswered = { body: "", key: "" };
    void providers.refresh();
    if (JSON.stringify(draft.request()) === body) {
      afterUse();
      const slip = (this.#sent = JSON.stringify(draft.request()));
      window.setTimeout(() => this.#sent === slip && (this.#sent = ""), SLIP_MS);
    } else this.#sent = "";
    sheet.close();
    if (answer.message) document.dispatchEvent(new CustomEvent("ig:toast", { detail: { text: answer.message } }));
    void library.refreshJob(answer.job_id);
  }

  /** The same words sent again after a lost answer are the same job; otherwise each click is a new one. @param {string} body */
  #keyFor(body) {
    if (this.#unanswered.body !== body) this.#unanswered = { body, key: randomKey() };
    return this.#unanswered.key;
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy;
    this.#button.setAttribute("aria-busy", String(busy));
  }

  #clear() {
    for (const id of Object.values(SHOWN_AT)) fieldError(id, "");
    this.#error.hidden = true;
    this.#instead?.remove();
  }

  /** Each field's error at the field, everything else above the button. @param {Problem} problem */
  #tell(problem) {
    const elsewhere = [];
    for (const error of problem.errors) {
      const id = placeOf(error);
      if (id === undefined) elsewhere.push(error.message);
      else fieldError(id, plain(error));
    }
    if (problem.errors.length === 0) elsewhere.push(problem.message);
    say(this.#error, elsewhere.join(" "));
    this.#error.hidden = elsewhere.length === 0;
    this.#instead?.remove();
    this.#instead = insteadOf(problem.alternatives, (change) => void this.#take(change));
    if (this.#instead !== null) this.#error.after(this.#instead);
  }

  /** What was refused, with a change that is allowed: shown in the composer, and sent. @param {Record<string, any>} change */
  async #take(change) {
    if (change.should_generate !== false) {
      draft.fill(change);
      return this.#submit();
    }
    this.#clear();
    try {
      const { message } = await call("POST", "/api/generate", { json: { ...draft.request(), ...change } });
      document.dispatchEvent(new CustomEvent("ig:toast", { detail: { text: message } }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#tell(error);
    }
  }

  /** To the first field at fault, wherever it is. @param {Problem} problem */
  #goTo(problem) {
    const id = problem.errors.map(placeOf).find(Boolean);
    if (id === undefined) return;
    if (AMONG_OPTIONS.includes(id)) return openOptions(id);
    if (id !== "prompt") sheet.show(`#${id}`);
    /** @type {HTMLElement | null | undefined} */ (document.getElementById(id)?.querySelector("textarea, select, input[type=number], input:checked, button"))?.focus();
  }
}

/** The id of the element that shows a field. @param {import("../studio/api.js").FieldError} error @returns {string | undefined} */
const placeOf = (error) => SHOWN_AT[/** @type {keyof typeof SHOWN_AT} */ (error.field.split(".")[0])];

/** The message without the field's name in front: it stands at the field. @param {import("../studio/api.js").FieldError} error */
function plain(error) {
  const text = error.message.replace(`${error.field}: `, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

customElements.define("ig-submit", Submit);
