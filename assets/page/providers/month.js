/** What a month has cost: by day as bars, by model, and as a file. */

import { Problem, get } from "../studio/api.js";
import { element, say } from "../studio/dom.js";
import { locale, t } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";
import { providers } from "../studio/providers.js";
import { images, money } from "../studio/words.js";

const title = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" });
const dayName = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
/** Nothing was made before this. */
const FIRST = "2020-01";

/** @param {string} month “2026-11” @param {number} step in months @returns {string} */
export function monthBeside(month, step) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + step)).toISOString().slice(0, 7);
}

export class Month {
  #month = new Date().toISOString().slice(0, 7);
  #before = this.#arrow("left", t("providers.monthBefore"), -1);
  #after = this.#arrow("right", t("providers.monthAfter"), 1);
  #title = element("h3", { "aria-live": "polite" });
  #file = element("a", { class: "plain", download: "" }, icon("download"), "CSV");
  #content = element("div", { class: "content" });
  #asked = 0;
  node = element("div", { class: "month" }, element("header", {}, this.#before, this.#title, this.#after, this.#file), this.#content);

  async load() {
    const month = this.#month;
    const asked = (this.#asked += 1);
    say(this.#title, title.format(new Date(`${month}-01`)));
    this.#file.setAttribute("href", `/api/costs.csv?month=${month}`);
    for (const [arrow, end] of [[this.#before, month <= FIRST], [this.#after, month >= new Date().toISOString().slice(0, 7)]]) {
      /** @type {HTMLElement} */ (arrow).ariaDisabled = String(end);
    }
    try {
      const costs = await get(`/api/costs?month=${month}`);
      if (asked === this.#asked) this.#content.replaceChildren(...contents(costs));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (asked === this.#asked) this.#content.replaceChildren(element("p", { class: "told", role: "alert" }, error.message));
    }
  }

  /** @param {import("../studio/icons.js").IconName} shape @param {string} label @param {number} step */
  #arrow(shape, label, step) {
    const onclick = () => {
      if (arrow.ariaDisabled === "true") return;
      this.#month = monthBeside(this.#month, step);
      void this.load();
    };
    const arrow = element("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick }, icon(shape));
    return arrow;
  }
}

/** @param {any} costs as `/api/costs` has them */
function contents(costs) {
  const perhaps = costs.perhaps_usd > 0 && element("span", {}, t("providers.perhaps", { usd: money(costs.perhaps_usd) }));
  const unknown = costs.unknown > 0 && element("span", {}, t("providers.unknown", { count: costs.unknown }));
  const sums = element("p", { class: "sums" }, element("strong", {}, money(costs.usd)), element("span", {}, images(costs.pictures)), perhaps, unknown);
  if (costs.days.length === 0) return [sums, element("p", { class: "nothing" }, t("providers.nothingSpent"))];
  return [sums, bars(costs), byModel(costs.models)];
}

/** Each day a bar; what may have been billed stands on top of what surely was. */
function bars({ month, days }) {
  const last = Number(monthEnd(month).slice(8));
  const most = Math.max(...days.map(({ usd, perhaps_usd: perhaps }) => usd + perhaps), 0.0001);
  const known = new Map(days.map((one) => [Number(one.day.slice(8)), one]));
  const list = element("ol", { class: "bars", "aria-label": t("providers.byDay") });
  for (let number = 1; number <= last; number += 1) {
    const one = known.get(number) ?? { usd: 0, perhaps_usd: 0, unknown: 0 };
    const day = dayName.format(new Date(`${month}-${String(number).padStart(2, "0")}`));
    const perhaps = one.perhaps_usd > 0 ? `, ${t("providers.perhaps", { usd: money(one.perhaps_usd) })}` : "";
    const label = `${day}: ${money(one.usd)}${perhaps}`;
    const parts = [
      ["perhaps", one.perhaps_usd],
      ["surely", one.usd],
    ].map(([name, usd]) => {
      const part = element("i", { class: String(name) });
      part.style.height = `${(100 * Number(usd)) / most}%`;
      return part;
    });
    list.append(element("li", { title: label, class: one.usd + one.perhaps_usd > 0 ? null : "none" }, ...parts, element("span", { class: "sr-only" }, label)));
  }
  const scale = element("p", { class: "scale", "aria-hidden": "true" }, element("span", {}, "1"), element("span", {}, String(Math.ceil(last / 2))), element("span", {}, String(last)));
  return element("div", {}, list, scale);
}

/** The last day of a month. @param {string} month */
function monthEnd(month) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

/** @param {any[]} models */
function byModel(models) {
  const rows = models.map(({ provider, model, usd, perhaps_usd: perhaps, unknown, pictures }) => {
    const named = providers.model(model)?.title ?? model;
    const by = providers.title(provider);
    const more = [perhaps > 0 && t("providers.perhaps", { usd: money(perhaps) }), unknown > 0 && t("providers.unknown", { count: unknown })].filter(Boolean).join(" · ");
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, named, by === named ? null : element("small", {}, by)),
      element("td", {}, images(pictures)),
      element("td", {}, usd === 0 && unknown > 0 ? "–" : money(usd), more && element("small", {}, more)),
    );
  });
  return element("table", {}, element("caption", { class: "sr-only" }, t("providers.byModel")), element("tbody", {}, ...rows));
}
