/** What the draft would cost, asked of the server whenever something changes that the price depends on. */

import { Problem, call } from "../studio/api.js";
import { draft } from "./draft.js";
import { library } from "../studio/library.js";

const SETTLE_MS = 200;

/** Tells `change` when there is another quote, or a refusal. */
class Estimate extends EventTarget {
  /** @type {any} the server's quote; null while there is none */
  quote = null;
  /** @type {Problem | null} why there is none */
  problem = null;
  #timer = 0;
  #asked = 0;

  start() {
    draft.addEventListener("change", (event) => {
      if (/** @type {CustomEvent<string>} */ (event).detail !== "prompt") this.#soon();
    });
    library.addEventListener("live", () => library.live && this.#soon());
  }

  #soon() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), SETTLE_MS);
  }

  async #ask() {
    const asked = (this.#asked += 1);
    let quote = null;
    let problem = null;
    try {
      // A price does not depend on the words, and words need not travel at each keystroke: any will do.
      quote = await call("POST", "/api/quote", { json: { ...draft.request(), prompt: "price" } });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem = error;
    }
    if (asked !== this.#asked) return; // a later question is under way
    this.quote = quote;
    this.problem = problem;
    this.dispatchEvent(new Event("change"));
  }
}

export const estimate = new Estimate();
