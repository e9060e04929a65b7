/** The button that takes the background away, what it is doing, and how it should do it. */

import { Problem } from "../studio/api.js";
import { cutouts } from "../studio/cutouts.js";
import { element, say } from "../studio/dom.js";
import { t } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { toast } from "../studio/toast.js";
import { fileSize } from "./facts.js";

const BACKGROUNDS = /** @type {const} */ ({ transparent: null, white: "#ffffff", black: "#000000" });

/** Tells `act` like the other actions; shows the state of the picture given to `show`. */
class CutoutControl extends HTMLElement {
  #image = /** @type {any} */ (null);
  #isCutout = false;
  #message = "";
  #label = element("span", {}, t("shared.removeBackground"));
  #button = element("button", { type: "button", "data-act": "cutout", "aria-keyshortcuts": "B" }, icon("scissors"), this.#label, element("kbd", { "aria-hidden": "true" }, "B"));
  #more = element(
    "button",
    { type: "button", class: "more", "aria-label": t("detail.cutoutChoices"), title: t("detail.cutoutChoices"), "aria-expanded": "false", onclick: () => this.#unfold() },
    icon("chevron"),
  );
  #status = element("p", { class: "status", role: "status" });
  #choices = element("div", { class: "choices", hidden: true });
  #clean = new AbortController();

  connectedCallback() {
    this.replaceChildren(element("div", { class: "pair" }, this.#button, this.#more), this.#status, this.#choices);
    const { signal } = this.#clean;
    this.#button.addEventListener("click", () => void this.#start(), { signal });
    cutouts.addEventListener("change", () => this.#render(), { signal });
    library.addEventListener("change", () => this.#learn(), { signal });
    cutouts.addEventListener("ended", (event) => this.#ended(/** @type {CustomEvent} */ (event).detail), { signal });
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** @param {any} image @param {boolean} isCutout @param {string | null} notice what its record says of how it came out */
  show(image, isCutout, notice) {
    const other = this.#image?.id !== image.id;
    this.#image = image;
    this.#isCutout = isCutout;
    if (other) this.#recall();
    if (this.#message === "" && notice !== null) this.#message = notice;
    this.#render();
  }

  async #start() {
    if (this.#image === null || this.#reason() !== "") return;
    const { id } = this.#image;
    this.#message = "";
    try {
      await cutouts.start(id);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (id === this.#image.id) this.#tell(error.message, true);
    }
  }

  /** Why it cannot be done now; empty when it can. */
  #reason() {
    if (this.#isCutout) return t("detail.cutoutAlready");
    if (this.#image !== null && cutouts.running(this.#image.id)) return t("detail.cutoutWaits");
    return cutouts.state === "missing" ? t("detail.cutoutMissing") : "";
  }

  /** @param {import("../studio/cutouts.js").Ending} ending */
  #ended({ imageId, status, error, notice }) {
    if (imageId !== this.#image?.id) return;
    if (status === "completed") this.#tell([t("detail.cutoutDone"), notice].filter(Boolean).join(" "), false);
    else if (status === "cancelled") this.#tell(t("detail.cutoutCancelled"), true);
    else this.#tell(error ?? t("detail.cutoutFailed"), true);
  }

  /** Jobs of before may be known only after the picture is shown. */
  #learn() {
    if (this.#message === "" && this.closest("dialog")?.open && !cutouts.running(this.#image?.id)) this.#recall();
  }

  /** An earlier try that came to nothing is told as long as nothing better has come. */
  #recall() {
    if (this.#image === null) return;
    this.#message = "";
    this.classList.remove("failed");
    const last = this.#image.cutout_id === null ? cutouts.lastOf(this.#image.id) : null;
    if (last?.status === "failed") this.#tell(last.error ?? t("detail.cutoutFailed"), true);
  }

  /** @param {string} message @param {boolean} failed */
  #tell(message, failed) {
    this.#message = message;
    this.classList.toggle("failed", failed);
    this.#render();
  }

  #render() {
    if (this.#image === null) return;
    const reason = this.#reason();
    const running = cutouts.running(this.#image.id);
    this.#button.ariaDisabled = reason === "" ? null : "true";
    this.#button.title = reason;
    this.#button.toggleAttribute("data-busy", running);
    this.#more.hidden = this.#isCutout || cutouts.models.length === 0;
    if (this.#more.hidden) this.#choices.hidden = true;
    if (running) this.classList.remove("failed");
    say(this.#status, running ? t(cutouts.state === "ready" ? "detail.cutoutRunning" : "detail.cutoutPreparing") : this.#message);
    if (!this.#choices.hidden) this.#renderChoices();
  }

  #unfold() {
    this.#choices.hidden = !this.#choices.hidden;
    this.#more.setAttribute("aria-expanded", String(!this.#choices.hidden));
    if (!this.#choices.hidden) this.#renderChoices();
  }

  /** Built anew at each change; what had the focus gets it back. */
  #renderChoices() {
    const focused = this.#choices.contains(document.activeElement) ? document.activeElement?.id : null;
    const models = element("div", { class: "models", role: "group", "aria-label": t("detail.model") }, ...cutouts.models.map((model) => this.#model(model)));
    const fine = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", id: "cutout-fine" }));
    fine.checked = cutouts.options.alpha_matting;
    fine.addEventListener("change", () => cutouts.choose({ alpha_matting: fine.checked }));
    const behind = Object.entries(BACKGROUNDS).map(([name, colour]) => this.#background(name, colour));
    this.#choices.replaceChildren(
      models,
      element("label", { class: "check" }, fine, t("detail.fineEdges")),
      element("div", { class: "behind", role: "group", "aria-label": t("detail.behind") }, ...behind),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  #model(model) {
    const radio = /** @type {HTMLInputElement} */ (
      element("input", { type: "radio", name: "cutout-model", id: `cutout-${model.id}`, disabled: !model.installed })
    );
    radio.checked = cutouts.model?.id === model.id;
    radio.addEventListener("change", () => cutouts.choose({ model: model.id }));
    const words = element("span", {}, element("strong", {}, model.title), element("small", {}, `${model.licence} · ${fileSize(model.bytes)}`));
    const row = element("div", { class: "model" }, element("label", {}, radio, words));
    if (model.progress !== null) row.append(this.#progress(model));
    else if (!model.installed) row.append(this.#fetch(model));
    if (model.error) row.append(element("p", { class: "field-error", role: "alert" }, model.error));
    return row;
  }

  #progress(model) {
    const percent = Math.floor(100 * model.progress);
    const fill = element("i");
    fill.style.width = `${percent}%`;
    const label = t("detail.fetching", { title: model.title, percent });
    return element("span", { class: "bar", role: "progressbar", "aria-valuenow": percent, "aria-label": label, title: label }, fill);
  }

  #fetch(model) {
    const label = t("detail.fetchModel", { title: model.title, size: fileSize(model.bytes) });
    const get = () => void cutouts.fetchModel(model.id).catch((problem) => toast(problem.message));
    return element("button", { type: "button", class: "get", id: `cutout-get-${model.id}`, "aria-label": label, title: label, onclick: get }, icon("download"));
  }

  #background(name, colour) {
    const radio = /** @type {HTMLInputElement} */ (element("input", { type: "radio", name: "cutout-behind", id: `cutout-${name}` }));
    radio.checked = cutouts.options.background === colour;
    radio.addEventListener("change", () => cutouts.choose({ background: colour }));
    return element("label", {}, radio, element("i", { class: name, "aria-hidden": "true" }), t(`detail.${name}`));
  }
}

customElements.define("ig-cutout", CutoutControl);
