/** The jobs that run, wait, or ended badly; those that are done stay for a moment. */

import { serverClock } from "../studio/clock.js";
import { element, say } from "../studio/dom.js";
import { dismissed } from "../gallery/dismissed.js";
import { speak, t } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { duration } from "../studio/words.js";
import * as words from "../words/dock.js";
import { JobCard, troubleOf } from "./job.js";
import { isLive } from "./progress.js";
import { TabTitle } from "./title.js";

speak("dock", words);

const TICK_MS = 1000;
/** How long a job that is done stays. */
const FAREWELL_MS = 3500;
/** How many cards stand in the row before the rest is a number. */
const SHOWN = 6;
/** Older failures are history; what may have been billed is asked for as long as it is not answered. */
const FRESH_MS = 24 * 3600 * 1000;

class Dock extends HTMLElement {
  #running = element("strong");
  #queued = element("span");
  #summary = element("div", { class: "summary" }, this.#running, this.#queued);
  #list = element("div", { class: "cards", role: "list", "aria-label": t("dock.jobs") });
  #more = element("button", { type: "button", class: "rest", "aria-expanded": "false", onclick: () => this.#unfold() });
  /** @type {Map<string, JobCard>} */
  #cards = new Map();
  /** When a job that was seen running ended. @type {Map<string, number>} */
  #ended = new Map();
  #clean = new AbortController();

  connectedCallback() {
    this.hidden = true;
    this.replaceChildren(this.#summary, this.#list, this.#more);
    const { signal } = this.#clean;
    new TabTitle(signal);
    library.addEventListener("change", () => this.#render(), { signal });
    dismissed.addEventListener("change", () => this.#render(), { signal });
    const timer = window.setInterval(() => this.#tick(), TICK_MS);
    signal.addEventListener("abort", () => window.clearInterval(timer));
    this.#render();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #tick() {
    if (this.#ended.size > 0) this.#render();
    for (const card of this.#cards.values()) card.tick();
  }

  /** Live jobs, the oldest first; then what wants an answer, the newest first; then what has just ended. */
  #jobs() {
    const now = serverClock.now();
    const live = library.records.liveJobs();
    const others = [...library.records.jobs.values()].filter((job) => !isLive(job));
    const troubled = others.filter((job) => wantsAnswer(job, now)).sort((a, b) => (a.job_id < b.job_id ? 1 : -1));
    for (const [id, card] of this.#cards) {
      const job = library.records.jobs.get(id);
      if (card.dataset.state === "live" && job && !isLive(job)) this.#ended.set(id, performance.now());
    }
    for (const [id, at] of this.#ended) if (performance.now() - at > FAREWELL_MS || !library.records.jobs.has(id)) this.#ended.delete(id);
    const leaving = others.filter((job) => this.#ended.has(job.job_id));
    return { live, troubled, all: [...live, ...troubled, ...leaving.filter((job) => !troubled.includes(job))] };
  }

  #render() {
    const { live, troubled, all } = this.#jobs();
    this.hidden = all.length === 0;
    const folded = !this.hasAttribute("data-open");
    const shown = folded ? all.slice(0, SHOWN) : all;
    this.#reconcile(shown);
    this.#more.hidden = all.length <= SHOWN;
    this.#more.replaceChildren(folded ? t("dock.more", { count: all.length - SHOWN }) : icon("chevron"), element("span", { class: "sr-only" }, folded ? "" : t("dock.fewer")));
    this.#summarise(live, troubled);
  }

  #reconcile(shown) {
    const ids = new Set(shown.map((job) => job.job_id));
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) continue;
      card.remove();
      this.#cards.delete(id);
      this.#ended.delete(id);
    }
    let cursor = this.#list.firstElementChild;
    for (const job of shown) {
      let card = this.#cards.get(job.job_id);
      if (card === undefined) {
        card = /** @type {JobCard} */ (document.createElement("ig-job"));
        this.#cards.set(job.job_id, card);
      }
      card.show(job);
      if (card === cursor) cursor = cursor.nextElementSibling;
      else this.#list.insertBefore(card, cursor);
    }
  }

  #summarise(live, troubled) {
    this.toggleAttribute("data-idle", live.length === 0);
    if (live.length === 0) {
      say(this.#running, troubled.length > 0 ? t("dock.attention", { count: troubled.length }) : t("dock.finished"));
      return say(this.#queued, "");
    }
    const tasks = live.flatMap((job) => library.records.tasks.get(job.job_id) ?? []);
    const running = tasks.filter((task) => task.status === "in_progress").length;
    const queued = tasks.filter((task) => ["pending", "retrying"].includes(task.status)).length;
    const longest = (quantile) => Math.max(0, ...live.map((job) => job.eta_seconds[quantile] ?? 0));
    const [left, most] = [longest("p50"), longest("p90")];
    say(this.#running, t("dock.running", { count: running }));
    say(this.#queued, [t("dock.queued", { count: queued }), left >= 1 && `~${duration(left)}`].filter(Boolean).join(" · "));
    this.#queued.title = left >= 1 && most > left ? t("dock.upTo", { time: duration(left), most: duration(most) }) : "";
  }

  #unfold() {
    this.toggleAttribute("data-open");
    this.#more.setAttribute("aria-expanded", String(this.hasAttribute("data-open")));
    this.#render();
  }
}

/** Whether a job that ended left something to decide. */
function wantsAnswer(job, now) {
  if (job.progress.failed + job.progress.interrupted === 0) return false;
  const { failed, interrupted } = troubleOf(job.job_id);
  return interrupted.length > 0 || (failed.length > 0 && now - Date.parse(job.created_at) < FRESH_MS);
}

customElements.define("ig-dock", Dock);
