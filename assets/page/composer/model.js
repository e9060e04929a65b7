/** The model: Auto first, then what the providers offer, with the price of one picture. */

import { element, fieldError, say } from "../studio/dom.js";
import { draft } from "./draft.js";
import { estimate } from "./estimate.js";
import { icon } from "../studio/icons.js";
import { providers } from "../studio/providers.js";
import { price, unitPrice } from "../studio/words.js";

class Model extends HTMLElement {
  #select = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": "Model" }));
  #label = element("label", { id: "model" });
  #title = element("strong");
  #by = element("span");
  #price = element("strong");
  #unit = element("span");

  connectedCallback() {
    const text = element("span", { class: "text" }, this.#title, this.#by);
    const cost = element("span", { class: "cost" }, this.#price, this.#unit);
    const face = element("span", { class: "face", "aria-hidden": "true" }, element("span", { class: "emblem" }, icon("spark")), text, cost, icon("chevrons"));
    this.#label.replaceChildren(this.#select, face);
    this.dataset.field = "";
    this.replaceChildren(element("p", { class: "legend", "aria-hidden": "true" }, "Model"), this.#label);
    this.#select.addEventListener("change", () => {
      draft.set("model", this.#select.value);
      fieldError("model", "");
      this.#show();
    });
    providers.addEventListener("change", () => this.#fill());
    draft.addEventListener("change", () => this.#show());
    estimate.addEventListener("change", () => this.#show());
    this.#fill();
  }

  #fill() {
    const options = [option("auto", "Auto")];
    for (const provider of providers.list) {
      for (const model of provider.models) {
        const retired = model.status === "retired";
        const note = retired ? `retired ${model.retired_on}` : price(model.price?.["1K"] ?? null);
        options.push(option(model.id, `${model.title ?? model.id} · ${note}`, retired));
      }
    }
    const known = options.some((one) => one.value === draft.fields.model);
    if (!known && providers.list.length > 0) draft.set("model", "auto");
    else if (!known) options.push(option(draft.fields.model, draft.fields.model));
    this.#select.replaceChildren(...options);
    this.#select.value = draft.fields.model;
    this.#show();
  }

  #show() {
    const { quote } = estimate;
    const chosen = draft.fields.model;
    const model = providers.model(chosen === "auto" ? (quote?.model ?? "") : chosen);
    say(this.#title, chosen === "auto" ? "Auto" : (model?.title ?? chosen));
    say(this.#by, chosen === "auto" ? (model?.title ?? "") : (model?.providerTitle ?? ""));
    say(this.#price, quote === null ? "" : unitPrice(quote.known ? quote.per_image_usd : null));
    this.#label.title = quote?.reasons?.join("\n") ?? "";
    say(this.#unit, quote?.known && quote.per_image_usd ? "per image" : "");
  }
}

/** @returns {HTMLOptionElement} */
function option(value, text, disabled = false) {
  return /** @type {HTMLOptionElement} */ (element("option", { value, disabled }, text));
}

customElements.define("ig-model", Model);
