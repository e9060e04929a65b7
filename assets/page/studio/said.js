/**
 * What the server says to people, in their language.
 *
 * Scripts read its English words, and the job log keeps them. They are made of set phrases, which words/cutouts.js,
 * refusals.js, server.js and troubles.js list under a code each: a phrase that is found there is said in the person's
 * language, any other one is left as the server said it. A test reads all that the server can say from its source, and
 * fails where a phrase is not listed.
 */

import * as cutouts from "../words/cutouts.js";
import * as refusals from "../words/refusals.js";
import * as server from "../words/server.js";
import * as troubles from "../words/troubles.js";
import { language, speak, t } from "./i18n.js";

const AREAS = { cutouts, refusals, server, troubles };
for (const [area, words] of Object.entries(AREAS)) speak(area, words);

/**
 * Members of the server's answers that hold words for people. The title of a job is the person's own, but where a
 * picture of theirs that has no prompt is cut out.
 */
const WORDED = ["detail", "message", "error", "retry_reason", "reason", "notice", "reasons", "title"];
const OF_A_JOB = "job_id";
const OWN_PICTURE = "Your picture";
const SENTENCES = /(?<=[.?!]) /;
/** A value ends where the phrase does. */
const VALUE = "((?:(?!; |[.?!] ).)+?)";
/** “aspect_ratio: is required” */
const FIELD = /^([\w.-]+: )(.+)$/s;

/** @typedef {{code: string, pattern: RegExp, names: string[], weight: number}} Phrase */
/** @typedef {{code: string | null, text: string, values: Record<string, string>}} Part `code` is null where it is not known */

/** The more of a phrase is fixed, the earlier it is tried. @type {Phrase[] | null} */
let phrases = null;

/**
 * In the person's language, as far as it is known.
 * @param {string} text in the server's words
 * @returns {string}
 */
export function said(text) {
  if (language === "en") return text;
  return partsOf(text)
    .map((part) => (typeof part === "string" ? part : part.code === null ? part.text : t(part.code, part.values)))
    .join("");
}

/**
 * For `JSON.parse`: words for people become those of their language.
 * @this {object} what has the member
 * @param {string} name @param {unknown} value
 */
export function inOurWords(name, value) {
  if (!WORDED.includes(name)) return value;
  if (name === "title" && OF_A_JOB in this) {
    return "kind" in this && this.kind === "cutout" && value === OWN_PICTURE ? t("shared.ownPicture") : value;
  }
  if (Array.isArray(value)) return value.map(said);
  return typeof value === "string" ? said(value) : value;
}

/**
 * The phrases of what the server said, and what stands between them.
 * @param {string} text
 * @returns {(Part | string)[]}
 */
export function partsOf(text) {
  const body = text.replace(/\.$/, "");
  const end = text.slice(body.length);
  const phrase = phraseOf(body);
  if (phrase !== null) return [phrase, end];
  const sentences = text.split(SENTENCES);
  if (sentences.length > 1) return between(sentences.map(partsOf), " ");
  const [, field = "", rest = ""] = FIELD.exec(text) ?? [];
  if (field !== "") return [field, ...partsOf(rest)];
  const clauses = body.split("; ");
  if (clauses.length > 1) return [...between(clauses.map(partsOf), ". "), end];
  return [{ code: null, text: body, values: {} }, end];
}

/** @param {string} text without a full stop @returns {Part | null} */
function phraseOf(text) {
  phrases ??= allPhrases();
  for (const { code, pattern, names } of phrases) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const values = names.map((name, index) => [name, name === "reason" ? said(found[index + 1]) : found[index + 1]]);
    return { code, text, values: Object.fromEntries(values) };
  }
  return null;
}

/** @returns {Phrase[]} */
function allPhrases() {
  const all = Object.entries(AREAS).flatMap(([area, { en }]) => Object.entries(en).map(([key, words]) => phraseFor(`${area}.${key}`, words)));
  return all.sort((one, other) => other.weight - one.weight);
}

/** @param {string} code @param {string} words @returns {Phrase} */
function phraseFor(code, words) {
  const fixed = words.split(/\{\w+\}/);
  const pattern = fixed.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(VALUE);
  const names = Array.from(words.matchAll(/\{(\w+)\}/g), ([, name]) => name);
  return { code, pattern: new RegExp(`^${pattern}$`, "is"), names, weight: fixed.join("").length };
}

/** @template T @param {T[][]} lists @param {T} separator */
const between = (lists, separator) => lists.flatMap((list, index) => (index === 0 ? list : [separator, ...list]));
