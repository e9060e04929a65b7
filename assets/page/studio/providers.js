/** The models that can be chosen, fetched once and again when the server is back. */

import { Problem, get } from "./api.js";
import { library } from "./library.js";

/** Tells `change` when the list is known. */
class Providers extends EventTarget {
  /** @type {any[]} */
  list = [];

  constructor() {
    super();
    library.addEventListener("live", () => library.live && void this.load());
  }

  async load() {
    try {
      this.list = (await get("/api/providers")).providers;
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

  /** Whether only the offline sketches can be had. */
  get onlySketch() {
    return this.list.length > 0 && this.list.every((provider) => provider.id === "sketch");
  }
}

export const providers = new Providers();
