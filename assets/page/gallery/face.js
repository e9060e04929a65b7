/** What a tile shows before its picture is there: its place in the queue, its progress, or what went wrong. */

import { element, say } from "../studio/dom.js";
import { heldUp } from "../studio/held.js";
import { t } from "./language.js";
import { icon } from "../studio/icons.js";
import { alternativesOf, insteadButtons } from "../studio/instead.js";
import { library } from "../studio/library.js";
import { providers } from "../studio/providers.js";
import { TROUBLE } from "../studio/records.js";
import { clock, duration, headline, ordinal, stepWords } from "../studio/words.js";
import { Preview } from "./preview.js";
import { progressOf, startsIn } from "./progress.js";

/** Made, and its picture is being fetched. */
const ON_ITS_WAY = { part: 0.95, left: null, late: false };
/** Blue to rose, as hues of oklch, another for each seed. */
const HUES = { from: 230, span: 130 };
export class Face {
  #sub = element("span");
  #title = element("strong");
  #caption = element("p", { class: "caption" });
  #time = element("span");
  #instead = element("div", { class: "choices offers" });
  #offered = "";
  #preview = new Preview();
  #bar = element("i");
  #meter = element("div", { class: "bar", role: "progressbar", "aria-label": t("gallery.progress") }, this.#bar);

  /**
   * The nodes for a state.
   * @param {string} status @param {{again: (button: HTMLElement) => void, dismiss: () => void}} acts
   * @returns {Node}
   */
  nodes(status, { again, dismiss }) {
    if (status === "in_progress" || status === "completed") {
      const making = document.createDocumentFragment();
      making.append(this.#preview.node, element("div", { class: "progress" }, this.#caption, element("p", {}, this.#title, this.#time), this.#meter));
      return making;
    }
    const trouble = TROUBLE.includes(status);
    const words = [icon(trouble ? "alert" : "clock"), this.#title, this.#sub];
    if (!trouble) return element("div", { class: "state" }, ...words);
    const button = (text, onclick) => element("button", { type: "button", class: "plain", onclick }, text);
    const retry = button(status === "failed" ? t("shared.retry") : t("gallery.runAgain"), () => again(retry));
    const choices = element("div", { class: "choices" }, retry, button(t("shared.dismiss"), dismiss));
    return element("div", { class: "state" }, ...words, this.#instead, choices);
  }

  /** The colours of a picture-to-be, as custom properties. @param {number} seed @returns {Record<string, string>} */
  static colours(seed) {
    const blob = `${30 + ((seed * 13) % 40)}% ${28 + ((seed * 29) % 30)}%`;
    return { "--hue": String(HUES.from + ((seed * 47) % HUES.span)), "--blob": blob };
  }

  /**
   * Bring what depends on the time up to date.
   * @param {import("../studio/timeline.js").TileData} data @param {number} now on the server, in milliseconds of the epoch
   */
  tick({ task, job, jobId }, now) {
    if (task.status === "in_progress" || task.status === "completed") this.#progress(task, job, now);
    else if (task.status === "pending") this.#waiting(task, job, jobId);
    else if (task.status === "retrying") {
      const seconds = (Date.parse(task.due_at ?? "") - now) / 1000;
      const held = seconds >= 1 ? null : heldUp(task.provider);
      say(this.#title, held?.what ?? (seconds >= 1 ? t("gallery.retryingIn", { time: duration(seconds) }) : t("gallery.retrying")));
      this.#explain(held?.when ?? headline(task.retry_reason)[0], task.retry_reason);
    } else if (task.status === "failed") {
      const [title, rest] = headline(task.error);
      say(this.#title, title || t("gallery.noPicture"));
      this.#explain(rest, task.error);
      void this.#offer(jobId);
    } else if (task.status === "interrupted") {
      say(this.#title, t("gallery.maybeBilled")); // which the server says at the end
      this.#explain((task.error ?? "").replace(t("gallery.maybeBilled"), "").trim(), task.error);
    }
  }

  /** @param {string} jobId */
  async #offer(jobId) {
    const alternatives = await alternativesOf(jobId);
    const offered = JSON.stringify(alternatives);
    if (offered === this.#offered) return;
    this.#offered = offered;
    this.#instead.replaceChildren(...insteadButtons(jobId, alternatives));
  }

  #waiting(task, job, jobId) {
    const place = job?.queue_position;
    const held = heldUp(task.provider);
    if (held !== null) {
      say(this.#title, held.what);
      return say(this.#sub, held.when);
    }
    say(this.#title, place ? t("gallery.inQueue", { place: ordinal(place) }) : t("gallery.waiting"));
    const left = job?.eta_seconds.p50 ?? null;
    const { ahead, upTo } = library.records.placeOf(jobId, task);
    const seconds = startsIn(left, job?.usual_seconds.p50 ?? null, ahead, upTo);
    if (seconds === null) return say(this.#sub, "");
    say(this.#sub, seconds >= 1 ? t("gallery.startsIn", { time: duration(seconds) }) : t("gallery.startsNow"));
  }

  /** @param {string | null} text @param {string | null} whole what a small tile may cut off */
  #explain(text, whole) {
    say(this.#sub, text ?? "");
    this.#sub.title = whole ?? "";
  }

  #progress(task, job, now) {
    const made = task.status === "completed";
    const elapsed = task.started_at === null ? null : Math.max(0, now - Date.parse(task.started_at)) / 1000;
    const usual = job?.usual_seconds.p50 ?? null;
    const { part, left, late } = made ? ON_ITS_WAY : progressOf(elapsed, usual, task.done ?? null);
    if (!made) void this.#preview.show(task.preview_url ?? null); // what is made keeps its last one until it can be painted
    const percent = part === null ? null : Math.floor(part * 100);
    say(this.#caption, made ? stepWords("saving", null) : doing(task, job));
    const gone = elapsed === null ? "" : clock(elapsed);
    say(this.#title, late ? t("gallery.late") : percent === null ? gone : `${percent}%`);
    say(this.#time, left !== null && left >= 0.5 ? t("gallery.left", { time: clock(Math.round(left)) }) : late ? gone : "");
    this.#bar.style.width = part === null ? "" : `${part * 100}%`;
    this.#bar.classList.toggle("open-ended", part === null);
    if (percent === null) this.#meter.removeAttribute("aria-valuenow");
    else this.#meter.setAttribute("aria-valuenow", String(percent));
  }
}

/** What a running task is doing. */
function doing({ step, provider }, job) {
  if (job?.kind === "cutout" && step !== "saving") return t("gallery.cutting");
  return stepWords(step, providers.standsIn(provider) ? null : providers.title(provider));
}
