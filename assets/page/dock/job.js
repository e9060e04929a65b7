/** One job in the dock: how far it is while it runs, and what can be done where it ended badly. */

import { call } from "../studio/api.js";
import { serverClock } from "../studio/clock.js";
import { element, say } from "../studio/dom.js";
import { dismissed } from "../gallery/dismissed.js";
import { t } from "../studio/i18n.js";
import { heldUp } from "../studio/held.js";
import { icon } from "../studio/icons.js";
import { alternativesOf, insteadButtons } from "../studio/instead.js";
import { library } from "../studio/library.js";
import { notices } from "../studio/notices.js";
import { providers } from "../studio/providers.js";
import { UNFINISHED, tileKey } from "../studio/records.js";
import { clock, duration, headline, ordinal, unitPrice } from "../studio/words.js";
import { isLive } from "./progress.js";

/** What a job left behind that nobody has dismissed. @param {string} jobId @returns {{failed: any[], interrupted: any[]}} tasks */
export function troubleOf(jobId) {
  const tasks = (library.records.tasks.get(jobId) ?? []).filter((task) => !dismissed.has(tileKey(jobId, task.index)));
  return {
    failed: tasks.filter((task) => task.status === "failed"),
    interrupted: tasks.filter((task) => task.status === "interrupted"),
  };
}

/** What a person should know of how its picture came out; null where there is nothing. @param {string} jobId @returns {string | null} */
const noticeOf = (jobId) => (library.records.tasks.get(jobId) ?? []).find((task) => task.notice)?.notice ?? null;

/** Which models made the pictures, and for how much in all; null where that is not known. @param {string} jobId @returns {string | null} */
function servedBy(jobId) {
  const made = (library.records.tasks.get(jobId) ?? []).filter((task) => task.status === "completed" && task.provider);
  if (made.length === 0) return null;
  const models = [...new Set(made.map((task) => providers.model(task.model)?.title ?? task.model))];
  const known = made.every((task) => task.usd !== null);
  return [models.join(", "), unitPrice(known ? made.reduce((sum, task) => sum + task.usd, 0) : null)].join(" · ");
}

/** What its next picture waits for, where its provider is held up. @param {string} jobId @returns {string | null} */
function waitsFor(jobId) {
  const open = (library.records.tasks.get(jobId) ?? []).filter((task) => UNFINISHED.includes(task.status));
  const held = open.some((task) => task.status === "in_progress") ? null : heldUp(open[0]?.provider ?? null);
  return held && t("providers.heldUntil", held);
}

/** Carries `data-job-id`, and `data-state`: live, trouble or ended. */
export class JobCard extends HTMLElement {
  #job = /** @type {any} */ (null);
  /** When the server's estimate was read. */
  #read = 0;
  #title = element("strong");
  #words = element("span");
  #bar = element("i");
  #meter = element("span", { class: "bar", role: "progressbar" }, this.#bar);
  #face = "";
  #thumb = element("div", { class: "thumb" });
  #cancel = this.#button("close", t("shared.cancel"), () => call("POST", `${this.#path}/cancel`));
  #retry = this.#button("retry", t("shared.retry"), () => this.#again(this.#indexes("failed")));
  #runAgain = element("button", { type: "button", class: "plain", onclick: () => this.#press(this.#runAgain, () => this.#again(this.#indexes("interrupted"))) }, t("dock.runAgain"));
  #instead = element("span", { class: "instead" });
  #offered = "";
  #dismiss = this.#button("close", t("shared.dismiss"), () => this.#forget());

