/** What the stream said has changed and is not fetched yet. */

import { Problem, eachOf } from "./api.js";

export class Stale {
  /** @type {Set<string>} ids */
  jobs = new Set();
  /** Whether the places and times of live jobs are. */
  times = false;
  /** Whether the count of the library is. */
  totals = true;
  /** @type {Set<string>} ids */
  #images = new Set();
  #fetching = false;
  /** Jobs that are being fetched. @type {Set<string>} ids */
  #coming = new Set();

  get any() {
    return this.jobs.size > 0 || this.times || this.totals;
  }

  /** @param {string} id @param {import("./records.js").Records} records which learn that it is on its way */
  addImage(id, records) {
    this.#images.add(id);
    records.coming.add(id);
    new Image().src = `/api/images/${id}/thumb`; // the browser fetches it beside the record
  }

  /**
   * What ran when the records were last true, or is fetched into them just now, and is not among the new ones: how
   * it ended is still to be told.
   * @param {import("./records.js").Records} old @param {import("./records.js").Records} fresh
   */
  addEnded(old, fresh) {
    const open = [...old.liveJobs().map((job) => job.job_id), ...this.#coming];
    for (const id of open) if (!fresh.jobs.has(id)) this.jobs.add(id);
  }

  /**
   * Fetch the pictures' records, without any delay: they are what is waited for.
   * @param {import("./records.js").Records} records
   * @param {() => void} fetched told each time when some are there
   */
  async fetchImages(records, fetched) {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      while (this.#images.size > 0) {
        await eachOf([...this.#images], async (id) => {
          await records.fetchImage(id);
          this.#images.delete(id);
          records.coming.delete(id);
        });
        fetched();
      }
    } finally {
      this.#fetching = false;
    }
  }

  /** Fetch the jobs. @param {import("./records.js").Records} records */
  async fetchJobs(records) {
    const jobs = [...this.jobs];
    if (this.times) await records.loadLive();
    this.times = false;
    await eachOf(jobs, async (id) => {
      this.jobs.delete(id);
      this.#coming.add(id);
      try {
        await records.fetchJob(id);
      } catch (error) {
        if (error instanceof Problem && error.unanswered) this.jobs.add(id); // for when the server is back
        throw error;
      } finally {
        this.#coming.delete(id);
      }
    });
  }

  /** Whether the count was stale; it is fetched now. */
  takeTotals() {
    const { totals } = this;
    this.totals = false;
    return totals;
  }
}
