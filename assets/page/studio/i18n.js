/**
 * Every word that a person reads, in English and Korean.
 *
 * Each area of the page has a file in words/ with the same keys in both languages. The language is the person's own
 * choice, else the browser's; a change takes effect when the page is loaded anew.
 */

import * as shared from "../words/shared.js";

const KEY = "imagegen.language";
export const LANGUAGES = /** @type {const} */ ({ en: "English", ko: "한국어" });

/** @typedef {keyof typeof LANGUAGES} Language */
/** @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Words plural forms where a count decides */

/** @type {Language} */
export const language = chosen();
/** For `Intl`: dates, numbers, plurals. */
export const locale = language === "ko" ? "ko-KR" : "en-US";

const plurals = new Intl.PluralRules(locale);
const whole = new Intl.NumberFormat(locale);
/** @type {Map<string, Words>} */
const known = new Map();

/**
 * Make an area's words known.
 * @param {string} area what its keys begin with: `gallery` for `t("gallery.empty")`
 * @param {Record<Language, Record<string, Words>>} words
 */
export function speak(area, words) {
  for (const [key, text] of Object.entries(words[language])) known.set(`${area}.${key}`, text);
}

/**
 * The words for a key. `{name}` in them becomes that value; a `count` also chooses the plural form.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const words = known.get(key);
  if (words === undefined) throw new Error(`no words for ${key}`);
  const text = typeof words === "string" ? words : (words[plurals.select(Number(values.count))] ?? words.other ?? "");
  return text.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** @param {Language} wanted */
export function choose(wanted) {
  localStorage.setItem(KEY, wanted);
  location.reload();
}

/** @returns {Language} */
function chosen() {
  const kept = localStorage.getItem(KEY);
  if (kept === "en" || kept === "ko") return kept;
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
}

const shown = (/** @type {string | number | undefined} */ value) => (typeof value === "number" ? whole.format(value) : (value ?? ""));

document.documentElement.lang = language;
speak("shared", shared);
