/** Numbers, prices, times and states in plain words. Pure. */

import * as words from "../words/measures.js";
import { language, locale, speak, t } from "./i18n.js";

speak("measures", words);

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 2 });
const cents = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 4 });
const whole = new Intl.NumberFormat(locale);
const plural = new Intl.PluralRules("en-US", { type: "ordinal" });
const SUFFIX = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };

/** @param {number} value */
export const number = (value) => whole.format(value);

/** @param {number} value 1 → “1st” */
export const ordinal = (value) => t("measures.ordinal", { number: language === "en" ? `${whole.format(value)}${SUFFIX[plural.select(value)]}` : value });

/** @param {number} count */
export const images = (count) => t("shared.images", { count });

/**
 * @param {number | null} usd
 * @param {boolean} known
 */
export function price(usd, known = usd !== null) {
  if (!known || usd === null) return t("shared.unknownPrice");
  return usd === 0 ? t("shared.free") : dollars.format(usd);
}

/** @param {number} usd also nothing is a sum: “$0.00” */
export const money = (usd) => dollars.format(usd);

/**
 * The price of one picture, to the tenth of a cent where it matters.
 * @param {number | null} usd
 */
export const unitPrice = (usd) => (usd ? cents.format(usd) : price(usd));

/** @param {number} seconds 70 → “1 min 10 s” */
export function duration(seconds) {
  const rounded = Math.max(1, Math.round(seconds));
  if (rounded < 60) return t("measures.seconds", { seconds: rounded });
  const minutes = Math.floor(rounded / 60);
  if (rounded < 600 && rounded % 60 !== 0) return t("measures.minutesSeconds", { minutes, seconds: rounded % 60 });
  if (rounded < 3600) return t("measures.minutes", { minutes: Math.round(rounded / 60) });
  return t("measures.hoursMinutes", { hours: Math.floor(rounded / 3600), minutes: Math.round((rounded % 3600) / 60) });
}

/** @param {number} seconds 77 → “1:17” */
export function clock(seconds) {
  const rounded = Math.max(0, Math.floor(seconds));
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, "0")}`;
}

/**
 * An error in plain words, as a headline and what follows it.
 * @param {string | null} text “Gemini is overloaded. Nothing was billed.”
 * @returns {[string, string]} without the headline's full stop
 */
export function headline(text) {
  const [, first = text ?? "", rest = ""] = /^(.*?[^.\s])\.\s+(.+)$/s.exec(text ?? "") ?? [];
  return [first.replace(/\.$/, ""), rest];
}

/**
 * What a running task is doing.
 * @param {string | null} step
 * @param {string | null} title of the provider that it was sent to; null where it is drawn here
 */
export function stepWords(step, title) {
  switch (step) {
    case "sent":
      return title === null ? t("measures.drawing") : t("measures.sentTo", { title });
    case "receiving":
      return t("measures.receiving");
    case "saving":
      return t("measures.saving");
    default:
      return t("measures.starting");
  }
}
