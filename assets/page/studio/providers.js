/** The models that can be chosen, fetched once and again when the server is back. */

import { Problem, get } from "./api.js";
import { library } from "./library.js";

/** How they stand is asked for this often while somebody looks, in milliseconds, and not oftener than that after a failure. */
const EVERY_MS = 60_000;
const AT_MOST_MS = 2000;
/** What an event tells of a task whose provider may be in trouble. */
const TROUBLE = ["retrying", "failed", "interrupted"];

/** Tells `change` when the list is known. */
class Providers extends EventTarget {
  /** @type {any[]} */
  list = [];
  /** When the list was read, as `performance.now` has it. */
  #read = -Infinity;
  /** @type {Promise<void> | null} */
  #waiting = null;

  constructor() {
    super();
    library.addEventListener("live", () => library.live && void this.load());
    library.addEventListener("event", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail));
    window.setInterval(() => performance.now() - this.#read >= EVERY_MS && void this.refresh(), EVERY_MS / 4);
  }

  /** Ask how they stand, unless that was just asked or nobody looks. @returns {Promise<void>} */
  async refresh() {
    if (document.hidden || !library.live) return;
    const wait = this.#read + AT_MOST_MS - performance.now();
    this.#waiting ??= new Promise((resolve) => window.setTimeout(resolve, Math.max(0, wait))).then(() => {
      this.#waiting = null;
      return this.load();
    });
    await this.#waiting;
  }

  /** @param {import("./stream.js").LogEvent} event */
  #hear({ kind, status, step }) {
    if (kind === "task" && (TROUBLE.includes(status) || step === "rerouted")) void this.refresh();
  }

  /** Seconds until a provider is tried again that does not answer or asked to wait; null where it is not held up. @param {string} id */
  nextTry(id) {
    const provider = this.list.find((one) => one.id === id);
    if (provider === undefined || !["down", "limited"].includes(provider.status)) return null;
    const gone = (performance.now() - this.#read) / 1000;
    return Math.max(0, (provider.reopens_in ?? 0) - gone, (provider.limits?.paused_for ?? 0) - gone);
  }

  async load() {
    try {
      this.list = (await get("/api/providers")).providers;
      this.#read = performance.now();
      this.dispatchEvent(new Event("change"));
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // asked again when the stream is back
    }
  }

  /** @param {string} id */
  title(id) {
    return this.list.find((provider) => provider.id === id)?.title ?? id;
  }

  /** The record of a model with its provider's title, or null. @param {string} id */
  model(id) {
    for (const provider of this.list) {
      for (const model of provider.models) {
        if (model.id === id) return { ...model, provider: provider.id, providerTitle: provider.title ?? provider.id };
      }
    }
    return null;
  }

  /** Whether it draws offline sketches, which stand in for pictures. @param {string} id */
  standsIn(id) {
    return this.list.some((provider) => provider.id === id && provider.stand_in);
  }

  /** Whether only the offline sketches can be had. */
  get onlySketch() {
    return this.list.length > 0 && this.list.every((provider) => provider.stand_in);
  }
}

export const providers = new Providers();
