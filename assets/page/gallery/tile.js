/** One picture of the gallery, from its place in the queue to the finished image. */

import { call } from "../studio/api.js";
import { serverClock } from "../studio/clock.js";
import { dismissed } from "./dismissed.js";
import { element, say } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { notices } from "../studio/notices.js";
import { progressOf, startsIn } from "./progress.js";
import { providers } from "../studio/providers.js";
import { clock, duration, headline, ordinal, stepWords } from "../studio/words.js";

/** What the words of a state need, in CSS pixels; two buttons stand below each other where a tile is narrow. */
const LEAST_HEIGHT = { failed: 196, interrupted: 196, pending: 112, retrying: 124, in_progress: 104, completed: 104 };
const NARROW = { width: 168, more: 38 };
const TROUBLE = ["failed", "interrupted"];
/** Made, and its picture is being fetched. */
const ON_ITS_WAY = { part: 0.95, left: null, late: false };
const ASK = "May have been billed — run again?";
/** Blue to rose, as hues of oklch, another for each seed. */
const HUES = { from: 230, span: 130 };

/** A finished tile carries `data-image-id`, an unfinished one `data-task-state`. */
export class Tile extends HTMLElement {
  /** @type {import("../studio/records.js").TileData | null} */
  data = null;
  #face = "";
  #box = "";
  #sub = element("span");
  #title = element("strong");
  #caption = element("p", { class: "caption" });
  #time = element("span");
  #bar = element("i");
  #meter = element("div", { class: "bar", role: "progressbar", "aria-label": "Progress of the picture" }, this.#bar);
  #name = element("span", { class: "sr-only" });

  connectedCallback() {
    this.setAttribute("role", "listitem");
  }

