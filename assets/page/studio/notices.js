/** Lines above everything that tell of the connection, of missing keys and of what went wrong. */

import { Problem } from "./api.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { library } from "./library.js";
import { providers } from "./providers.js";

/** Another tab taking over the stream is no loss worth telling. */
const PATIENCE_MS = 800;

class Notices extends EventTarget {
  /** Tell of a refused action. @param {unknown} problem */
  tell(problem) {
    if (!(problem instanceof Problem)) throw problem;
    this.dispatchEvent(new CustomEvent("problem", { detail: problem.message }));
  }
}

export const notices = new Notices();

class NoticesElement extends HTMLElement {
  #lost = element(
    "p",
    { class: "notice lost", role: "status", hidden: true },
    icon("alert"),
    "Connection lost. What you typed is kept; the page catches up by itself.",
  );
  #sketch = element(
    "p",
    { class: "notice", hidden: true },
    icon("spark"),
    "No provider key is set: pictures are offline sketches. Set GEMINI_API_KEY and start again.",
  );
  #problem = element("p", { class: "notice lost", role: "alert", hidden: true });
  #wasLive = false;
  #timer = 0;

  connectedCallback() {
    this.replaceChildren(this.#lost, this.#problem, this.#sketch);
    library.addEventListener("live", () => {
      this.#wasLive ||= library.live;
      window.clearTimeout(this.#timer);
      if (library.live) this.#lost.hidden = true;
      else if (this.#wasLive) this.#timer = window.setTimeout(() => (this.#lost.hidden = false), PATIENCE_MS);
    });
    providers.addEventListener("change", () => (this.#sketch.hidden = !providers.onlySketch));
    notices.addEventListener("problem", (event) => {
      const close = element("button", { type: "button", "aria-label": "Dismiss", onclick: () => (this.#problem.hidden = true) }, icon("close"));
      const text = /** @type {CustomEvent<string>} */ (event).detail;
      this.#problem.replaceChildren(icon("alert"), element("span", {}, text), close);
      this.#problem.hidden = false;
    });
  }
}

customElements.define("ig-notices", NoticesElement);
