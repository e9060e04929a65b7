/**
 * What is known of the job log: summaries of jobs, tasks of the jobs that have something to show for them, pictures.
 *
 * Ids of jobs and of pictures sort by age, so that newest first is the order of ids backwards.
 */

import { Problem, eachOf, get } from "./api.js";
import { dismissed } from "../gallery/dismissed.js";

const JOBS_PAGE = 60;
const LIVE_PAGE = 200;
const LIVE = ["queued", "processing"];
/** Steps that say that the record has changed, and not what the task is at. */
const ELSEWHERE = ["preview", "progress", "rerouted"];
export const UNFINISHED = ["pending", "in_progress", "retrying"];
export const TROUBLE = ["failed", "interrupted"];

export class Records {
  /** @type {Map<string, any>} summaries by job id */
  jobs = new Map();
  /** @type {Map<string, any[]>} tasks of jobs that are live or have something to retry */
  tasks = new Map();
  /** @type {Map<string, any>} */
  images = new Map();
  /** Ids of the pictures that are being fetched. @type {Set<string>} */
  coming = new Set();
  /** Jobs whose tiles may look different since somebody last looked here. @type {Set<string>} */
  touched = new Set();
  /** @type {Map<string, Set<string>>} ids of the known pictures of each job */
  #made = new Map();
  /** @type {Set<string>} */
  #live = new Set();
  #jobsNext = /** @type {string | null} */ ("");
  #oldestJob = "~";

  /** Live jobs as they stand now, places in the queue and times included; those that have ended meanwhile, too. */
  async loadLive() {
    const before = new Set(this.#live);
    let after = /** @type {string | null} */ ("");
    while (after !== null) {
      const page = await get(`/api/jobs?status=live&limit=${LIVE_PAGE}${cursor(after)}`);
      for (const job of page.jobs) {
        before.delete(job.job_id);
        this.putJob(job);
      }
      after = page.next;
    }
    await eachOf(before, (id) => this.fetchJob(id));
  }

  /** Tasks of the jobs that have something to show for them and are not known yet. */
  async loadTasks() {
    const wanted = [...this.jobs.values()].filter((job) => !this.tasks.has(job.job_id) && needsTasks(job));
    await eachOf(wanted.map((job) => job.job_id), (id) => this.fetchJob(id));
  }

  /**
   * Summaries of all jobs back to a picture: they give titles, and failures their place.
   * @param {string | null} oldest id of the picture; null for all there are. The first page is loaded in any case.
   */
  async loadJobs(oldest) {
    const reached = () => this.#jobsNext !== "" && oldest !== null && this.#oldestJob <= oldest;
    while (this.#jobsNext !== null && !reached()) {
      const page = await get(`/api/jobs?limit=${JOBS_PAGE}${cursor(this.#jobsNext)}`);
      for (const job of page.jobs) {
        this.putJob(job);
        this.#oldestJob = job.job_id;
      }
      this.#jobsNext = page.next;
    }
  }

  /** @param {string} id */
  async fetchJob(id) {
    const job = await found(`/api/generate/${id}`);
    if (job === null) return this.#dropJob(id);
    const { tasks, images, ...summary } = job;
    this.putJob(summary);
    this.tasks.set(id, tasks);
    for (const task of tasks) if (!TROUBLE.includes(task.status)) dismissed.forget(tileKey(id, task.index));
    for (const image of images) this.putImage(image);
  }

  /** The single record, with its prompt. @param {string} id */
  async fetchImage(id) {
    const image = await found(`/api/images/${id}`);
    if (image === null) this.dropImage(id);
    else this.putImage(image);
  }

  /**
   * What an event tells of a task that is known.
   * @param {import("./stream.js").LogEvent} event
   * @returns {boolean} whether it was about one, and told all
   */
  applyToTask({ kind, job_id: jobId, task_index: index, status, step, image_id: imageId, at }) {
    this.touched.add(jobId);
    const task = this.tasks.get(jobId)?.find((one) => one.index === index);
    if (kind !== "task" || task === undefined) return false;
    if (status === "in_progress" && task.status !== "in_progress") task.started_at = at;
    const untold = step !== null && ELSEWHERE.includes(step);
    Object.assign(task, { status, step: untold ? task.step : step, image_id: imageId ?? task.image_id });
    return step !== "rerouted";
  }

  /** @param {any} summary */
  putJob(summary) {
    const id = summary.job_id;
    this.jobs.set(id, summary);
    this.touched.add(id);
    if (LIVE.includes(summary.status)) this.#live.add(id);
    else this.#live.delete(id);
  }

  /** Lists leave out the prompt; where it is known it is kept. @param {any} image */
  putImage(image) {
    const prompt = image.prompt ?? this.images.get(image.id)?.prompt;
    this.images.set(image.id, prompt === undefined ? image : { ...image, prompt });
    const made = this.#made.get(image.job_id) ?? new Set();
    this.#made.set(image.job_id, made.add(image.id));
    this.touched.add(image.job_id);
  }

  /** @param {string} id */
  dropImage(id) {
    const image = this.images.get(id);
    if (image === undefined) return;
    this.images.delete(id);
    this.#made.get(image.job_id)?.delete(id);
    this.touched.add(image.job_id);
  }

  /** The known pictures of a job. @param {string} jobId @returns {any[]} */
  imagesOf(jobId) {
    return Array.from(this.#made.get(jobId) ?? [], (id) => this.images.get(id));
  }

  /** Jobs with work left, the oldest first. */
  liveJobs() {
    return Array.from(this.#live, (id) => this.jobs.get(id)).sort((a, b) => (a.job_id < b.job_id ? -1 : 1));
  }

  /**
   * How many unfinished pictures of the same provider come before a task, and how many there are to the end of its
   * job. @param {string} jobId @param {any} task
   */
  placeOf(jobId, task) {
    let ahead = 0;
    let upTo = 0;
    for (const id of this.#live) {
      if (id > jobId) continue;
      for (const one of this.tasks.get(id) ?? []) {
        if (!UNFINISHED.includes(one.status) || one.provider !== task.provider) continue;
        upTo += 1;
        if (id < jobId || one.index < task.index) ahead += 1;
      }
    }
    return { ahead, upTo };
  }

  #dropJob(id) {
    this.jobs.delete(id);
    this.tasks.delete(id);
    this.#live.delete(id);
    this.touched.add(id);
  }
}

/** What a tile is known by, for its whole life. */
export const tileKey = (jobId, index) => `${jobId}:${index}`;

const needsTasks = (job) => LIVE.includes(job.status) || job.progress.failed + job.progress.interrupted > 0;

const cursor = (after) => (after === "" ? "" : `&after=${encodeURIComponent(after)}`);

/** The record at that path, or null where there is none. */
async function found(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}
