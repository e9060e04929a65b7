/**
 * The page's picture of the job log, kept true by the event stream.
 *
 * The log on the server is the truth. The stream says what changed; records are fetched, never guessed. The stream
 * is opened first and its events wait until the records are loaded, so that nothing in between is missed.
 */

import { Problem, get } from "./api.js";
import { serverClock } from "./clock.js";
import { dismissed } from "../gallery/dismissed.js";
import { isOpen, wanted } from "./filter.js";
import { Listing } from "./listing.js";
import { keptPlace } from "./place.js";
import { Records, TROUBLE, UNFINISHED, tileKey } from "./records.js";
import { Stale } from "./stale.js";
import { EventStream } from "./stream.js";
import { Timeline } from "./timeline.js";

const REFRESH_MS = 400;
const ETA_MS = 5000;
const RETRY_MS = 2000;
/** Of larger jobs only what events do not tell is fetched again. */
const SMALL_JOB = 100;
const WORDED = [...TROUBLE, "retrying"];

/** Tells `change` when there is something new to show, `live` when the connection came or went, and each `event`. */
export class Library extends EventTarget {
  records = new Records();
  listing = new Listing(wanted.now);
  timeline = new Timeline(this.records, this.listing);
  live = false;
  loaded = false;
  /** `{images, cutouts, oldest}`; null until it is known. @type {any} */
  totals = null;
  /** Pictures that were made while the page watched. @type {Set<string>} */
  fresh = new Set();
  /** Jobs that are or were live while the page watched. @type {Set<string>} */
  followed = new Set();
  /** Id of the last event that was applied. */
  seq = 0;
  #wants = { all: false, filter: false, more: false };
  /** @type {Promise<void> | null} */
  #working = null;
  #renewing = false; // all records are built anew: what is fetched now would go down with the old ones, so it waits
  #early = /** @type {import("./stream.js").LogEvent[]} */ ([]);
  #stale = new Stale();
  #refreshing = false;
  #announced = false;
  #stream = new EventStream({
    event: (event) => (this.loaded && this.#working === null ? this.#apply(event) : this.#early.push(event)),
    live: (live) => this.#setLive(live),
    reset: () => void this.load(),
  });

  /** Begin to load, perhaps before there is anybody to tell. */
  connect() {
    this.#stream.start();
    window.setTimeout(() => this.loaded || this.load(), RETRY_MS);
  }

  /** Tell those who came after the connection, too. */
  start() {
    dismissed.addEventListener("change", () => {
      for (const id of this.records.tasks.keys()) this.records.touched.add(id);
      this.#changed();
    });
    wanted.addEventListener("change", () => this.#want("filter"));
    window.setInterval(() => this.#refreshTimes(), ETA_MS);
    if (this.live) this.dispatchEvent(new Event("live"));
    this.#changed();
  }

  /** Build everything anew from the server. */
  load() {
    return this.#want("all");
  }

  /** Go one page further into the past. @returns {Promise<void>} */
  async loadMore() {
    if (this.loaded && this.listing.next !== null) await this.#want("more");
  }

  /** Whether another selection of pictures is on its way than the one that is shown. */
  get searching() {
    return this.listing.filter !== wanted.now;
  }

  /** Fetch a job's record again. @param {string} jobId */
  refreshJob(jobId) {
    this.#stale.jobs.add(jobId);
    return this.#refresh();
  }

  /** Fetch a picture's record, with its prompt. @param {string} imageId */
  async describe(imageId) {
    await this.records.fetchImage(imageId);
    this.#changed();
  }

  /** A picture went to the trash. @param {string} imageId */
  forget(imageId) {
    this.records.dropImage(imageId);
    this.#changed();
  }

  /**
   * The picture before (−1) or after (1) another in the order that is shown, older pages being loaded as needed.
   * @param {string} imageId @param {1 | -1} step
   * @returns {Promise<string | null>} its id; null at either end, and where the other is not shown
   */
  async neighbour(imageId, step) {
    for (;;) {
      this.timeline.update();
      const order = this.timeline.pictures;
      const at = order.indexOf(imageId);
      if (at < 0) return null;
      if (order[at + step] !== undefined) return order[at + step];
      const { length, next } = this.listing;
      if (step < 0 || next === null) return null;
      await this.loadMore();
      if (this.listing.length === length && this.listing.next !== null) return null; // the server is away
    }
  }

  /** @param {"all" | "filter" | "more"} what @returns {Promise<void>} when it is there, or cannot be had */
  #want(what) {
    this.#wants[what] = true;
    this.#working ??= this.#work();
    if (what === "filter") this.#changed();
    return this.#working;
  }

  async #work() {
    const wants = this.#wants;
    try {
      while (wants.all || wants.filter || wants.more) {
        const all = (this.#renewing = wants.all);
        const afresh = all || wants.filter;
        wants.all = wants.filter = wants.more = false;
        if (afresh) await this.#loadAfresh(all);
        else if (this.listing.next !== null) await this.listing.loadInto(this.records);
      }
    } catch (error) {
      this.#afterLoss(error);
    } finally {
      this.#working = null;
      this.#renewing = false;
    }
    if (this.loaded) for (const event of this.#early.splice(0)) this.#apply(event);
    this.#changed();
    void this.#refresh();
  }

  /** @param {boolean} all the records too, or only which of them are shown */
  async #loadAfresh(all) {
    const records = all ? new Records() : this.records;
    const listing = new Listing(wanted.now);
    const depth = all && this.listing.filter === wanted.now ? this.listing.length : 0;
    const live = all ? records.loadLive() : Promise.resolve();
    await listing.loadDown(records, depth, this.loaded ? null : (keptPlace?.image ?? null));
    await live;
    await records.loadTasks();
    if (all) this.#stale.addEnded(this.records, records);
    this.records = records;
    this.listing = listing;
    this.timeline = new Timeline(records, listing);
    for (const { job_id: id } of records.liveJobs()) this.followed.add(id);
    this.#stale.totals ||= all;
    this.loaded = true;
  }

  #afterLoss(error) {
    if (!(error instanceof Problem)) throw error;
    window.setTimeout(() => void this.load(), RETRY_MS);
  }

  #setLive(live) {
    if ((this.live = live)) void (this.loaded ? this.#refresh() : this.load());
    this.dispatchEvent(new Event("live"));
  }

  /** @param {import("./stream.js").LogEvent} event */
  #apply(event) {
    serverClock.hear(event.at);
    this.dispatchEvent(new CustomEvent("event", { detail: event }));
    this.seq = Math.max(this.seq, event.id);
    if (event.kind === "image") this.#applyToImage(event);
    else this.#applyToJob(event);
    this.#changed();
    void this.#refresh();
  }

  #applyToImage({ status, image_id: id }) {
    this.#stale.totals = true;
    if (status === "deleted") this.records.dropImage(id);
    else if (this.records.images.has(id) || this.listing.reaches(id)) this.#stale.addImage(id, this.records);
  }

  #applyToJob(event) {
    const { job_id: jobId, task_index: index, image_id: imageId, status } = event;
    const told = this.records.applyToTask(event) && !WORDED.includes(status);
    if (told && this.records.jobs.get(jobId)?.progress.total > SMALL_JOB) this.#stale.times = true;
    else this.#stale.jobs.add(jobId);
    if (index !== null && UNFINISHED.includes(status)) dismissed.forget(tileKey(jobId, index));
    if (imageId !== null && status === "completed") this.fresh.add(imageId);
    if (imageId !== null && !this.records.images.has(imageId)) {
      this.#stale.totals = true;
      this.#stale.addImage(imageId, this.records);
    }
    this.followed.add(jobId);
  }

  /** Fetch what is stale; of the jobs, what comes meanwhile is fetched in the next round. */
  async #refresh() {
    if (!this.loaded || this.#renewing) return;
    this.#stale.fetchImages(this.records, () => this.#changed()).catch((error) => this.#afterLoss(error));
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      while (this.#stale.any && !this.#renewing) {
        await this.#stale.fetchJobs(this.records);
        if (this.#stale.takeTotals()) this.totals = await get("/api/library");
        this.#changed();
        await new Promise((resolve) => window.setTimeout(resolve, REFRESH_MS));
      }
    } catch (error) {
      this.#afterLoss(error);
    } finally {
      this.#refreshing = false;
    }
  }

  /** Places in the queue move when other jobs do, whose events name only themselves. */
  #refreshTimes() {
    if (!this.live || document.hidden || this.records.liveJobs().length === 0) return;
    this.#stale.times = true;
    void this.#refresh();
  }

  #changed() {
    if (this.#announced) return;
    this.#announced = true;
    window.setTimeout(() => {
      this.#announced = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}

export const library = new Library();
