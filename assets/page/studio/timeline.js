/**
 * The order in which pictures are shown: days, newest first; in a day the newest job first; in a job as it was planned.
 *
 * Only what changed is put together anew, so that one event costs the same among a hundred thousand pictures.
 */

import { dismissed } from "../gallery/dismissed.js";
import { TROUBLE, tileKey } from "./records.js";

const WAITING_SHOWN = 60;
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
/** The first ten digits of an id are the milliseconds of its birth. */
const TIME_DIGITS = 10;

/** @typedef {{key: string, job: any, task: any, image: any, jobId: string, index: number}} TileData */
/** @typedef {{day: string, tiles: TileData[], pictures: number}} Section a day as `YYYY-MM-DD`; another object when it changes */

export class Timeline {
  /** Newest first. @type {Section[]} */
  sections = [];
  /** @type {Map<string, TileData[]>} */
  #blocks = new Map();
  /** @type {Map<string, string[]>} ids of the jobs of each day, newest first */
  #days = new Map();
  /** @type {string[] | null} */
  #pictures = null;

  /** @param {import("./records.js").Records} records @param {import("./listing.js").Listing} listing */
  constructor(records, listing) {
    this.records = records;
    this.listing = listing;
    for (const id of records.jobs.keys()) records.touched.add(id);
    for (const image of records.images.values()) records.touched.add(image.job_id);
  }

  /** Take in what was touched since the last time. */
  update() {
    const stale = new Set();
    for (const id of this.records.touched) {
      const tiles = tilesOf(id, this.records, this.listing);
      const known = this.#blocks.has(id);
      if (tiles.length === 0 && !known) continue;
      const day = dayOf(id);
      stale.add(day);
      if (tiles.length === 0) this.#leave(day, id);
      else if (!known) this.#join(day, id);
      if (tiles.length === 0) this.#blocks.delete(id);
      else this.#blocks.set(id, tiles);
    }
    this.records.touched.clear();
    if (stale.size === 0) return;
    this.#pictures = null;
    const others = this.sections.filter((section) => !stale.has(section.day));
    const renewed = [...stale].filter((day) => this.#days.has(day)).map((day) => this.#section(day));
    this.sections = [...others, ...renewed].sort((a, b) => (a.day < b.day ? 1 : -1));
  }

  /** Ids of all pictures in the order in which they are shown. */
  get pictures() {
    this.#pictures ??= this.sections.flatMap((section) => section.tiles.flatMap(({ image }) => (image === null ? [] : [image.id])));
    return this.#pictures;
  }

  /** Whether all of a day is loaded. @param {string} day */
  isWhole(day) {
    return this.listing.oldest === null || dayOf(this.listing.oldest) < day;
  }

  #join(day, id) {
    const jobs = this.#days.get(day) ?? [];
    jobs.push(id);
    jobs.sort((a, b) => (a < b ? 1 : -1));
    this.#days.set(day, jobs);
  }

  #leave(day, id) {
    const left = (this.#days.get(day) ?? []).filter((one) => one !== id);
    if (left.length === 0) this.#days.delete(day);
    else this.#days.set(day, left);
  }

  /** @returns {Section} */
  #section(day) {
    const tiles = (this.#days.get(day) ?? []).flatMap((id) => this.#blocks.get(id) ?? []);
    const pictures = tiles.reduce((count, { image }) => count + (image === null ? 0 : 1), 0);
    return { day, tiles, pictures };
  }
}

/** @param {string} id @returns {number} when it was made, in milliseconds of the epoch */
export function bornAt(id) {
  let time = 0;
  for (const digit of id.slice(0, TIME_DIGITS)) time = time * DIGITS.length + DIGITS.indexOf(digit);
  return time;
}

/** The day here of whatever has that id. @param {string} id */
export const dayOf = (id) => localDay(new Date(bornAt(id)));

/** @param {Date} date @returns {string} `YYYY-MM-DD` in the browser's time zone */
export function localDay(date) {
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** @returns {TileData[]} in the order of the job's plan */
function tilesOf(jobId, records, listing) {
  const job = records.jobs.get(jobId) ?? null;
  /** @type {Map<string, TileData>} */
  const tiles = new Map();
  const shown = new Set();
  let waiting = 0;
  const showsTasks = job !== null && listing.hasTasksOf(job);
  for (const task of records.tasks.get(jobId) ?? []) {
    const image = records.images.get(task.image_id) ?? null;
    const key = tileKey(jobId, task.index);
    if (image === null) {
      if (!showsTasks || isGone(task, records.coming)) continue;
      if (task.status === "pending" && (waiting += 1) > WAITING_SHOWN) continue;
      if (TROUBLE.includes(task.status) && dismissed.has(key)) continue;
    } else if (!listing.has(image, job)) continue;
    else shown.add(image.id);
    tiles.set(key, { key, job, task, image, jobId, index: task.index });
  }
  for (const image of records.imagesOf(jobId)) {
    if (shown.has(image.id) || !listing.has(image, job)) continue;
    const place = tileKey(jobId, image.task_index);
    const key = tiles.has(place) ? image.id : place;
    tiles.set(key, { key, job, task: null, image, jobId, index: image.task_index });
  }
  return [...tiles.values()].sort((a, b) => a.index - b.index);
}

/** Cancelled, or finished with its picture in the trash. */
const isGone = (task, coming) => task.status === "cancelled" || (task.status === "completed" && !coming.has(task.image_id));
