/** The choice of a model: how Auto chooses, and every model by its provider, with state, price and what it can do. */

import { element, fieldError, say } from "../studio/dom.js";
import { locale } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";
import { light, standing } from "../studio/light.js";
import { providers } from "../studio/providers.js";
import { unitPrice } from "../studio/words.js";
import { openDialog } from "./dialog.js";
import { draft } from "./draft.js";
import { t } from "./language.js";
import { pace } from "./model.js";
import { narrowed, offersOf } from "./offers.js";
import { failOverSwitch, routingFields } from "./routing.js";
import { phone } from "./sheet.js";

/** A list of more than this can be narrowed. */
const AT_A_GLANCE = 8;
const LIST = "ig-model-list";
const QUALITY = { draft: "models.draftQuality", standard: "models.standardQuality", best: "models.bestQuality" };
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });

/** Open the choice; choosing a model closes it, choosing how Auto chooses does not. */
function openPicker() {
  const picker = /** @type {Picker} */ (document.createElement("ig-models"));
  const dialog = openDialog({ title: t("models.title"), look: "models", content: [picker] });
  picker.addEventListener("chosen", () => dialog.close());
  picker.enter();
}

class Picker extends HTMLElement {
  #filter = /** @type {HTMLInputElement} */ (
    element("input", { type: "search", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-expanded": "true", "aria-controls": LIST, "aria-autocomplete": "list" })
  );
  #search = element("label", { class: "filter" }, icon("search"), this.#filter);
  #list = element("div", { id: LIST, class: "models", role: "listbox", tabindex: "0", "aria-label": t("models.named") });
  #found = element("p", { class: "sr-only", role: "status" });
  #active = "";
  #drawn = "";
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    const heading = element("h3", {}, t("models.named"));
    this.replaceChildren(routingFields(signal), element("div", { class: "by-name" }, heading, this.#search), this.#list, this.#found, failOverSwitch(signal));
    this.#filter.addEventListener("input", () => this.#narrow(), { signal });
    for (const steered of [this.#filter, this.#list]) steered.addEventListener("keydown", (event) => this.#steer(event), { signal });
    this.#list.addEventListener("click", (event) => this.#choose(/** @type {HTMLElement} */ (event.target).closest("[role=option]")), { signal });
    providers.addEventListener("change", () => this.#draw(), { signal });
    draft.addEventListener("change", () => this.#draw(), { signal });
    this.#active = draft.fields.model;
    this.#draw();
    void providers.refresh();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** Focus what is used first; a phone's keyboard would hide the list. */
  enter() {
    (this.#search.hidden || phone.matches ? this.#list : this.#filter).focus({ preventScroll: true });
    this.#mark(true);
  }

  #narrow() {
    this.#draw();
    this.#active = this.#options[0]?.dataset.model ?? "";
    this.#mark(true);
    const count = this.#options.length;
    say(this.#found, count === 0 ? t("models.nothing") : t("models.found", { count }));
  }

  get #options() {
    return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll("[role=option]")]);
  }

  #draw() {
    const all = offersOf(providers.list, draft.fields);
    const number = all.reduce((sum, { offers }) => sum + offers.length, 0);
    this.#search.hidden = number <= AT_A_GLANCE;
    this.#filter.placeholder = t("models.filter", { number });
    this.#filter.setAttribute("aria-label", this.#filter.placeholder);
    const groups = narrowed(all, this.#filter.value);
    const drawn = JSON.stringify([groups.map(({ provider: { id, status, reason }, offers }) => [id, status, reason, offers]), draft.fields.model]);
    if (drawn === this.#drawn) return; // a list that is looked at stays as it is
    this.#drawn = drawn;
    this.#list.replaceChildren(...groups.map(section));
    if (groups.length === 0) this.#list.append(element("p", { class: "nothing" }, t("models.nothing")));
    this.#mark(false);
  }

  /** @param {boolean} inSight */
  #mark(inSight) {
    const active = this.#options.find((option) => option.dataset.model === this.#active);
    for (const option of this.#options) option.toggleAttribute("data-active", option === active);
    for (const steered of [this.#filter, this.#list]) {
      if (active === undefined) steered.removeAttribute("aria-activedescendant");
      else steered.setAttribute("aria-activedescendant", active.id);
    }
    if (inSight) active?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #steer(event) {
    const options = this.#options;
    const at = options.findIndex((option) => option.dataset.model === this.#active);
    const last = options.length - 1;
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      return this.#choose(options[at] ?? null);
    }
    const ends = event.currentTarget === this.#list ? { Home: 0, End: last } : {};
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), ...ends }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#active = options[to]?.dataset.model ?? "";
    this.#mark(true);
  }

  /** @param {HTMLElement | null} option */
  #choose(option) {
    if (option === null || option.ariaDisabled === "true") return;
    fieldError("model", "");
    draft.set("model", option.dataset.model ?? "auto");
    this.dispatchEvent(new Event("chosen"));
  }
}

/** One provider with its models. @param {import("./offers.js").Group} group */
function section({ provider, offers }) {
  const name = `ig-models-of-${provider.id}`;
  const state = provider.status === "ready" ? null : element("span", { class: "state" }, standing(provider.status));
  const reason = provider.reason && element("p", { class: "reason", title: provider.reason }, provider.reason);
  const heading = element("div", { class: "provider", id: name, role: "presentation" }, light(provider), element("strong", {}, provider.title ?? provider.id), state);
  return element("div", { role: "group", "aria-labelledby": name }, heading, reason, ...offers.map((offer) => row(offer, provider)));
}

/** @param {import("./offers.js").Offer} offer @param {any} provider */
function row(offer, provider) {
  const { id, title, usd, quality, retired } = offer;
  const chosen = id === draft.fields.model;
  const note = noteText(offer.note);
  const cost = retired ? "" : unitPrice(usd);
  const { time, usual } = pace(offer);
  const words = quality ? t(QUALITY[quality]) : "";
  const signs = signsOf(offer);
  const by = provider.title === title ? "" : (provider.title ?? provider.id);
  const label = [title, by, note, cost, usual, words, ...signs.map((sign) => sign.title)].filter(Boolean).join(" · ");
  return element(
    "div",
    { role: "option", id: `ig-model-${id}`, "data-model": id, "aria-selected": String(chosen), "aria-disabled": retired ? "true" : null, "aria-label": label },
    chosen ? icon("check") : element("span", { class: "icon" }),
    element("span", { class: "text" }, element("strong", {}, title), element("span", { class: note ? "note" : null }, note || words)),
    element("span", { class: "signs" }, ...signs),
    element("span", { class: "time" }, time),
    element("span", { class: usd === null ? "cost unknown" : "cost" }, cost),
  );
}

/** What it can do, as far as it helps to choose. @param {import("./offers.js").Offer} offer */
function signsOf({ references, fourK, exactSeed }) {
  const sign = (/** @type {string} */ title, /** @type {(Node | string)[]} */ ...content) => element("i", { title }, ...content);
  return [
    references > 0 && sign(t("models.references", { count: references }), icon("photo"), String(references)),
    exactSeed && sign(t("models.exactSeed"), icon("lock")),
    fourK && sign(t("models.fourK"), "4K"),
  ].filter((one) => one !== false);
}

/** @param {import("./offers.js").Offer["note"]} note */
function noteText(note) {
  if (note === null) return "";
  const { kind, value, then } = note;
  if (kind === "references") return t("composer.fewerReferences", { most: value });
  if (kind === "value") return t("composer.cannot", { value });
  if (kind === "seed") return t("models.noSeed");
  const on = day.format(new Date(value));
  if (kind === "retired") return t("composer.retired", { day: on });
  return then ? t("models.until", { day: on, model: then }) : t("models.untilOnly", { day: on });
}

customElements.define("ig-models", Picker);
document.addEventListener("ig:models", openPicker);
