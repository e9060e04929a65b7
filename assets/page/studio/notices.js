/** Lines above everything that tell of the connection and of what went wrong. */

import { Problem } from "./api.js";
import { element } from "./dom.js";
import { speak, t } from "./i18n.js";
import { icon } from "./icons.js";
import { library } from "./library.js";
import * as words from "../words/studio.js";

speak("studio", words);

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
    t("studio.connectionLost"),
  );
  #problem = element("p", { class: "notice lost", role: "alert", hidden: true });
  #wasLive = false;
  #timer = 0;
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    this.replaceChildren(this.#lost, this.#problem);
    library.addEventListener("live", () => {
      this.#wasLive ||= library.live;
      window.clearTimeout(this.#timer);
      if (library.live) this.#lost.hidden = true;
      else if (this.#wasLive) this.#timer = window.setTimeout(() => (this.#lost.hidden = false), PATIENCE_MS);
    }, { signal });
    notices.addEventListener("problem", (event) => {
      const close = element("button", { type: "button", "aria-label": t("shared.dismiss"), onclick: () => (this.#problem.hidden = true) }, icon("close"));
      const text = /** @type {CustomEvent<string>} */ (event).detail;
      this.#problem.replaceChildren(icon("alert"), element("span", {}, text), close);
      this.#problem.hidden = false;
    }, { signal });
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
    window.clearTimeout(this.#timer);
  }
}

customElements.define("ig-notices", NoticesElement);
