/** Beside the picture: its prompt, what can be done with it, how it was made, and its relatives. */

import { albums } from "../composer/albums.js";
import { styles } from "../composer/styles.js";
import { Problem } from "../studio/api.js";
import { cutouts } from "../studio/cutouts.js";
import { element, say } from "../studio/dom.js";
import { t } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";
import { providers } from "../studio/providers.js";
import { Actions } from "./actions.js";
import { Forbidden, copyText } from "./clipboard.js";
import { factList, timeline } from "./facts.js";
import { lineage } from "./lineage.js";

const SHOWN_MS = 1600;
/** How far a finger moves the handle before the sheet follows. */
const PULL_PX = 18;

/** On a phone it is a sheet: `data-open` shows all of it. */
export class Panel extends HTMLElement {
  #prompt = element("p", { class: "prompt", dir: "auto" });
  #copy = element("button", { type: "button", class: "tool", "aria-label": t("detail.copyPrompt"), title: t("detail.copyPrompt"), onclick: () => this.#copyPrompt() }, icon("copy"));
  #sent = element("p", { dir: "auto" });
  #sentAs = element("details", { hidden: true }, element("summary", {}, t("detail.sentAs")), this.#sent);
  #handle = element("button", { type: "button", class: "handle", "aria-label": t("detail.facts"), "aria-expanded": "false", onclick: (event) => event.detail === 0 && this.unfold() });
  #pulled = 0;
  actions = /** @type {Actions} */ (document.createElement("ig-actions"));
  #more = element("div", { class: "more" });
  #facts = element("div");
  #text = "";
  /** @type {import("./record.js").Look | null} */
  #look = null;
  #clean = new AbortController();

  connectedCallback() {
    const head = element("header", {}, element("h3", {}, t("detail.prompt")), this.#copy);
    this.replaceChildren(this.#handle, element("section", { class: "words" }, head, this.#prompt, this.#sentAs), this.actions, this.#more);
    // Pulled or tapped; the click that follows counts only where it came from the keyboard.
    this.#handle.onpointerdown = (event) => {
      this.#handle.setPointerCapture(event.pointerId);
      this.#pulled = event.clientY;
    };
    this.#handle.onpointerup = (event) => {
      const down = event.clientY - this.#pulled;
      if (Math.abs(down) > PULL_PX) this.unfold(down < 0);
      else this.unfold();
    };
    const { signal } = this.#clean;
    this.addEventListener("focusin", (event) => {
      if (/** @type {HTMLElement} */ (event.target).getBoundingClientRect().bottom > window.innerHeight) this.unfold(true);
    }, { signal });
    // Titles and names that were not known yet, or are others now.
    for (const source of [albums, cutouts, providers, styles]) source.addEventListener("change", () => this.#state(), { signal });
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** Show all of the sheet, or only its top. @param {boolean} [open] without it, the other of the two */
  unfold(open = !this.hasAttribute("data-open")) {
    this.toggleAttribute("data-open", open);
    this.#handle.setAttribute("aria-expanded", String(open));
    if (!open) this.scrollTop = 0;
  }

  /**
   * @param {any} image what is known at once
   * @param {string} title of its job, until the record is here
   * @param {import("./record.js").Look | null} look
   */
  show(image, title, look) {
    this.actions.show(image, look);
    this.#text = look === null ? title : (look.made?.request.prompt ?? "");
    this.#copy.hidden = look === null || this.#text === "";
    say(this.#prompt, this.#text || (look === null ? "" : t("detail.noPrompt")));
    const sent = look?.made?.prompt ?? "";
    this.#sentAs.hidden = sent === "" || sent === this.#text;
    say(this.#sent, sent);
    this.#look = look;
    if (look === null) return this.#more.replaceChildren();
    const album = look.made?.request.album;
    if (album && albums.name(album) === "") void askForAlbums();
    this.#state();
    const parts = [this.#facts, timeline(look.image.timings), lineage(look.image)];
    this.#more.replaceChildren(...parts.filter((part) => part !== null));
  }

  #state() {
    if (this.#look !== null) this.#facts.replaceChildren(factList(this.#look));
  }

  async #copyPrompt() {
    try {
      await copyText(this.#text);
      this.#tell("check", t("shared.copied"));
    } catch (error) {
      if (!(error instanceof Forbidden)) throw error;
      this.#tell("alert", t("detail.copyForbidden"));
    }
  }

  /** @param {Parameters<typeof icon>[0]} shape @param {string} words */
  #tell(shape, words) {
    this.#copy.replaceChildren(icon(shape), element("span", { role: "status" }, words));
    window.setTimeout(() => this.#copy.replaceChildren(icon("copy")), SHOWN_MS);
  }
}

/** Without an answer the album is left out. */
async function askForAlbums() {
  try {
    await albums.load();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

customElements.define("ig-panel", Panel);
