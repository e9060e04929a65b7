/** Background removal as the page knows it: the models, what is being cut out, and how that ended. */

import { Problem, call, get, randomKey } from "../studio/api.js";
import { t } from "../studio/i18n.js";
import { library } from "../studio/library.js";

const KEY = "imagegen.cutout";
const LOOK_MS = 700;
const LIVE = ["queued", "processing"];

/**
 * @typedef {{id: string, title: string, licence: string, bytes: number, installed: boolean,
 *   progress: number | null, error: string | null}} CutoutModel
 * @typedef {{model: string, alpha_matting: boolean, background: string | null}} Options
 */

/** @type {Options} */
const USUAL = { model: "u2netp", alpha_matting: false, background: null };

/** Tells `change`; and `ended` (detail: {imageId, message}) when a cut-out is there or failed, message "" for the first. */
class Cutouts extends EventTarget {
  /** @type {CutoutModel[]} */
  models = [];
  /** @type {"unknown" | "missing" | "cold" | "preparing" | "ready"} */
  state = "unknown";
  options = kept();
  /** @type {Map<string, string>} job ids by the id of the picture that is cut out; "" until the job is known */
  #running = new Map();
  #looking = 0;

  constructor() {
    super();
    library.addEventListener("change", () => this.#follow());
  }

  /** @param {string} imageId */
  running(imageId) {
    return this.#running.has(imageId);
  }

  /** The chosen model where it is here, else the first that is. */
  get model() {
    const here = this.models.filter((model) => model.installed);
    return here.find((model) => model.id === this.options.model) ?? here[0] ?? null;
  }

  /** @param {Partial<Options>} options */
  choose(options) {
    this.options = { ...this.options, ...options };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.options));
    } catch {
      // Storage is full or forbidden: the choice lives as long as the page.
    }
    this.dispatchEvent(new Event("change"));
  }

  /** Ask for models and state; again for as long as something of them moves. */
  async look() {
    window.clearTimeout(this.#looking);
    try {
      const { models, state } = await get("/api/cutout/models");
      this.models = models;
      this.state = state;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!error.unanswered) this.state = "missing";
    }
    this.dispatchEvent(new Event("change"));
    const waits = this.#running.size > 0 && this.state !== "ready";
    if (waits || this.models.some((model) => model.progress !== null)) {
      this.#looking = window.setTimeout(() => void this.look(), LOOK_MS);
    }
  }

  /** @param {string} imageId */
  async start(imageId) {
    if (this.running(imageId)) return;
    this.#running.set(imageId, "");
    this.dispatchEvent(new Event("change"));
    try {
      const json = { ...this.options, model: this.model?.id ?? this.options.model };
      const headers = { "Idempotency-Key": randomKey() };
      const { job_id: job } = await call("POST", `/api/images/${imageId}/cutout`, { json, headers });
      this.#running.set(imageId, job);
      void this.look();
      await library.refreshJob(job);
      this.#follow();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#end(imageId, error.message);
    }
  }

  /** @param {string} modelId */
  async fetchModel(modelId) {
    try {
      await call("POST", `/api/cutout/models/${modelId}/download`);
    } finally {
      await this.look();
    }
  }

  /** See which cut-outs have ended. */
  #follow() {
    for (const [imageId, jobId] of this.#running) {
      const job = library.records.jobs.get(jobId);
      if (job === undefined || LIVE.includes(job.status)) continue;
      const [task] = library.records.tasks.get(jobId) ?? [];
      if (job.status === "completed") this.#end(imageId, "");
      else this.#end(imageId, job.status === "cancelled" ? t("detail.cutoutCancelled") : (task?.error ?? t("detail.cutoutFailed")));
    }
  }

  #end(imageId, message) {
    this.#running.delete(imageId);
    this.dispatchEvent(new Event("change"));
    this.dispatchEvent(new CustomEvent("ended", { detail: { imageId, message } }));
  }
}

/** @returns {Options} */
function kept() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...USUAL };
  }
}

export const cutouts = new Cutouts();
