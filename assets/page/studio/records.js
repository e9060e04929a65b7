/**
 * What is loaded of the job log: summaries, tasks of the jobs that have something to show for them, and pictures.
 *
 * Ids of jobs and of pictures sort by age, so that newest first is the order of ids backwards.
 */

import { Problem, eachOf, get } from "./api.js";
import { dismissed } from "../gallery/dismissed.js";

const PAGE = 60;
const JOBS_PAGE = 200;
const WAITING_SHOWN = 60;
const LIVE = ["queued", "processing"];
export const UNFINISHED = ["pending", "in_progress", "retrying"];
const TROUBLE = ["failed", "interrupted"];

/** @typedef {{key: string, job: any, task: any, image: any, jobId: string, index: number}} TileData */

export class Records {
  /** @type {Map<string, any>} summaries by job id */
  jobs = new Map();
  /** @type {Map<string, any[]>} tasks of jobs that are live or have something to retry */
  tasks = new Map();
  /** @type {Map<string, any>} */
  images = new Map();
  /** Where the next older pictures begin; null at the end. @type {string | null} */
  next = "";
  pages = 0;
  #jobsNext = /** @type {string | null} */ ("");
  #oldestJob = "~";

  /** Live jobs and as many pages of pictures. @param {number} pages */
  async load(pages) {
    await this.loadLive();
    do await this.loadPage();
    while (this.pages < pages && this.next !== null);
  }

  /** Live jobs as they stand now, places in the queue and times included. */
  async loadLive() {
    let after = /** @type {string | null} */ ("");
    while (after !== null) {
      const page = await get(`/api/jobs?status=live&limit=${JOBS_PAGE}${cursor(after)}`);
      for (const job of page.jobs) this.jobs.set(job.job_id, job);
      after = page.next;
    }
  }

  /** The next page of pictures, with the jobs of their time: those give titles, and failed tasks their place. */
  async loadPage() {
    const page = await get(`/api/images?limit=${PAGE}${cursor(this.next ?? "")}`);
    for (const image of page.images) this.images.set(image.id, image);
    this.next = page.next;
    this.pages += 1;
    const oldest = page.images.at(-1)?.id ?? "";
    while (this.#jobsNext !== null && (this.next === null || this.#oldestJob > oldest)) {
      const jobs = await get(`/api/jobs?limit=${JOBS_PAGE}${cursor(this.#jobsNext)}`);
      for (const job of jobs.jobs) {
        this.jobs.set(job.job_id, job);
        this.#oldestJob = job.job_id;
      }
      this.#jobsNext = jobs.next;
    }
    const older = new Set(page.images.map((image) => image.job_id).filter((id) => !this.jobs.has(id)));
    await eachOf(older, (id) => this.fetchJob(id));
    const wanted = [...this.jobs.values()].filter((job) => !this.tasks.has(job.job_id) && needsTasks(job));
    await eachOf(wanted.map((job) => job.job_id), (id) => this.fetchJob(id));
  }

  /** @param {string} id */
  async fetchJob(id) {
    const job = await found(`/api/generate/${id}`);
    if (job === null) {
      this.jobs.delete(id);
      this.tasks.delete(id);
      return;
    }
    const { tasks, images, ...summary } = job;
    this.jobs.set(id, summary);
    this.tasks.set(id, tasks);
    for (const task of tasks) if (!TROUBLE.includes(task.status)) dismissed.forget(tileKey(id, task.index));
    for (const image of images) this.images.set(image.id, image);
  }

  /** @param {string} id */
  async fetchImage(id) {
    const image = await found(`/api/images/${id}`);
    if (image === null) this.images.delete(id);
    else this.images.set(id, image);
  }

  /** Jobs with work left, the oldest first. */
  liveJobs() {
    const live = [...this.jobs.values()].filter((job) => LIVE.includes(job.status));
    return live.sort((a, b) => (a.job_id < b.job_id ? -1 : 1));
  }

  /**
   * How many unfinished pictures of the same provider come before a task, and how many there are to the end of its
   * job. @param {string} jobId @param {any} task
   */
  placeOf(jobId, task) {
    let ahead = 0;
    let upTo = 0;
    for (const [id, tasks] of this.tasks) {
      if (id > jobId) continue;
      for (const one of tasks) {
        if (!UNFINISHED.includes(one.status) || one.provider !== task.provider) continue;
        upTo += 1;
        if (id < jobId || one.index < task.index) ahead += 1;
      }
    }
    return { ahead, upTo };
  }

  /**
   * @param {Set<string>} coming ids of pictures that are being fetched
   * @returns {TileData[]} newest job first, within a job in the order of its plan
   */
  tiles(coming) {
    /** @type {Map<string, TileData>} */
    const tiles = new Map();
    const shown = new Set();
    for (const [jobId, tasks] of this.tasks) {
      const job = this.jobs.get(jobId);
      let waiting = 0;
      for (const task of tasks) {
        const image = this.images.get(task.image_id) ?? null;
        if (image === null && isGone(task, coming)) continue;
        if (task.status === "pending" && (waiting += 1) > WAITING_SHOWN) continue;
        const key = tileKey(jobId, task.index);
        if (TROUBLE.includes(task.status) && dismissed.has(key)) continue;
        if (image !== null) shown.add(image.id);
        tiles.set(key, { key, job, task, image, jobId, index: task.index });
      }
    }
    for (const image of this.images.values()) {
      if (shown.has(image.id)) continue;
      const place = tileKey(image.job_id, image.task_index);
      const key = tiles.has(place) ? image.id : place;
      const job = this.jobs.get(image.job_id) ?? null;
      tiles.set(key, { key, job, task: null, image, jobId: image.job_id, index: image.task_index });
    }
    return [...tiles.values()].sort((a, b) => (a.jobId === b.jobId ? a.index - b.index : a.jobId < b.jobId ? 1 : -1));
  }
}

/** What a tile is known by, for its whole life. */
export const tileKey = (jobId, index) => `${jobId}:${index}`;

/** Cancelled, or finished with its picture in the trash. */
const isGone = (task, coming) =>
  task.status === "cancelled" || (task.status === "completed" && !coming.has(task.image_id));

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
