/** What else failed pictures could be made with: asked of the server, offered where they failed, taken with one press. */

import { dismissed } from "../gallery/dismissed.js";
import { call, get, randomKey } from "./api.js";
import { element } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import "./light.js";
import { library } from "./library.js";
import { openMenu } from "./menu.js";
import { notices } from "./notices.js";
import { providers } from "./providers.js";
import { tileKey } from "./records.js";
import { images, price, unitPrice } from "./words.js";

/** @typedef {{change: Record<string, unknown>, quote: {usd: number | null, credits: number, known: boolean}}} Alternative */

/** Asked once for the same failures. @type {Map<string, Promise<Alternative[]>>} */
const asked = new Map();

/** @param {string} jobId @returns {Promise<Alternative[]>} none where there is nothing else */
export function alternativesOf(jobId) {
  const failed = failedOf(jobId);
  const key = `${jobId} ${failed.map((task) => `${task.index}:${task.retry_count}:${task.model}`).join()}`;
  if (failed.length === 0) return Promise.resolve([]);
  const known = asked.get(key) ?? ask(jobId);
  asked.set(key, known);
  return known;
}

/** @param {string} jobId @returns {Promise<Alternative[]>} */
async function ask(jobId) {
  try {
    return (await get(`/api/generate/${jobId}/alternatives`)).alternatives;
  } catch {
    return []; // what cannot be had is not offered
  }
}

/** A button for the first and, where there are more, one for the list of them. @param {string} jobId @param {Alternative[]} alternatives */
export function insteadButtons(jobId, alternatives) {
  const [first, ...others] = alternatives;
  if (first === undefined) return [];
  const { model, price: sum } = named(first);
  const label = t("providers.tryModel", { model, price: sum });
  const words = [element("span", {}, model), element("b", {}, sum)];
  const go = element("button", { type: "button", class: "plain instead", "aria-label": label, title: label, onclick: () => void press(go, jobId, first) }, icon("spark"), ...words);
  if (others.length === 0) return [go];
  const items = others.map((one) => ({ label: named(one).model, note: named(one).price, run: () => press(more, jobId, one) }));
  const more = element(
    "button",
    { type: "button", class: "plain others", "aria-label": t("providers.tryOthers"), title: t("providers.tryOthers"), "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => openMenu(more, t("providers.tryOthers"), items) },
    icon("chevron"),
  );
  return [go, more];
}

/** @param {Alternative} alternative @returns {{model: string, price: string}} */
function named({ change, quote }) {
  const model = providers.model(String(change.model))?.title ?? String(change.model);
  const sum = quote.credits === 1 ? unitPrice(quote.known ? quote.usd : null) : `${images(quote.credits)}, ${price(quote.usd, quote.known)}`;
  return { model, price: sum };
}

/** @param {HTMLElement} button @param {string} jobId @param {Alternative} alternative */
async function press(button, jobId, { change }) {
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true"; // and not `disabled`, which would drop the focus
  try {
    const { request } = await get(`/api/generate/${jobId}`);
    const failed = failedOf(jobId);
    const answer = await call("POST", "/api/generate", { json: { ...request, ...change }, headers: { "Idempotency-Key": randomKey() } });
    for (const task of failed) dismissed.add(tileKey(jobId, task.index));
    await library.refreshJob(answer.job_id);
  } catch (error) {
    notices.tell(error);
  } finally {
    button.ariaDisabled = null;
  }
}

/** A cut-out has no provider, and no model makes it instead. @param {string} jobId @returns {any[]} */
const failedOf = (jobId) => (library.records.tasks.get(jobId) ?? []).filter((task) => task.status === "failed" && task.provider);
