/** Numbers, prices, times and states in plain words. Pure. */

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 2 });
const cents = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 4 });
const whole = new Intl.NumberFormat("en-US");
const plural = new Intl.PluralRules("en-US", { type: "ordinal" });
const SUFFIX = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };

/** @param {number} value */
export const number = (value) => whole.format(value);

/** @param {number} value 1 → “1st” */
export const ordinal = (value) => `${whole.format(value)}${SUFFIX[plural.select(value)]}`;

/** @param {number} count */
export const images = (count) => `${whole.format(count)} ${count === 1 ? "image" : "images"}`;

/**
 * @param {number | null} usd
 * @param {boolean} known
 */
export function price(usd, known = usd !== null) {
  if (!known || usd === null) return "price unknown";
  return usd === 0 ? "free" : dollars.format(usd);
}

/**
 * The price of one picture, to the tenth of a cent where it matters.
 * @param {number | null} usd
 */
export const unitPrice = (usd) => (usd ? cents.format(usd) : price(usd));

/** @param {number} seconds 70 → “1 min 10 s” */
export function duration(seconds) {
  const rounded = Math.max(1, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 600 && rounded % 60 !== 0) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  if (rounded < 3600) return `${Math.round(rounded / 60)} min`;
  return `${Math.floor(rounded / 3600)} h ${Math.round((rounded % 3600) / 60)} min`;
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
 * @param {string} provider id
 * @param {string} title of the provider
 */
export function stepWords(step, provider, title) {
  switch (step) {
    case "sent":
      return provider === "sketch" ? "Drawing" : `Sent to ${title}`;
    case "receiving":
      return "Receiving";
    case "saving":
      return "Saving";
    default:
      return "Starting";
  }
}
