/** Background removal as the page knows it: the models, what is being cut out, whoever asked for it, and how it ended. */

import { Problem, call, get, randomKey } from "./api.js";
import { library } from "./library.js";

const KEY = "imagegen.cutout";
const LOOK_MS = 700;
const LIVE = ["queued", "processing"];

/**
 * @typedef {{id: string, title: string, licence: string, bytes: number, installed: boolean,
 *   progress: number | null, error: string | null}} CutoutModel
 * @typedef {{model: string, alpha_matting: boolean, background: string | null}} Options
 * @typedef {{jobId: string, imageId: string | null, cutoutId: string | null, status: "completed" | "failed" | "cancelled",
 *   error: string | null, notice: string | null}} Ending
 *   `imageId` is the picture that was to be cut out, null for an upload; `cutoutId` what came of it
 */

/** @type {Options} */
const USUAL = { model: "u2netp", alpha_matting: false, background: null };

/** Tells `change`; and `ended` with an `Ending`, once for each end of a job that ran while the page watched. */
class Cutouts extends EventTarget {
  /** @type {CutoutModel[]} */
  models = [];
  /** @type {"unknown" | "missing" | "cold" | "preparing" | "ready"} */
  state = "unknown";
  options = kept();
  /** Pictures whose job is asked for and not known yet. @type {Set<string>} */
  #asked = new Set();
  /** What the jobs that were begun on this page cut out, null for an upload. @type {Map<string, string | null>} */
  #begun = new Map();
  /** Pictures that are being cut out. @type {Set<string>} */
  #running = new Set();
  /** Jobs whose end was told. @type {Set<string>} */
  #told = new Set();
  #looking = 0;

  constructor() {
    super();
    library.addEventListener("change", () => this.#follow());
  }

  /** @param {string} imageId */
  running(imageId) {
    return this.#asked.has(imageId) || this.#running.has(imageId);
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
    this.#changed();
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
    this.#changed();
    const waits = this.#running.size > 0 && this.state !== "ready";
    if (waits || this.models.some((model) => model.progress !== null)) {
      this.#looking = window.setTimeout(() => void this.look(), LOOK_MS);
    }
  }

  /**
   * Take the background out of a picture of the gallery.
   * @param {string} imageId
   * @returns {Promise<string>} the job's id
   * @throws {Problem}
   */
  async start(imageId) {
    this.#asked.add(imageId);
    this.#changed();
    try {
      return await this.#begin(`/api/images/${imageId}/cutout`, imageId);
    } finally {
      this.#asked.delete(imageId);
      this.#changed();
    }
  }

  /** Like `start`, for an upload. @param {string} uploadId @returns {Promise<string>} @throws {Problem} */
  startUpload(uploadId) {
    return this.#begin(`/api/references/${uploadId}/cutout`, null);
  }

  /** How the newest try to cut out a picture ended; null where none is known. @param {string} imageId @returns {Ending | null} */
  lastOf(imageId) {
    const { jobs, tasks } = library.records;
    const tries = [...tasks].filter(([id, [task]]) => task?.parent_id === imageId && jobs.get(id)?.kind === "cutout");
    const newest = tries.reduce((last, [id]) => (id > last ? id : last), "");
    return newest === "" || LIVE.includes(jobs.get(newest).status) ? null : endingOf(newest, imageId);
  }

  /** @param {string} modelId */
  async fetchModel(modelId) {
    try {
      await call("POST", `/api/cutout/models/${modelId}/download`);
    } finally {
      await this.look();
    }
  }

  /** @param {string} path @param {string | null} imageId */
  async #begin(path, imageId) {
    if (this.models.length === 0) await this.look(); // of the chosen model, whether it is here
    const json = { ...this.options, model: this.model?.id ?? this.options.model };
    const headers = { "Idempotency-Key": randomKey() };
    const { job_id: jobId } = await call("POST", path, { json, headers });
    this.#begun.set(jobId, imageId);
    if (imageId !== null) this.#running.add(imageId);
    if (this.state !== "unknown") void this.look();
    await library.refreshJob(jobId);
    this.#follow();
    return jobId;
  }

  /** See which cut-outs run, here or for somebody else, and which have ended. */
  #follow() {
    const running = new Set();
    const ended = [];
    for (const jobId of new Set([...library.followed, ...this.#begun.keys()])) {
      const job = library.records.jobs.get(jobId);
      const begun = this.#begun.get(jobId) ?? null;
      if (job === undefined && begun !== null) running.add(begun);
      const [task] = library.records.tasks.get(jobId) ?? [];
      if (job?.kind !== "cutout" || task === undefined) continue;
      const imageId = begun ?? task.parent_id;
      if (LIVE.includes(job.status)) {
        this.#told.delete(jobId); // it is tried again
        if (imageId !== null) running.add(imageId);
      } else if (!this.#told.has(jobId)) {
        this.#told.add(jobId);
        ended.push(endingOf(jobId, imageId));
      }
    }
    const begins = [...running].some((id) => !this.#running.has(id));
    const moved = begins || running.size !== this.#running.size;
    this.#running = running;
    if (moved) this.#changed();
    if (begins && this.state !== "unknown") void this.look();
    for (const detail of ended) this.dispatchEvent(new CustomEvent("ended", { detail }));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {string} jobId of a job that has ended @param {string | null} imageId @returns {Ending} */
function endingOf(jobId, imageId) {
  const { status } = library.records.jobs.get(jobId);
  const [task] = library.records.tasks.get(jobId) ?? [];
  return { jobId, imageId, cutoutId: task?.image_id ?? null, status, error: task?.error ?? null, notice: task?.notice ?? null };
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
