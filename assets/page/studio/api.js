/** The REST client: JSON in and out, refusals as `Problem`. */

import { serverClock } from "./clock.js";
import { language, t } from "./i18n.js";
import { inOurWords } from "./said.js";

/**
 * @typedef {{field: string, value: unknown, allowed: unknown, message: string}} FieldError
 */

/** A refusal in the person's words, or a server that cannot be reached (status 0). */
export class Problem extends Error {
  /**
   * @param {number} status HTTP status, 0 when no answer came
   * @param {string} detail what to tell the person
   * @param {FieldError[]} errors one entry for each field at fault
   * @param {import("./instead.js").Alternative[]} alternatives what would not be refused
   */
  constructor(status, detail, errors = [], alternatives = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
    this.alternatives = alternatives;
  }

  /** Whether the request may have been carried out although no answer came. */
  get unanswered() {
    return this.status === 0;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{json?: unknown, form?: FormData, headers?: Record<string, string>}} [options]
 * @returns {Promise<any>} the answer's JSON
 * @throws {Problem}
 */
export async function call(method, path, { json, form, headers = {} } = {}) {
  const body = json === undefined ? form : JSON.stringify(json);
  const type = json === undefined ? {} : { "Content-Type": "application/json" };
  let response;
  try {
    response = await fetch(path, { method, body, headers: { Accept: "application/json", ...type, ...headers } });
  } catch {
    throw new Problem(0, t("server.unreachable"));
  }
  serverClock.hear(response.headers.get("Date"));
  const answer = parsed(await response.text().catch(() => ""));
  if (response.ok && answer !== null) return answer;
  const detail = answer?.detail ?? answer?.title ?? t("server.answered", { status: String(response.status) });
  throw new Problem(response.status, detail, answer?.errors ?? [], answer?.alternatives ?? []);
}

/** Words for people in the person's language; null where it is not JSON. @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text, language === "en" ? undefined : inOurWords);
  } catch {
    return null;
  }
}

/** @param {string} path */
export const get = (path) => call("GET", path);

/**
 * A random key of 128 bits. `crypto.randomUUID` is missing on plain http outside loopback.
 * @returns {string}
 */
export function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Do something for each id, a few at a time, so that other requests are not kept waiting.
 * @param {Iterable<string>} ids
 * @param {(id: string) => Promise<void>} work
 */
export async function eachOf(ids, work) {
  const left = [...ids];
  const worker = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await work(id);
  };
  await Promise.all(Array.from({ length: Math.min(4, left.length) }, worker));
}
