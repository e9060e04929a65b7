/** One provider in the panel: its light and why, its limits, its errors of late, its models with their prices. */

import { element } from "../studio/dom.js";
import { locale, t } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";
import { light, standing } from "../studio/light.js";
import { providers } from "../studio/providers.js";
import { duration, number, unitPrice } from "../studio/words.js";

const SIZES = ["1K", "2K", "4K"];
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
const CIRCUITS = { open: "providers.circuitOpen", half_open: "providers.circuitHalfOpen" };

/**
 * @param {any} provider as `/api/providers` has it
 * @param {import("../keys/keys.js").KeyState | null} key null where it takes none
 */
export function card(provider, key) {
  const { id, title, status, reason, errors, models } = provider;
  const living = models.filter((model) => model.status !== "retired");
  const heading = element("header", {}, light(provider), element("h3", {}, title), element("span", { class: "state", "aria-hidden": "true" }, standing(status)));
  const facts = [...limitsOf(provider), circuitOf(provider), key && keyLine(key)].filter((one) => one);
  return element(
    "section",
    { class: "card", "data-provider": id, "aria-label": title },
    heading,
    reason && element("p", { class: "reason" }, reason),
    facts.length > 0 && element("ul", { class: "facts" }, ...facts.map((fact) => element("li", {}, fact))),
    errors.length > 0 && unfolding(`ig-errors-${id}`, t("providers.errors", { count: errors.length }), element("ol", { class: "errors" }, ...errors.map(mishap))),
    living.length > 0 && unfolding(`ig-offers-${id}`, t("providers.models", { count: living.length }), prices(living)),
  );
}

/** @param {any} provider @returns {string[]} */
function limitsOf({ id, limits }) {
  const pause = providers.nextTry(id);
  const minute = limits.images_per_minute;
  return [
    minute !== null && t(limits.learned ? "providers.perMinuteLearned" : "providers.perMinute", { number: number(minute) }),
    limits.concurrency !== null && t("providers.atOnce", { number: number(limits.concurrency) }),
    limits.paused_for > 0 && pause !== null && t("providers.paused", { time: duration(pause) }),
  ].filter((one) => one !== false);
}

/** @param {any} provider */
function circuitOf({ id, circuit }) {
  if (circuit === "closed") return null;
  return t(CIRCUITS[circuit] ?? CIRCUITS.open, { time: duration(providers.nextTry(id) ?? 0) });
}

/** @param {import("../keys/keys.js").KeyState} key */
function keyLine({ provider, source, setting }) {
  if (source === "environment") return t("providers.keySet", { setting });
  const label = source === "page" ? t("providers.keyKept") : t("providers.keyMissing");
  return element("button", { type: "button", class: "key", id: `ig-key-of-${provider}`, onclick: () => document.dispatchEvent(new CustomEvent("ig:keys")) }, icon("key"), label);
}

/** @param {{at: string, message: string}} error */
const mishap = ({ at, message }) => element("li", {}, element("time", { datetime: at }, clock.format(new Date(at))), element("span", {}, message));

/** @param {string} id @param {string} title @param {HTMLElement} content */
const unfolding = (id, title, content) => element("details", { id }, element("summary", { id: `${id}-title` }, icon("right"), title), content);

/** @param {any[]} models */
function prices(models) {
  const head = element("tr", {}, element("th", { scope: "col" }, t("providers.model")), ...SIZES.map((size) => element("th", { scope: "col" }, size)));
  const rows = models.map((model) => {
    const cell = (/** @type {string} */ size) => element("td", {}, !model.image_sizes.includes(size) ? "–" : model.price?.[size] == null ? "?" : unitPrice(model.price[size]));
    const note = model.status === "retiring" && model.retired_on ? t("models.untilOnly", { day: day.format(new Date(model.retired_on)) }) : "";
    return element("tr", {}, element("th", { scope: "row" }, model.title, note && element("small", {}, note)), ...SIZES.map(cell));
  });
  const sources = [...new Set(models.filter(({ price }) => price?.source).map(({ price }) => t("providers.source", { source: price.source, day: day.format(new Date(price.read_on)) })))];
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
  return element("div", {}, table, ...sources.map((text) => element("p", { class: "source" }, text)));
}
