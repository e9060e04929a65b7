/** Early states of a picture that is being made: each is faded in over the one before, once it can be painted. */

import { element } from "../studio/dom.js";

const FADE_MS = 450;

export class Preview {
  node = element("div", { class: "early", "aria-hidden": "true" });
  #url = "";

  /** @param {string | null} url of the newest; null where there is none */
  async show(url) {
    if (url === null) return this.#clear();
    if (url === this.#url) return;
    this.#url = url;
    const picture = /** @type {HTMLImageElement} */ (element("img", { alt: "", draggable: "false", src: url }));
    const there = await picture.decode().then(
      () => true,
      () => false, // a newer one has taken its place on the server
    );
    if (!there || url !== this.#url) return;
    const before = [...this.node.children];
    this.node.append(picture);
    const quiet = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const fading = picture.animate([{ opacity: 0 }, { opacity: 1 }], { duration: quiet ? 0 : FADE_MS, easing: "ease-out" });
    fading.addEventListener("finish", () => before.forEach((older) => older.remove()));
  }

  #clear() {
    this.#url = "";
    this.node.replaceChildren();
  }
}