  connectedCallback() {
    this.setAttribute("role", "listitem");
    const line = element("p", {}, this.#meter, this.#words);
    this.replaceChildren(this.#thumb, element("div", { class: "text" }, this.#title, line), this.#instead, this.#runAgain, this.#retry, this.#cancel, this.#dismiss);
  }

  /** @param {any} job its summary */
  show(job) {
    if (job !== this.#job) this.#read = serverClock.now();
    this.#job = job;
    this.dataset.jobId = job.job_id;
    const trouble = troubleOf(job.job_id);
    const troubled = trouble.failed.length + trouble.interrupted.length > 0;
    const live = isLive(job);
    this.dataset.state = live ? "live" : troubled ? "trouble" : "ended";
    const title = job.kind === "cutout" ? t("dock.cutoutOf", { title: job.title }) : job.title;
    say(this.#title, title);
    this.#title.title = title;
    this.#cancel.hidden = !live;
    this.#meter.hidden = !live;
    this.#dismiss.hidden = live || !troubled;
    this.#retry.hidden = live || trouble.failed.length === 0;
    this.#runAgain.hidden = live || trouble.interrupted.length === 0;
    if (live) this.tick();
    else if (troubled) this.#tellTrouble(trouble);
    else this.#tellEnd(job);
    void this.#offer(!live && trouble.failed.length > 0);
    this.#picture(live ? (job.kind === "cutout" ? "scissors" : "clock") : troubled ? "alert" : "check");
  }

  /** Count the time that is left on between two estimates. */
  tick() {
    const job = this.#job;
    if (job === null || !isLive(job)) return;
    const { total, completed, failed, cancelled, interrupted } = job.progress;
    const percent = Math.round((100 * (completed + failed + cancelled + interrupted)) / total);
    this.#bar.style.width = `${percent}%`;
    this.#meter.setAttribute("aria-valuenow", String(percent));
    this.#meter.setAttribute("aria-label", this.#title.textContent ?? "");
    const gone = (serverClock.now() - this.#read) / 1000;
    const { p50, p90 } = job.eta_seconds;
    const held = waitsFor(job.job_id);
    const left = p50 === null || held ? 0 : Math.max(0, p50 - gone);
    const parts = [
      (total > 1 || !held) && t("dock.done", { completed, total }),
      held ?? (job.status === "queued" && job.queue_position ? t("dock.inQueue", { place: ordinal(job.queue_position) }) : left >= 1 && clock(left)),
      failed > 0 && t("dock.failed", { count: failed }),
    ];
    say(this.#words, parts.filter(Boolean).join(" · "));
    this.#words.title = held ?? (left < 1 ? "" : p90 > p50 ? t("dock.upTo", { time: duration(left), most: duration(p90 - gone) }) : t("dock.about", { time: duration(left) }));
  }

  #tellEnd(job) {
    const words = noticeOf(job.job_id) ?? job.message ?? servedBy(job.job_id) ?? t(job.status === "completed" ? "dock.finished" : "dock.cancelled");
    say(this.#words, words);
    this.#words.title = [noticeOf(job.job_id), servedBy(job.job_id)].filter(Boolean).join(" ");
  }

  /** Other models for what failed, as far as there are any. @param {boolean} failed */
  async #offer(failed) {
    const id = this.#job.job_id;
    const alternatives = failed ? await alternativesOf(id) : [];
    const offered = JSON.stringify([id, alternatives]);
    if (id !== this.#job.job_id || offered === this.#offered) return;
    this.#offered = offered;
    this.#instead.replaceChildren(...insteadButtons(id, alternatives));
  }

  #tellTrouble({ failed, interrupted }) {
    const { total } = this.#job.progress;
    const what = total === 1 ? "" : t("dock.failedOf", { count: failed.length, total });
    const why = failed.length > 0 ? headline(failed[0].error)[0] : "";
    const lost = what && why ? t("dock.failedWhy", { what, why }) : what || why;
    const words = [failed.length > 0 && lost, interrupted.length > 0 && t("dock.interrupted")].filter(Boolean).join(" · ");
    say(this.#words, words);
    this.#words.title = words;
    this.#retry.title = t("dock.retryFailed", { count: failed.length });
    const which = interrupted.map((task) => task.index + 1).join(", ");
    this.#runAgain.title = t("dock.runAgainWhich", { count: interrupted.length, which });
  }

  #picture(shape) {
    const cover = this.dataset.state === "trouble" ? null : this.#job.image_url?.replace(/\/file$/, "/thumb");
    const face = cover ?? shape;
    if (face === this.#face) return;
    this.#face = face;
    this.#thumb.replaceChildren(cover ? element("img", { src: cover, alt: "", decoding: "async" }) : icon(shape));
  }

  get #path() {
    return `/api/generate/${this.dataset.jobId}`;
  }

  /** What is run again is named: pictures that were dismissed stay as they are. @param {"failed" | "interrupted"} how */
  #indexes(how) {
    return troubleOf(this.#job.job_id)[how].map((task) => task.index);
  }

  /** @param {number[]} indexes */
  #again(indexes) {
    return call("POST", `${this.#path}/retry`, { json: { task_indexes: indexes } });
  }

  async #forget() {
    const { failed, interrupted } = troubleOf(this.#job.job_id);
    for (const task of [...failed, ...interrupted]) dismissed.add(tileKey(this.#job.job_id, task.index));
  }

  #button(shape, label, run) {
    const button = element("button", { type: "button", class: "small", "aria-label": label, title: label, onclick: () => this.#press(button, run) }, icon(shape));
    return button;
  }

  /** @param {HTMLElement} button @param {() => Promise<unknown>} run */
  async #press(button, run) {
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true"; // and not `disabled`, which would drop the focus
    try {
      await run();
      await library.refreshJob(this.dataset.jobId ?? "");
    } catch (error) {
      notices.tell(error);
    } finally {
      button.ariaDisabled = null;
    }
  }
}

customElements.define("ig-job", JobCard);
