/** The tab tells how far the work is, in its title and its icon, and that it is done until somebody looks. */

import { element } from "../studio/dom.js";
import { t } from "../studio/i18n.js";
import { library } from "../studio/library.js";
import { stretch, sumOf } from "./progress.js";

const NAME = "imagegen";
const ACCENT = "#d6f64e";
const GROUND = "#1b1b1d";
const TURN = 2 * Math.PI * 11;

export class TabTitle {
  /** @type {Set<string>} jobs since the last time that nothing ran */
  #jobs = new Set();
  /** What ended unseen. @type {string | null} */
  #news = null;
  #icon = iconLink();
  #usual = this.#icon.getAttribute("href") ?? "";
  #shape = this.#usual;

  /** @param {AbortSignal} signal */
  constructor(signal) {
    library.addEventListener("change", () => this.#follow(), { signal });
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
    signal.addEventListener("abort", () => this.#tell(NAME, null));
  }

  #follow() {
    const { jobs } = library.records;
    this.#jobs = stretch(this.#jobs, jobs);
    const { completed, ended, total, live } = sumOf(this.#jobs, jobs);
    if (live) {
      this.#news = null;
      return this.#tell(t("dock.titleProgress", { completed, total }), ended / total);
    }
    if (this.#jobs.size > 0 && document.hidden) {
      this.#news = completed > 0 ? t("dock.titleDone", { count: completed }) : t("dock.titleTrouble");
    }
    this.#jobs.clear();
    if (this.#news === null) this.#tell(NAME, null);
    else this.#tell(this.#news, 1);
  }

  #seen() {
    if (document.hidden || this.#news === null) return;
    this.#news = null;
    this.#tell(NAME, null);
  }

  /** @param {string} title @param {number | null} part of 1 that is done; null shows the usual icon */
  #tell(title, part) {
    if (document.title !== title) document.title = title;
    const shape = part === null ? this.#usual : ring(part);
    if (shape === this.#shape) return;
    this.#shape = shape;
    this.#icon.href = shape;
  }
}

/** The page may name no icon: then browsers ask for the usual one. */
function iconLink() {
  const named = document.querySelector("link[rel~='icon']") ?? element("link", { rel: "icon", href: "/favicon.ico" });
  document.head.append(named);
  return /** @type {HTMLLinkElement} */ (named);
}

/** A ring as an icon: the drawn part of it is what is done. @param {number} part */
function ring(part) {
  const drawn = Math.round(part * TURN);
  const circle = (colour, dash) => `<circle cx='16' cy='16' r='11' fill='none' stroke='${colour}' stroke-width='7' ${dash}/>`;
  const done = circle(ACCENT, `stroke-dasharray='${drawn} 99' transform='rotate(-90 16 16)'`);
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='9' fill='${GROUND}'/>${circle("#55554f", "")}${drawn > 0 ? done : ""}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
