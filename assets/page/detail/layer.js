/** One picture as a layer: its thumbnail at once, the original over it as soon as that can be painted. */

import { element } from "../studio/dom.js";

/** @typedef {{url: string, thumbnail_url: string}} Source */

/** Tells `failed` where the original cannot be loaded. */
export class Layer extends HTMLElement {
  #url = "";

  /** @param {Source} source @param {string} alt */
  show(source, alt) {
    if (source.url === this.#url) return;
    this.#url = source.url;
    this.removeAttribute("data-loaded");
    const thumbnail = element("img", { class: "thumbnail", src: source.thumbnail_url, alt: "", draggable: "false" });
    this.replaceChildren(thumbnail);
    void this.#load(source.url, thumbnail, alt);
  }

  /** Forget the picture: the same one shown again is loaded again. */
  clear() {
    this.#url = "";
    this.replaceChildren();
  }

  /** @param {string} url @param {HTMLElement} thumbnail @param {string} alt */
  async #load(url, thumbnail, alt) {
    const original = /** @type {HTMLImageElement} */ (element("img", { src: url, alt, draggable: "false" }));
    try {
      await original.decode();
    } catch {
      if (url === this.#url) this.dispatchEvent(new CustomEvent("failed", { bubbles: true }));
      return;
    }
    if (url !== this.#url) return;
    this.append(original);
    thumbnail.remove(); // a transparent original would let it show through
    this.toggleAttribute("data-loaded", true);
  }
}

customElements.define("ig-layer", Layer);
