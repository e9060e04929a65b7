/** How Auto chooses and within which budget, and whether another model may take over where one fails. */

import { element, fieldError, say } from "../studio/dom.js";
import { speak } from "../studio/i18n.js";
import { unitPrice } from "../studio/words.js";
import { draft } from "./draft.js";
import { estimate } from "./estimate.js";
import { t } from "./language.js";
import * as words from "../words/models.js";

speak("models", words);

export const ROUTINGS = /** @type {const} */ (["order", "cheapest", "best", "fastest"]);
const ROUTING_WORDS = { order: "models.order", cheapest: "models.cheapest", best: "models.best", fastest: "models.fastest" };
const HOW = { order: "models.orderHow", cheapest: "models.cheapestHow", best: "models.bestHow", fastest: "models.fastestHow" };
/** Dollars for a picture, as the server has its words for budgets. */
const BUDGETS = { low: 0.04, medium: 0.15 };
const BUDGET_MAX = 1000;

/** What Auto was told, in a few words; empty where it was told nothing. */
export function policy() {
  const { model, routing, budget } = draft.fields;
  if (model !== "auto") return "";
  const dollars = typeof budget === "number" ? budget : BUDGETS[/** @type {"low"} */ (budget)];
  return [routing !== "order" && t(ROUTING_WORDS[routing]), dollars && t("models.upTo", { price: unitPrice(dollars) })].filter(Boolean).join(" · ");
}

/** @param {AbortSignal} signal */
export function routingFields(signal) {
  const how = element("p", { class: "how" });
  const wrong = element("p", { class: "field-error", role: "alert", hidden: true });
  const routing = segments("routing", ROUTINGS.map((value) => [value, t(ROUTING_WORDS[value])]), (value) => tell({ routing: /** @type {"order"} */ (value) }));
  const budget = segments(
    "budget",
    [["", t("models.anyBudget")], ...Object.entries(BUDGETS).map(([word, usd]) => [word, t("models.upTo", { price: unitPrice(usd) })])],
    (value) => tell({ budget: value || null }),
  );
  const own = /** @type {HTMLInputElement} */ (
    element("input", { type: "number", min: "0.001", max: BUDGET_MAX, step: "any", inputmode: "decimal", "aria-label": t("models.ownBudget"), placeholder: t("models.ownExample") })
  );
  own.addEventListener("input", () => tell({ budget: Number.isNaN(own.valueAsNumber) ? null : own.valueAsNumber }));
  budget.node.append(element("label", { class: "own" }, element("span", { "aria-hidden": "true" }, "$"), own));
  const show = () => {
    const { model, routing: way, budget: limit } = draft.fields;
    const auto = model === "auto";
    const words = typeof limit === "number" ? "own" : limit === "high" ? "" : (limit ?? "");
    routing.check(auto ? way : null);
    budget.check(auto ? words : null);
    own.classList.toggle("chosen", auto && words === "own");
    if (typeof limit === "number" ? own.valueAsNumber !== limit : own.value !== "") own.value = typeof limit === "number" ? String(limit) : "";
    const dear = auto && estimate.problem?.errors.find(({ field }) => field === "budget");
    say(how, t(HOW[way]));
    say(wrong, dear ? dear.message.replace(/^budget: /, "") : "");
    wrong.hidden = !dear;
  };
  draft.addEventListener("change", show, { signal });
  estimate.addEventListener("change", show, { signal });
  show();
  return element(
    "div",
    { class: "auto" },
    element("fieldset", {}, element("legend", {}, t("models.chooses")), routing.node, how),
    element("fieldset", { class: "row" }, element("legend", {}, t("models.budget")), budget.node, wrong),
  );
}

/** Whoever says how Auto is to choose wants Auto. @param {Partial<import("./draft.js").DraftFields>} fields */
function tell(fields) {
  fieldError("model", "");
  draft.fill({ model: "auto", ...fields });
}

/** @param {AbortSignal} signal */
export function failOverSwitch(signal) {
  const input = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", role: "switch", "aria-describedby": "ig-fail-over-how" }));
  const usual = () => draft.fields.model === "auto";
  input.addEventListener("change", () => draft.set("failover", input.checked === usual() ? null : input.checked));
  const show = () => {
    input.checked = draft.fields.failover ?? usual();
  };
  draft.addEventListener("change", show, { signal });
  show();
  const label = element("span", {}, t("models.mayFailOver"), element("small", { id: "ig-fail-over-how" }, t("models.failOverHow")));
  return element("label", { class: "switch" }, label, input, element("i"));
}

/**
 * Radio buttons side by side.
 * @param {string} name @param {string[][]} values value and text @param {(value: string) => void} choose
 */
function segments(name, values, choose) {
  const inputs = values.map(([value]) => /** @type {HTMLInputElement} */ (element("input", { type: "radio", name: `ig-${name}`, value, onchange: () => choose(value) })));
  const labels = values.map(([, text], index) => element("label", {}, inputs[index], element("span", {}, text)));
  const check = (/** @type {string | null} */ chosen) => {
    for (const input of inputs) input.checked = input.value === chosen;
  };
  return { node: element("div", { class: "segments" }, ...labels), check };
}