  /** @param {import("../studio/records.js").TileData} data @param {boolean} isNew whether it was made while the page watched */
  show(data, isNew) {
    this.data = data;
    if (data.image !== null) {
      if (this.#face !== data.image.id) void this.#showImage(data.image, isNew && this.#face !== "");
      say(this.#name, altText(data));
      return;
    }
    const { status } = data.task;
    delete this.dataset.imageId;
    this.dataset.taskState = status;
    if (this.#face !== status) {
      const held = this.contains(document.activeElement);
      this.#face = status;
      this.replaceChildren(...this.#faceOf(status));
      if (held) this.#holdFocus();
    }
    this.tick(serverClock.now());
  }

  /** Height in CSS pixels at that width. @param {number} width */
  heightAt(width) {
    const { image, job, task } = /** @type {import("../studio/records.js").TileData} */ (this.data);
    if (image !== null) return Math.round((width * image.height) / image.width);
    const [across, down] = (job?.aspect_ratio ?? "1:1").split(":").map(Number);
    const height = Math.round((width * down) / across);
    const least = LEAST_HEIGHT[task.status] ?? 0;
    if (!TROUBLE.includes(task.status)) return Math.max(least, height);
    return Math.max(least + (width < NARROW.width ? NARROW.more : 0), Math.min(height, width)); // no room is kept for it
  }

  /** @param {{x: number, y: number, width: number, height: number}} box in CSS pixels */
  stand({ x, y, width, height }) {
    const box = `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
    if (box === this.#box) return; // of thousands, few move
    this.#box = box;
    Object.assign(this.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
  }

  /** Bring what depends on the time up to date. @param {number} now on the server, in milliseconds of the epoch */
  tick(now) {
    if (this.data === null || this.data.image !== null) return;
    const { task, job, jobId } = this.data;
    if (task.status === "in_progress" || task.status === "completed") this.#progress(task, job, now);
    else if (task.status === "pending") this.#waiting(task, job, jobId);
    else if (task.status === "retrying") {
      const seconds = (Date.parse(task.due_at ?? "") - now) / 1000;
      say(this.#title, seconds >= 1 ? `Trying again in ${duration(seconds)}` : "Trying again");
      this.#explain(headline(task.retry_reason)[0], task.retry_reason);
    } else if (task.status === "failed") {
      const [title, rest] = headline(task.error);
      say(this.#title, title || "No picture");
      this.#explain(rest, task.error);
    } else if (task.status === "interrupted") {
      say(this.#title, ASK);
      this.#explain((task.error ?? "").replace(ASK, "").trim(), task.error);
    }
  }

  /** Ask again for a picture that did not load, once the server is back. */
  reload() {
    const image = this.querySelector("img");
    if (image?.complete && image.naturalWidth === 0) image.src = image.getAttribute("src") ?? "";
  }

  #waiting(task, job, jobId) {
    const place = job?.queue_position;
    say(this.#title, place ? `${ordinal(place)} in queue` : "Waiting");
    const left = job?.eta_seconds.p50 ?? null;
    const { ahead, upTo } = library.records.placeOf(jobId, task);
    const seconds = startsIn(left, job?.usual_seconds.p50 ?? null, ahead, upTo);
    if (seconds === null) return say(this.#sub, "");
    say(this.#sub, seconds >= 1 ? `starts in about ${duration(seconds)}` : "starts in a moment");
  }

  /** @param {string | null} text @param {string | null} whole what a small tile may cut off */
  #explain(text, whole) {
    say(this.#sub, text ?? "");
    this.#sub.title = whole ?? "";
  }

  #progress(task, job, now) {
    const elapsed = task.started_at === null ? null : Math.max(0, now - Date.parse(task.started_at)) / 1000;
    const usual = job?.usual_seconds.p50 ?? null;
    const { part, left, late } = task.status === "completed" ? ON_ITS_WAY : progressOf(elapsed, usual);
    const percent = part === null ? null : Math.floor(part * 100);
    say(this.#caption, stepWords(task.status === "completed" ? "saving" : task.step, task.provider, providers.title(task.provider)));
    const gone = elapsed === null ? "" : clock(elapsed);
    say(this.#title, late ? "Longer than usual" : percent === null ? gone : `${percent}%`);
    say(this.#time, left !== null && left >= 0.5 ? `${clock(Math.round(left))} left` : late ? gone : "");
    this.#bar.style.width = part === null ? "" : `${part * 100}%`;
    this.#bar.classList.toggle("open-ended", part === null);
    if (percent === null) this.#meter.removeAttribute("aria-valuenow");
    else this.#meter.setAttribute("aria-valuenow", String(percent));
  }

  /** @param {string} status */
  #faceOf(status) {
    if (status === "in_progress" || status === "completed") {
      const seed = this.data?.task.seed ?? 0;
      this.style.setProperty("--hue", String(HUES.from + ((seed * 47) % HUES.span)));
      this.style.setProperty("--blob", `${30 + ((seed * 13) % 40)}% ${28 + ((seed * 29) % 30)}%`);
      const line = element("p", {}, this.#title, this.#time);
      return [element("div", { class: "progress" }, this.#caption, line, this.#meter)];
    }
    const trouble = TROUBLE.includes(status);
    const words = [icon(trouble ? "alert" : "clock"), this.#title, this.#sub];
    if (!trouble) return [element("div", { class: "state" }, ...words)];
    const button = (text, onclick) => element("button", { type: "button", class: "plain", onclick }, text);
    const again = button(status === "failed" ? "Retry" : "Run again", () => this.#runAgain(again));
    const dismiss = button("Dismiss", () => this.#dismiss());
    return [element("div", { class: "state" }, ...words, element("div", { class: "choices" }, again, dismiss))];
  }

  #dismiss() {
    const next = this.nextElementSibling ?? this.previousElementSibling;
    dismissed.add(this.data?.key ?? "");
    const focusable = /** @type {HTMLElement | null} */ (next?.querySelector("a, button") ?? this.closest("[tabindex]"));
    focusable?.focus({ preventScroll: true });
  }

  /** What had the focus is gone: the tile keeps it, so that the next Tab goes on from here. */
  #holdFocus() {
    this.tabIndex = -1;
    this.focus({ preventScroll: true });
  }

  /** @param {HTMLElement} button */
  async #runAgain(button) {
    const { jobId, index } = /** @type {import("../studio/records.js").TileData} */ (this.data);
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true"; // and not `disabled`, which would drop the focus
    try {
      await call("POST", `/api/generate/${jobId}/retry`, { json: { task_indexes: [index] } });
      await library.refreshJob(jobId);
    } catch (error) {
      notices.tell(error);
    } finally {
      button.ariaDisabled = null;
    }
  }

  /** The placeholder stays until the picture can be painted, so that nothing flickers. */
  async #showImage(image, isNew) {
    const waits = this.#face !== "";
    this.#face = image.id;
    const size = { width: image.width, height: image.height };
    const loading = waits ? "eager" : "lazy";
    const picture = element("img", { loading, src: image.thumbnail_url, alt: "", decoding: "async", draggable: "false", ...size });
    if (waits && !document.hidden) await /** @type {HTMLImageElement} */ (picture).decode().catch(() => {});
    if (this.#face !== image.id) return;
    const badge = isNew && element("b", { class: "badge", "aria-hidden": "true" }, "New");
    const link = element("a", { href: image.url, target: "_blank", rel: "noopener", draggable: "true" }, picture, this.#name, badge);
    link.addEventListener("dragstart", (event) => event.dataTransfer?.setData("application/x-imagegen-image", image.id));
    delete this.dataset.taskState;
    this.dataset.imageId = image.id;
    const held = this === document.activeElement || this.contains(document.activeElement);
    this.replaceChildren(link);
    if (held) link.focus({ preventScroll: true });
  }
}

/** @param {import("../studio/records.js").TileData} data */
function altText({ job, index, image }) {
  const title = job?.title ?? "Picture";
  return job && job.progress.total > 1 ? `${title} (${index + 1} of ${job.progress.total})` : `${title}, ${image.model}`;
}

customElements.define("ig-tile", Tile);
