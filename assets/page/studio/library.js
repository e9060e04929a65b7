/**
 * The page's picture of the job log, kept true by the event stream.
 *
 * The log on the server is the truth. The stream says what changed; records are fetched, never guessed. The stream
 * is opened first and its events wait until the records are loaded, so that nothing in between is missed.
 */

import { Problem, eachOf } from "./api.js";
import { serverClock } from "./clock.js";
import { dismissed } from "../gallery/dismissed.js";
import { Records, UNFINISHED, tileKey } from "./records.js";
import { EventStream } from "./stream.js";

const REFRESH_MS = 400;
const ETA_MS = 5000;
const RETRY_MS = 2000;

/** Tells `change` when there is something new to show and `live` when the connection came or went. */
export class Library extends EventTarget {
  records = new Records();
  live = false;
  loaded = false;
  /** Id of the last event that was applied. */
  seq = 0;

  #loading = false;
  #wantsAll = false;
  #wantsMore = false;
  #early = /** @type {import("./stream.js").LogEvent[]} */ ([]);
  #staleJobs = /** @type {Set<string>} */ (new Set());
  #staleImages = /** @type {Set<string>} */ (new Set());
  #refreshing = false;
  #announced = false;
  #stream = new EventStream({
    event: (event) => (this.loaded && !this.#loading ? this.#apply(event) : this.#early.push(event)),
    live: (live) => this.#setLive(live),
    reset: () => void this.load(),
  });

  start() {
    this.#stream.start();
    dismissed.addEventListener("change", () => this.#changed());
    window.setTimeout(() => this.loaded || this.load(), RETRY_MS);
    window.setInterval(() => void this.#refreshTimes(), ETA_MS);
  }

  /** Build everything anew from the server. */
  load() {
    this.#wantsAll = true;
    return this.#work();
  }

  /** Go one page further into the past. */
  loadMore() {
    if (!this.loaded || this.records.next === null) return Promise.resolve();
    this.#wantsMore = true;
    return this.#work();
  }

  /** Fetch a job's record again. @param {string} jobId */
  refreshJob(jobId) {
    this.#staleJobs.add(jobId);
    return this.#refresh();
  }

  tiles() {
    return this.records.tiles(this.#staleImages);
  }

  async #work() {
    if (this.#loading) return;
    this.#loading = true;
    try {
      while (this.#wantsAll || this.#wantsMore) {
        this.#wantsMore = false;
        if (this.#wantsAll) await this.#loadAll();
        else await this.records.loadPage();
      }
    } catch (error) {
      this.#afterLoss(error);
    } finally {
      this.#loading = false;
    }
    if (this.loaded) for (const event of this.#early.splice(0)) this.#apply(event);
    this.#changed();
  }

  async #loadAll() {
    this.#wantsAll = false;
    const fresh = new Records();
    await fresh.load(this.records.pages);
    this.records = fresh;
    this.loaded = true;
  }

  #afterLoss(error) {
    if (!(error instanceof Problem)) throw error;
    window.setTimeout(() => void this.load(), RETRY_MS);
  }

  #setLive(live) {
    this.live = live;
    if (live) void (this.loaded ? this.#refresh() : this.load());
    this.dispatchEvent(new Event("live"));
  }

  /** @param {import("./stream.js").LogEvent} event */
  #apply(event) {
    serverClock.hear(event.at);
    this.seq = Math.max(this.seq, event.id);
    if (event.kind !== "image") this.#staleJobs.add(event.job_id);
    if (event.image_id !== null && (event.kind === "image" || !this.records.images.has(event.image_id))) {
      this.#staleImages.add(event.image_id);
    }
    if (event.task_index !== null && UNFINISHED.includes(event.status)) {
      dismissed.forget(tileKey(event.job_id, event.task_index));
    }
    const task = this.records.tasks.get(event.job_id)?.find((one) => one.index === event.task_index);
    if (event.kind === "task" && task) {
      if (event.status === "in_progress" && task.status !== "in_progress") task.started_at = event.at;
      Object.assign(task, { status: event.status, step: event.step, image_id: event.image_id ?? task.image_id });
    }
    this.#changed();
    void this.#refresh();
  }

  /** Fetch what is stale; more of it that comes meanwhile is fetched in the next round. */
  async #refresh() {
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      while (this.#staleJobs.size + this.#staleImages.size > 0) {
        const jobs = [...this.#staleJobs];
        await eachOf([...this.#staleImages], async (id) => {
          await this.records.fetchImage(id);
          this.#staleImages.delete(id);
        });
        this.#changed();
        await eachOf(jobs, async (id) => {
          this.#staleJobs.delete(id);
          await this.records.fetchJob(id);
        });
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
  async #refreshTimes() {
    if (!this.live || document.hidden || this.records.liveJobs().length === 0) return;
    try {
      await this.records.loadLive();
      this.#changed();
    } catch (error) {
      this.#afterLoss(error);
    }
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
