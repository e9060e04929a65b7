/** The model: who would make the picture, how it stands and what it asks for one. A press asks for the choice. */

import { element, say } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { standing } from "../studio/light.js";
import { providers } from "../studio/providers.js";
import { duration, unitPrice } from "../studio/words.js";
import { draft } from "./draft.js";
import { estimate } from "./estimate.js";
import { t } from "./language.js";
import { policy } from "./routing.js";

/** How long one picture takes, in short and in words. @param {{seconds: number | null, overnight: boolean}} model */
export function pace({ seconds, overnight }) {
  if (overnight) return { time: t("models.takesHours"), usual: t("models.takesHours") };
  if (!seconds) return { time: "", usual: "" };
  return { time: t("models.usual", { time: duration(seconds) }), usual: t("models.usualIs", { time: duration(seconds) }) };
}

class Model extends HTMLElement {
  #title = element("strong");
  #by = element("span");
  #price = element("strong");
  #unit = element("span");
  #policy = element("span", { class: "policy" });
  #light = element("span", { class: "light" });
  #standing = element("span", { class: "sr-only" });
  #button = element("button", { type: "button", id: "choose-model", class: "face", "aria-haspopup": "dialog", onclick: () => document.dispatchEvent(new CustomEvent("ig:models")) });
  #clean = new AbortController();

  connectedCallback() {
    const { signal } = this.#clean;
    const text = element("span", { class: "text" }, this.#title, " ", this.#by);
    const cost = element("span", { class: "cost" }, this.#price, " ", this.#unit);
    const emblem = element("span", { class: "emblem" }, icon("spark"), this.#light);
    this.#button.replaceChildren(element("span", { class: "sr-only" }, t("models.title"), ": "), emblem, text, this.#standing, cost, icon("chevrons"));
    this.dataset.field = "";
    this.replaceChildren(
      element("p", { class: "legend" }, element("span", { "aria-hidden": "true" }, t("models.title")), this.#policy),
      element("div", { id: "model" }, this.#button),
    );
    providers.addEventListener("change", () => this.#show(), { signal });
    draft.addEventListener("change", () => this.#show(), { signal });
    estimate.addEventListener("change", () => this.#show(), { signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #show() {
    const { quote } = estimate;
    const chosen = draft.fields.model;
    const auto = chosen === "auto";
    const asked = providers.model(chosen);
    if (!auto && asked === null && providers.list.length > 0) return draft.set("model", "auto");
    const serves = providers.model(quote?.model ?? "");
    const model = auto || (asked?.status === "retired" && serves !== null) ? serves : asked;
    say(this.#title, auto ? t("models.auto") : (model?.title ?? asked?.title ?? chosen));
    const usual = model ? pace(model).time : "";
    const by = auto ? model?.title : model === asked ? model?.providerTitle : t("composer.insteadOf", { model: asked?.title ?? chosen });
    say(this.#by, [by, usual].filter(Boolean).join(" · "));
    say(this.#price, quote === null ? "" : unitPrice(quote.known ? quote.per_image_usd : null));
    say(this.#unit, quote?.known && quote.per_image_usd ? t("composer.perImage") : "");
    say(this.#policy, policy());
    this.#button.title = quote?.reasons?.join("\n") ?? "";
    const provider = providers.list.find(({ id }) => id === model?.provider);
    this.#light.dataset.status = provider?.status ?? "";
    say(this.#standing, provider && provider.status !== "ready" ? standing(provider.status) : "");
  }
}

customElements.define("ig-model", Model);
