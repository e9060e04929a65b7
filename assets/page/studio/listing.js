/** How far the pictures that a filter lets through are loaded: newest first, page by page. */

import { get } from "./api.js";
import { isOpen } from "./filter.js";

const FIRST_PAGE = 60;
const PAGE = 120;
const MOST = 200;
/** When everything is read anew, that many pictures at most: whoever was further back loads on from there. */
const DEEPEST = 2000;
/** Sorts after every id. */
const NEWEST = "~";

export class Listing {
  /** Where the next older pictures begin; null at the end. @type {string | null} */
  next = "";
  /** How many pictures came. */
  length = 0;
  /** Pictures that the server found for the filter. @type {Set<string>} */
  #found = new Set();
  #oldest = NEWEST;

  /** @param {import("./filter.js").Filter} filter */
  constructor(filter) {
    this.filter = filter;
    this.isOpen = isOpen(filter);
  }

  /**
   * Load the next older page; with it the jobs of that time, where the pictures of all of them are shown.
   * @param {import("./records.js").Records} records which take them in
   * @param {number} [limit] pictures
   */
  async loadInto(records, limit) {
    const newest = this.isOpen && this.length === 0 ? records.loadJobs(NEWEST) : null;
    for (const image of await this.#loadPage(limit)) records.putImage(image);
    await newest;
    if (!this.isOpen) return;
    await records.loadJobs(this.oldest);
    await records.loadTasks();
  }

  /**
   * Load as far down as it was before.
   * @param {import("./records.js").Records} records which take the pictures in
   * @param {number} depth how many pictures there were; 0 for the first page
   * @param {string | null} aim a picture that is to be among them, and some that come after it
   */
  async loadDown(records, depth, aim) {
    const isAhead = () => aim !== null && !this.reaches(aim);
    const left = () => Math.min(DEEPEST, isAhead() ? DEEPEST : depth) - this.length;
    await this.loadInto(records, Math.max(0, left()) || undefined);
    while (left() > 0 && this.next !== null) await this.loadInto(records, left());
    if (aim !== null && this.next !== null) await this.loadInto(records);
  }

  /** @returns {Promise<any[]>} the records that came */
  async #loadPage(limit = this.length === 0 ? FIRST_PAGE : PAGE) {
    const asked = new URLSearchParams({ limit: String(Math.min(limit, MOST)) });
    for (const [name, value] of Object.entries(this.filter)) if (value !== "") asked.set(name, value);
    if (this.next) asked.set("after", this.next);
    const { images, next } = await get(`/api/images?${asked}`);
    for (const image of images) this.#found.add(image.id);
    this.next = next;
    this.length += images.length;
    this.#oldest = images.at(-1)?.id ?? this.#oldest;
    return images;
  }

  /** Whether all is loaded down to what was made then: ids sort by age. @param {string} id of a picture or a job */
  reaches(id) {
    return this.next === null || id >= this.#oldest;
  }

  /** Id of the oldest picture that came; null before the first and when all came. */
  get oldest() {
    return this.next === null || this.length === 0 ? null : this.#oldest;
  }

  /** Whether a picture is among those wanted. What came since the listing began is judged here. */
  has(image, job) {
    if (this.#found.has(image.id)) return true;
    const { q, album, kind } = this.filter;
    if (q !== "" || !this.reaches(image.id)) return false;
    return (album === "" || job?.album === album) && (kind === "" || (kind === "cutout") === (image.parent_id !== null));
  }

  /** Whether the unfinished pictures of a job are shown. */
  hasTasksOf(job) {
    const { q, album, kind } = this.filter;
    if (q !== "" || !this.reaches(job.job_id)) return false;
    return (album === "" || job.album === album) && (kind === "" || (kind === "cutout") === (job.kind === "cutout"));
  }
}
