/** On demand: why that model makes the pictures, and who would take over. */

import { element, say } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { light } from "../studio/light.js";
import { providers } from "../studio/providers.js";
import { unitPrice } from "../studio/words.js";
import { estimate } from "./estimate.js";
import { t } from "./language.js";

/** A picture is given to this many providers at most, the first among them. */
const LEVELS = 3;
const MARGIN = 8;

/** The button that names who makes the pictures; a press tells the rest. @param {AbortSignal} signal */
export function whyButton(signal) {
  const name = element("span");
  const panel = element("section", { class: "why", popover: "auto", "aria-label": t("models.why") });
  const button = element("button", { type: "button", class: "who", "aria-expanded": "false", title: t("models.why"), onclick: () => panel.togglePopover() }, name, element("span", { class: "sr-only" }, `: ${t("models.why")}`), icon("info"));
  const show = () => {
    const { quote } = estimate;
    button.hidden = quote === null;
    say(name, providers.model(quote?.model ?? "")?.title ?? quote?.model ?? "");
    if (quote === null) panel.hidePopover();
    else if (panel.matches(":popover-open")) panel.replaceChildren(...contents(quote));
  };
  panel.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") panel.replaceChildren(...contents(estimate.quote));
  });
  panel.addEventListener("toggle", (event) => {
    const open = /** @type {ToggleEvent} */ (event).newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) stand(panel, (button.parentElement ?? button).getBoundingClientRect());
  });
  estimate.addEventListener("change", show, { signal });
  providers.addEventListener("change", show, { signal });
  show();
  return [button, panel];
}

/** @param {any} quote the server's */
function contents(quote) {
  const others = nextOf(quote);
  return [
    element("h3", {}, t("models.madeBy")),
    maker(quote.provider, quote.model, quote.model, quote.known ? quote.per_image_usd : null),
    element("h3", {}, t("models.reasons")),
    element("ul", {}, ...quote.reasons.map((reason) => element("li", {}, reason))),
    element("h3", {}, t("models.otherwise")),
    ...(others.length === 0 ? [element("p", {}, t("models.nobody"))] : others.map((one) => maker(one.provider, one.model, one.title, one.per_image_usd))),
  ];
}

/** Those who would be asked, one for each provider. @param {any} quote @returns {any[]} */
export function nextOf({ provider, fallbacks }) {
  const asked = [provider];
  const next = [];
  for (const one of fallbacks ?? []) {
    if (asked.length === LEVELS || asked.includes(one.provider)) continue;
    asked.push(one.provider);
    next.push(one);
  }
  return next;
}

/** @param {string} provider @param {string} model @param {string} title where the model is not known @param {number | null} usd */
function maker(provider, model, title, usd) {
  const known = providers.model(model);
  const named = known?.title ?? title;
  const by = providers.title(provider);
  const state = providers.list.find(({ id }) => id === provider);
  const text = element("span", {}, element("strong", {}, named), by === named ? "" : ` · ${by}`);
  return element("p", { class: "maker" }, state ? light(state) : null, text, element("span", { class: "cost" }, unitPrice(usd)));
}

/** Above the estimate. @param {HTMLElement} panel @param {DOMRect} beside */
function stand(panel, beside) {
  const { width, height } = panel.getBoundingClientRect();
  const left = Math.max(MARGIN, Math.min(beside.right - width, innerWidth - width - MARGIN));
  Object.assign(panel.style, { left: `${left}px`, top: `${Math.max(MARGIN, beside.top - height - MARGIN)}px` });
}
