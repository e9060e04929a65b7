/** What a request that would pass a cap could be instead: smaller, fewer, by another model, or only its text. */

import { element } from "../studio/dom.js";
import { providers } from "../studio/providers.js";
import { images, price } from "../studio/words.js";
import { t } from "./language.js";

/** Of other models the cheapest are offered, up to so many. */
const MODELS = 3;

/**
 * A button for each alternative.
 * @param {import("../studio/instead.js").Alternative[]} alternatives
 * @param {(change: Record<string, unknown>) => void} take
 * @returns {HTMLElement | null} null where there is none
 */
export function insteadOf(alternatives, take) {
  const models = alternatives.filter(({ change }) => "model" in change).sort((one, other) => (one.quote.usd ?? Infinity) - (other.quote.usd ?? Infinity));
  const others = alternatives.filter(({ change }) => !("model" in change));
  const shown = [...others.filter(({ change }) => change.should_generate !== false), ...models.slice(0, MODELS), ...others.filter(({ change }) => change.should_generate === false)];
  if (shown.length === 0) return null;
  const buttons = shown.map(({ change, quote }) => {
    const cost = change.should_generate === false ? null : element("b", {}, price(quote.usd, quote.known));
    return element("button", { type: "button", class: "plain instead", onclick: () => take(change) }, element("span", {}, nameOf(change)), cost);
  });
  return element("div", { class: "alternatives", role: "group", "aria-label": t("providers.instead") }, ...buttons);
}

/** @param {Record<string, unknown>} change */
function nameOf(change) {
  if (change.should_generate === false) return t("providers.textOnly");
  if (change.model !== undefined) return providers.model(String(change.model))?.title ?? String(change.model);
  const count = change.count ?? change.total_images;
  return [change.image_size, count !== undefined && images(Number(count))].filter(Boolean).join(" · ");
}
