/**
 * The model: Auto first, then what the providers offer, each with its provider, its state and the price of one picture.
 *
 * A native `<select>`, whose list browsers that can let a style sheet draw; the others show theirs.
 */

import { element, fieldError, say } from "../studio/dom.js";
import { locale } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";
import { providers } from "../studio/providers.js";
import { price, unitPrice } from "../studio/words.js";
import { draft } from "./draft.js";
import { estimate } from "./estimate.js";
import { t } from "./language.js";

/** What the price of a model's picture depends on, and whether the model can do what is asked. */
const DEPENDS_ON = ["aspect_ratio", "image_size", "references", "model"];

class Model extends HTMLElement {
  #select = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": t("composer.model") }));
  #label = element("label", { id: "model" });
  #title = element("strong");
  #by = element("span");
  #price = element("strong");
  #unit = element("span");
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    const text = element("span", { class: "text" }, this.#title, this.#by);
    const cost = element("span", { class: "cost" }, this.#price, this.#unit);
    const face = element("span", { class: "face", "aria-hidden": "true" }, element("span", { class: "emblem" }, icon("spark")), text, cost, icon("chevrons"));
    this.#label.replaceChildren(this.#select, face);
    this.dataset.field = "";
    this.replaceChildren(element("p", { class: "legend", "aria-hidden": "true" }, t("composer.model")), this.#label);
    this.#select.addEventListener("change", () => {
      draft.set("model", this.#select.value);
      fieldError("model", "");
    });
    providers.addEventListener("change", () => this.#fill(), { signal });
    draft.addEventListener("change", (event) => DEPENDS_ON.includes(/** @type {CustomEvent} */ (event).detail) && this.#fill(), { signal });
    estimate.addEventListener("change", () => this.#show(), { signal });
    this.#fill();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #fill() {
    const { model: chosen } = draft.fields;
    const rows = [{ id: "auto", title: t("composer.auto"), about: t("composer.autoHow"), cost: "", disabled: false }];
    for (const provider of providers.list) {
      const shown = provider.models.filter((model) => model.status !== "retired" || model.id === chosen);
      rows.push(...shown.map((model) => rowOf(provider, model)));
    }
    const known = rows.some((row) => row.id === chosen);
    if (!known && providers.list.length > 0) return draft.set("model", "auto");
    if (!known) rows.push({ id: chosen, title: chosen, about: "", cost: "", disabled: false });
    const text = JSON.stringify(rows);
    if (this.#select.dataset.rows !== text) this.#select.replaceChildren(...rows.map(option)); // an open list stays as it is
    this.#select.dataset.rows = text;
    this.#select.value = chosen;
    this.#show();
  }

  #show() {
    const { quote } = estimate;
    const chosen = draft.fields.model;
    const auto = chosen === "auto";
    const asked = providers.model(chosen);
    const serves = providers.model(quote?.model ?? "");
    const model = auto || (asked?.status === "retired" && serves !== null) ? serves : asked;
    say(this.#title, auto ? t("composer.auto") : (model?.title ?? asked?.title ?? chosen));
    if (auto) say(this.#by, model?.title ?? "");
    else say(this.#by, model === asked ? (model?.providerTitle ?? "") : t("composer.insteadOf", { model: asked?.title ?? chosen }));
    say(this.#price, quote === null ? "" : unitPrice(quote.known ? quote.per_image_usd : null));
    this.#label.title = quote?.reasons?.join("\n") ?? "";
    say(this.#unit, quote?.known && quote.per_image_usd ? t("composer.perImage") : "");
  }
}

/** @typedef {{id: string, title: string, about: string, cost: string, disabled: boolean}} Row */

/** @param {any} provider @param {any} model @returns {Row} */
function rowOf(provider, model) {
  const { image_size: size, references } = draft.fields;
  const retired = model.status === "retired";
  const one = model.price?.[size] ?? null;
  const withReferences = references.length === 0 ? 0 : (model.price?.per_reference ?? null);
  const usd = one === null || withReferences === null ? null : one + references.length * withReferences;
  const about = [provider.title === model.title ? "" : (provider.title ?? provider.id), stateOf(model)].filter(Boolean);
  return { id: model.id, title: model.title ?? model.id, about: about.join(" · "), cost: retired ? "" : usd === null ? price(null) : unitPrice(usd), disabled: retired };
}

/** What speaks against a model: its end, or something that the draft asks for. @param {any} model */
function stateOf(model) {
  const { image_size: size, aspect_ratio: ratio, references } = draft.fields;
  const day = model.retired_on && new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(model.retired_on));
  if (model.status === "retired") return t("composer.retired", { day });
  if (references.length > model.max_references) return t("composer.fewerReferences", { most: model.max_references });
  if (!model.image_sizes.includes(size)) return t("composer.cannot", { value: size });
  if (!model.aspect_ratios.includes(ratio)) return t("composer.cannot", { value: ratio });
  return model.status === "retiring" ? t("composer.retiring", { day }) : "";
}

/** @param {Row} row */
function option({ id, title, about, cost, disabled }) {
  const text = element("span", { class: "text" }, element("strong", {}, title), " ", element("span", {}, about));
  const label = [title, about, cost].filter(Boolean).join(" · ");
  return element("option", { value: id, disabled, "aria-label": label }, text, " ", element("span", { class: "cost" }, cost));
}

customElements.define("ig-model", Model);
