/** One picture of the gallery, from its place in the queue to the finished image. */

import { call } from "./api.js";
import { element, say } from "./dom.js";
import { icon } from "./icons.js";
import { library, paceKey } from "./library.js";
import { notices } from "./notices.js";
import { startedAt, usual } from "./pace.js";
import { providers } from "./providers.js";
import { clock, duration, ordinal, stepWords } from "./words.js";

const BAR_STOPS_AT = 0.95;
const LEAST_HEIGHT = { failed: 184, interrupted: 216, pending: 112, retrying: 124, in_progress: 96, completed: 96 };
/** Blue to rose, another for each seed. */
const HUES = { from: 205, span: 120 };

/** A finished tile carries `data-image-id`, an unfinished one `data-task-state`. */
export class Tile extends HTMLElement {
  /** @type {import("./records.js").TileData | null} */
  data = null;
  #face = "";
  #sub = element("span");
  #title = element("strong");
  #elapsed = element("span");
  #bar = element("i");
  #name = element("span", { class: "sr-only" });

  connectedCallback() {
    this.setAttribute("role", "listitem");
  }

  /** @param {import("./records.js").TileData} data @param {boolean} isNew whether it was made while the page watched */
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
      this.#face = status;
      this.replaceChildren(...this.#faceOf(status));
    }
    this.tick(Date.now());
  }

  /** Height in CSS pixels at that width. @param {number} width */
  heightAt(width) {
    const { image, job, task } = /** @type {import("./records.js").TileData} */ (this.data);
    if (image !== null) return Math.round((width * image.height) / image.width);
    const [across, down] = (job?.aspect_ratio ?? "1:1").split(":").map(Number);
    return Math.max(LEAST_HEIGHT[task.status] ?? 0, Math.round((width * down) / across));
  }

  /** Bring what depends on the time up to date. @param {number} now milliseconds of the epoch */
  tick(now) {
    if (this.data === null || this.data.image !== null) return;
    const { task, job } = this.data;
    if (task.status === "in_progress" || task.status === "completed") this.#progress(task, now);
    else if (task.status === "pending") this.#waiting(task, job);
    else if (task.status === "retrying") {
      const seconds = (Date.parse(task.due_at ?? "") - now) / 1000;
      say(this.#title, seconds >= 1 ? `Trying again in ${duration(seconds)}` : "Trying again");
      say(this.#sub, task.retry_reason ?? "");
    } else if (task.status === "failed") {
      this.#trouble("No picture", task.error);
    } else if (task.status === "interrupted") {
      this.#trouble("May have been billed — run again?", task.error);
    }
  }

  /** Ask again for a picture that did not load, once the server is back. */
  reload() {
    const image = this.querySelector("img");
    if (image?.complete && image.naturalWidth === 0) image.src = image.getAttribute("src") ?? "";
  }

  #waiting(task, job) {
    const place = job?.queue_position;
    say(this.#title, place ? `${ordinal(place)} in queue` : "Waiting");
    const each = usual(paceKey(task));
    const done = job?.eta_seconds.p50;
    if (!done) return say(this.#sub, "");
    if (each === null) return say(this.#sub, `ready in about ${duration(done)}`);
    const live = library.records.tasks.get(job.job_id)?.filter((one) => ["pending", "in_progress"].includes(one.status));
    const rank = ((live?.findIndex((one) => one.index === task.index) ?? 0) + 1) / (live?.length || 1);
    const seconds = (done - each / 1000) * rank;
    say(this.#sub, seconds >= 1 ? `starts in about ${duration(seconds)}` : "starts in a moment");
  }

  #trouble(title, error) {
    say(this.#title, title);
    say(this.#sub, error ?? "");
    this.#sub.title = error ?? ""; // a small tile cuts it off
  }

  #progress(task, now) {
    const begun = startedAt(this.data?.jobId ?? "", task.index);
    const each = usual(paceKey(task));
    const elapsed = begun === null ? null : Math.max(0, now - begun);
    const late = elapsed !== null && each !== null && elapsed > Math.max(each * 1.5, each + 3000);
    const words = stepWords(task.status === "completed" ? "saving" : task.step, task.provider, providers.title(task.provider));
    say(this.#title, late ? "Longer than usual" : words);
    say(this.#elapsed, elapsed === null ? "" : clock(elapsed / 1000));
    const part = elapsed === null || each === null ? null : Math.min(BAR_STOPS_AT, elapsed / each);
    this.#bar.style.width = part === null ? "" : `${part * 100}%`;
    this.#bar.classList.toggle("open-ended", part === null);
  }

  /** @param {string} status */
  #faceOf(status) {
    if (status === "in_progress" || status === "completed") {
      this.style.setProperty("--hue", String(HUES.from + (((this.data?.task.seed ?? 0) * 47) % HUES.span)));
      const line = element("p", {}, this.#title, this.#elapsed);
      return [element("div", { class: "progress" }, line, element("div", { class: "bar" }, this.#bar))];
    }
    const trouble = status === "failed" || status === "interrupted";
    const words = [icon(trouble ? "alert" : "clock"), this.#title, this.#sub];
    if (!trouble) return [element("div", { class: "state" }, ...words)];
    const again = element("button", { type: "button", class: "plain", onclick: () => this.#runAgain(again) });
    again.textContent = status === "failed" ? "Retry" : "Run again";
    return [element("div", { class: "state" }, ...words, again)];
  }

  /** @param {HTMLElement} button */
  async #runAgain(button) {
    const { jobId, index } = /** @type {import("./records.js").TileData} */ (this.data);
    button.setAttribute("disabled", "");
    try {
      await call("POST", `/api/generate/${jobId}/retry`, { json: { task_indexes: [index] } });
      await library.refreshJob(jobId);
    } catch (error) {
      notices.tell(error);
    } finally {
      button.removeAttribute("disabled");
    }
  }

  /** The placeholder stays until the picture can be painted, so that nothing flickers. */
  async #showImage(image, isNew) {
    const waits = this.#face !== "";
    this.#face = image.id;
    const size = { width: image.width, height: image.height };
    const picture = element("img", { src: image.thumbnail_url, alt: "", decoding: "async", draggable: "false", ...size });
    if (waits && !document.hidden) await /** @type {HTMLImageElement} */ (picture).decode().catch(() => {});
    if (this.#face !== image.id) return;
    const badge = isNew && element("b", { class: "badge", "aria-hidden": "true" }, "New");
    const link = element("a", { href: image.url, target: "_blank", rel: "noopener", draggable: "true" }, picture, this.#name, badge);
    link.addEventListener("dragstart", (event) => event.dataTransfer?.setData("application/x-imagegen-image", image.id));
    delete this.dataset.taskState;
    this.dataset.imageId = image.id;
    this.replaceChildren(link);
  }
}

/** @param {import("./records.js").TileData} data */
function altText({ job, index, image }) {
  const title = job?.title ?? "Picture";
  return job && job.progress.total > 1 ? `${title} (${index + 1} of ${job.progress.total})` : `${title}, ${image.model}`;
}

customElements.define("ig-tile", Tile);
