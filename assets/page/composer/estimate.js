/** What the draft would cost, asked of the server whenever something changes that the price depends on. */

import { Problem, call } from "../studio/api.js";
import { draft } from "./draft.js";
import { library } from "../studio/library.js";
import { providers } from "../studio/providers.js";

const SETTLE_MS = 200;
/** The price depends on none of these, and a person's words need not travel at each keystroke. */
const UNPRICED = ["prompt", "negative_prompt", "album", "seed_locked"];

/** Tells `change` when there is another quote, or a refusal. */
class Estimate extends EventTarget {
  /** @type {any} the server's quote; null while there is none */
  quote = null;
  /** @type {Problem | null} why there is none */
  problem = null;
  #timer = 0;
  #asked = 0;
  /** Whether what is shown is the answer to the draft as it stands. */
  #current = false;
  /** Who could be asked when the quote was made, and who of them answered. */
  #standing = "";

  start() {
    draft.addEventListener("change", (event) => {
      if (!UNPRICED.includes(/** @type {CustomEvent<string>} */ (event).detail)) this.#soon();
    });
    library.addEventListener("live", () => library.live && this.#soon());
    providers.addEventListener("change", () => {
      const standing = providers.list.map(({ id, status }) => `${id} ${status}`).join();
      if (this.#standing !== "" && standing !== this.#standing) this.#soon();
      this.#standing = standing;
    });
  }

  /** The quote for the draft as it stands now; null where it is refused or the server does not answer. */
  async settled() {
    window.clearTimeout(this.#timer);
    if (!this.#current) await this.#ask();
    return this.quote;
  }

  #soon() {
    this.#current = false;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), SETTLE_MS);
  }

  async #ask() {
    const asked = (this.#asked += 1);
    const { negative_prompt: _, album: __, ...priced } = /** @type {any} */ (draft.request());
    let quote = null;
    let problem = null;
    try {
      quote = await call("POST", "/api/quote", { json: { ...priced, prompt: "price" } });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem = error;
    }
    if (asked !== this.#asked) return; // a later question is under way
    this.quote = quote;
    this.problem = problem;
    this.#current = quote !== null;
    this.dispatchEvent(new Event("change"));
  }
}

export const estimate = new Estimate();
