/** Tells those who do not see how far the jobs are: a short line, politely, and not for each picture. */

import { say } from "../studio/dom.js";
import { t } from "./language.js";

const FIRST_MS = 1000;
const APART_MS = 6000;

/** @typedef {{job_id: string, progress: {total: number, completed: number, failed: number, interrupted: number}}} Job */

/**
 * What is new in jobs, in one line; empty when nothing is.
 * @param {Map<string, Job>} before as they were when last told of
 * @param {Job[]} after
 */
export function news(before, after) {
  const sum = { total: 0, ready: 0, lost: 0 };
  for (const { job_id: id, progress } of after) {
    const old = before.get(id)?.progress;
    const lost = progress.failed + progress.interrupted;
    if (!old || (old.completed >= progress.completed && old.failed + old.interrupted >= lost)) continue;
    sum.total += progress.total;
    sum.ready += progress.completed;
    sum.lost += lost;
  }
  if (sum.total === 0) return "";
  const ready = sum.total === 1 ? t("gallery.oneReady") : t("gallery.someReady", { ready: sum.ready, total: sum.total });
  const lost = sum.total === 1 ? t("gallery.oneLost") : t("gallery.someLost", { lost: sum.lost });
  return [sum.ready > 0 && ready, sum.lost > 0 && lost].filter(Boolean).join(", ");
}

export class Announcer {
  /** @type {Map<string, Job>} */
  #told = new Map();
  /** @type {Map<string, Job>} */
  #jobs = new Map();
  /** Jobs with a later id are new to the page. @type {string | null} */
  #since = null;
  #timer = 0;
  #last = -APART_MS;

  /** @param {HTMLElement} line with the role of a status */
  constructor(line) {
    this.line = line;
  }

  /**
   * @param {Map<string, Job>} jobs as they stand
   * @param {Set<string>} followed ids of those that are or were live while the page watched. What the first call brings is old
   */
  follow(jobs, followed) {
    this.#since ??= [...jobs.keys()].reduce((latest, id) => (id > latest ? id : latest), "");
    this.#jobs = new Map();
    for (const id of followed) {
      const job = jobs.get(id);
      if (job === undefined) continue;
      this.#jobs.set(id, job);
      if (!this.#told.has(id)) this.#told.set(id, id > this.#since ? begun(job) : job);
    }
    if (this.#timer !== 0 || news(this.#told, [...this.#jobs.values()]) === "") return;
    say(this.line, ""); // the same words again must be read again
    this.#timer = window.setTimeout(() => this.#tell(), Math.max(FIRST_MS, this.#last + APART_MS - performance.now()));
  }

  #tell() {
    this.#timer = 0;
    this.#last = performance.now();
    say(this.line, news(this.#told, [...this.#jobs.values()]));
    this.#told = new Map(this.#jobs);
  }
}

/** A job that is new to the page began with nothing done. */
const begun = (job) => ({ ...job, progress: { ...job.progress, completed: 0, failed: 0, interrupted: 0 } });
