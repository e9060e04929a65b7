/** One picture, closely: a dialog over the studio, opened by `ig:open` or by the address `?image=ID`. */

import { Problem } from "../studio/api.js";
import { cutouts } from "../studio/cutouts.js";
import { element, say } from "../studio/dom.js";
import { speak, t } from "../studio/i18n.js";
import { library } from "../studio/library.js";
import * as words from "../words/detail.js";
import { addressed, enter, leave } from "./address.js";
import { Controls } from "./controls.js";
import { list, meaning } from "./keys.js";
import { Modes } from "./modes.js";
import { neighbours } from "./neighbours.js";
import { Panel } from "./panel.js";
import { isCutout, lookUp, sidesOf } from "./record.js";
import { Trouble } from "./trouble.js";
import { Viewer } from "./viewer.js";

speak("detail", words);

const FACTS_KEY = "imagegen.facts";
/** Where the handle between before and after rests. */
const HALF = 0.5;
const PHONE = window.matchMedia("(width <= 760px)");

class Detail extends HTMLElement {
  /** @type {string | null} of the picture that is open */
  #id = null;
  /** @type {import("./record.js").Look | null} */
  #look = null;
  /** Whether the library knows the picture: one that is opened by its address may be older than what is loaded. */
  #listed = false;
  #leaving = false; // while it goes to the trash: that it is gone is then no news
  #goesBack = true;
  /** @type {{previous: string | null, next: string | null}} */
  #beside = { previous: null, next: null };
  /** @type {Promise<unknown> | null} the newest question about what is beside it: an older answer counts no more */
  #asked = null;
  #viewer = /** @type {Viewer} */ (document.createElement("ig-viewer"));
  #panel = /** @type {Panel} */ (document.createElement("ig-panel"));
  #title = element("h2", { class: "sr-only", id: "detail-title" });
  #modes = /** @type {Modes} */ (document.createElement("ig-modes"));
  #trouble = /** @type {Trouble} */ (document.createElement("ig-trouble"));
  #dialog = /** @type {HTMLDialogElement} */ (element("dialog", { class: "detail", tabindex: "-1", "aria-labelledby": "detail-title" }));
  #clean = new AbortController();
  #moves = {
    close: () => this.#shut(),
    previous: () => this.#step(-1),
    next: () => this.#step(1),
    zoomIn: () => this.#viewer.zoomIn(),
    zoomOut: () => this.#viewer.zoomOut(),
    fitOrFull: () => this.#viewer.fitOrFull(),
    facts: () => this.#toggleFacts(),
  };
  #controls = new Controls(this.#moves, this.#modes);

  connectedCallback() {
    const { signal } = this.#clean;
    const { bar, previous, next, zoom } = this.#controls;
    const stage = element("div", { class: "stage" }, this.#viewer, bar, previous, next, zoom, this.#trouble);
    this.#dialog.replaceChildren(this.#title, stage, this.#panel, document.createElement("ig-toasts"));
    this.replaceChildren(this.#dialog);
    this.#modes.hidden = true;
    this.#dialog.toggleAttribute("data-facts", localStorage.getItem(FACTS_KEY) !== "off");
    document.addEventListener("keydown", (event) => this.#key(event), { signal }); // a click on the picture leaves the focus nowhere
    this.#dialog.addEventListener("close", () => this.#closed(), { signal });
    this.#modes.addEventListener("mode", () => (this.#viewer.mode = this.#modes.value), { signal });
    this.#viewer.addEventListener("view", () => this.#controls.showScale(this.#viewer.scale), { signal });
    this.#viewer.addEventListener("step", (event) => void this.#step(/** @type {CustomEvent} */ (event).detail), { signal });
    this.#viewer.addEventListener("failed", () => this.#failed(t("detail.noFile"), ""), { signal });
    this.#panel.actions.addEventListener("away", () => this.#shut(false), { signal });
    this.#panel.actions.addEventListener("leaving", (event) => (this.#leaving = /** @type {CustomEvent} */ (event).detail), { signal });
    this.#panel.actions.addEventListener("deleted", () => void this.#deleted(), { signal });
    document.addEventListener("ig:open", (event) => void this.#open(/** @type {CustomEvent} */ (event).detail.imageId), { signal });
    window.addEventListener("popstate", () => this.#follow(), { signal });
    library.addEventListener("change", () => void this.#refresh(), { signal });
    cutouts.addEventListener("ended", (event) => /** @type {CustomEvent} */ (event).detail.imageId === this.#id && void this.#load(), { signal });
    signal.addEventListener("abort", list());
    this.#follow();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** The address decides: opened by Back, Forward or a link, closed by Back. */
  #follow() {
    const id = addressed();
    if (id !== null) void this.#open(id);
    else this.#shut();
  }

  /** @param {string} id */
  async #open(id) {
    if (id === this.#id && this.#dialog.open) return;
    this.#id = id;
    this.#look = null;
    this.#leaving = false;
    this.#listed = library.records.images.has(id);
    this.#viewer.reset();
    if (!this.#dialog.open) {
      this.#panel.unfold(false);
      this.#dialog.querySelector("ig-toasts")?.replaceChildren(); // what led here
      this.#dialog.showModal();
      this.#dialog.focus();
      void cutouts.look();
    }
    await enter(id);
    this.#show();
    void this.#findBeside();
    await this.#load();
  }

  /** Ask for the record, which also tells that the picture is still there. */
  async #load() {
    const id = this.#id;
    if (id === null || !this.#dialog.open) return;
    try {
      const look = await lookUp(id);
      if (id !== this.#id) return;
      const news = this.#look !== null && this.#look.image.cutout_id !== look.image.cutout_id;
      this.#look = look;
      if (!this.#viewer.lost) this.#trouble.hidden = true;
      this.#show();
      if (news && look.image.cutout_id !== null) this.#viewer.reveal(HALF);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (id !== this.#id) return;
      if (error.status === 404 || error.status === 422) this.#gone();
      else if (this.#look === null) this.#failed(t("detail.lost"), error.message);
    }
  }

  /** After a change of the library: only what is shown of this picture may have become untrue. */
  async #refresh() {
    if (this.#id === null || this.#leaving) return;
    void this.#findBeside(); // also while the record is on its way: the list may have come first, and once
    if (this.#look === null) return;
    const known = library.records.images.get(this.#id);
    const lost = this.#listed && known === undefined;
    this.#listed = known !== undefined;
    say(this.#title, this.#name());
    if (lost || (known !== undefined && known.cutout_id !== this.#look.image.cutout_id)) await this.#load();
  }

  #show() {
    const image = this.#look?.image ?? library.records.images.get(this.#id ?? "");
    say(this.#title, this.#name());
    if (image === undefined) return;
    const [before, after] = sidesOf(image, this.#look);
    const fresh = this.#viewer.dataset.imageId !== image.id || (after !== null) !== !this.#modes.hidden;
    this.#modes.hidden = after === null; // before the viewer measures what it leaves free
    this.#viewer.dataset.imageId = image.id;
    this.#dialog.toggleAttribute("data-gone", false);
    this.#viewer.transparent = isCutout(image);
    this.#viewer.show(image, before, after, this.#name());
    if (fresh) {
      this.#viewer.split = HALF;
      this.#showMode(after === null ? "before" : isCutout(image) ? "after" : "compare");
    }
    this.#panel.show(image, library.records.jobs.get(image.job_id)?.title ?? "", this.#look);
  }

  /** @param {import("./viewer.js").Mode} mode */
  #showMode(mode) {
    this.#viewer.mode = mode;
    this.#modes.value = mode;
  }

  #name() {
    const job = library.records.jobs.get((this.#look?.image ?? library.records.images.get(this.#id ?? ""))?.job_id);
    return job?.title || t("detail.title");
  }

  async #findBeside() {
    if (this.#id === null) return;
    const asked = (this.#asked = neighbours(this.#id));
    const beside = await asked;
    if (asked === this.#asked) this.#controls.showBeside((this.#beside = beside));
  }

  /** @param {number} step */
  async #step(step) {
    const id = step < 0 ? this.#beside.previous : this.#beside.next;
    if (id !== null) await this.#open(id);
  }

  /** On to the next picture, or where there is none, back to the gallery. */
  async #deleted() {
    const id = this.#beside.next ?? this.#beside.previous;
    await (id === null ? this.#shut() : this.#open(id));
  }

  #reload() {
    this.#trouble.hidden = true;
    this.#viewer.reset();
    this.#show();
    void this.#load();
  }

  #gone() {
    this.#look = null;
    this.#viewer.reset();
    this.#modes.hidden = true;
    this.#dialog.toggleAttribute("data-gone", true);
    this.#trouble.tell(t("detail.gone"), t("detail.goneMore"), t("shared.close"), () => this.#shut());
  }

  #failed(title, more) {
    this.#trouble.tell(title, more, t("shared.retry"), () => this.#reload());
  }

  #toggleFacts() {
    if (PHONE.matches) return this.#panel.unfold();
    const on = this.#dialog.toggleAttribute("data-facts");
    localStorage.setItem(FACTS_KEY, on ? "on" : "off");
  }

  /** @param {boolean} back whether the focus goes back to the picture's tile */
  #shut(back = true) {
    this.#goesBack = back;
    if (this.#dialog.open) this.#dialog.close();
  }

  #closed() {
    const tile = document.querySelector(`[data-image-id="${CSS.escape(this.#id ?? "")}"]`);
    const focusable = /** @type {HTMLElement | null} */ (tile?.querySelector("a, button") ?? null);
    if (this.#goesBack) focusable?.focus();
    this.#goesBack = true;
    this.#id = null;
    this.#look = null;
    this.#trouble.hidden = true;
    this.#viewer.reset();
    leave();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const onTop = this.#dialog.open && document.querySelectorAll(":modal").length === 1;
    const meant = onTop ? meaning(event) : null;
    if (meant === null) return;
    event.preventDefault();
    event.stopPropagation();
    if ("act" in meant) this.#panel.actions.press(meant.act);
    else this.#moves[meant.move]();
  }
}

customElements.define("ig-detail", Detail);
