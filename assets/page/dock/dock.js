/** Jobs that still have work: what is running, how far each is, and a way to stop it. */

import { call } from "../studio/api.js";
import { element, say } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { notices } from "../studio/notices.js";
import { duration } from "../studio/words.js";

/** One live job; carries `data-job-id`. */
class JobCard extends HTMLElement {
  #title = element("strong");
  #done = element("span");
  #bar = element("i");
  #meter = element("span", { class: "bar", role: "progressbar" }, this.#bar);
  #thumb = element("div", { class: "thumb" }, icon("clock"));
  #cancel = element("button", { type: "button", "aria-label": "Cancel", title: "Cancel", onclick: () => this.#stop() }, icon("close"));

  connectedCallback() {
    this.setAttribute("role", "listitem");
    const line = element("p", {}, this.#meter, this.#done);
    this.replaceChildren(this.#thumb, element("div", { class: "text" }, this.#title, line), this.#cancel);
  }

  show(job) {
    this.dataset.jobId = job.job_id;
    say(this.#title, job.title);
    const { total, completed, failed, cancelled, interrupted } = job.progress;
    const ended = completed + failed + cancelled + interrupted;
    const left = job.eta_seconds.p50;
    say(this.#done, `${completed} / ${total}${left ? ` · ${duration(left)}` : ""}${failed ? ` · ${failed} failed` : ""}`);
    const percent = Math.round((100 * ended) / total);
    this.#bar.style.width = `${percent}%`;
    this.#meter.setAttribute("aria-valuenow", String(percent));
    this.#meter.setAttribute("aria-label", job.title);
    const cover = job.image_url?.replace(/\/file$/, "/thumb");
    if (cover && !this.#thumb.querySelector("img")) {
      this.#thumb.replaceChildren(element("img", { src: cover, alt: "", decoding: "async" }));
    }
  }

  async #stop() {
    this.#cancel.setAttribute("disabled", "");
    try {
      await call("POST", `/api/generate/${this.dataset.jobId}/cancel`);
      await library.refreshJob(this.dataset.jobId ?? "");
    } catch (error) {
      notices.tell(error);
    } finally {
      this.#cancel.removeAttribute("disabled");
    }
  }
}

class Dock extends HTMLElement {
  #running = element("strong");
  #queued = element("span");
  #list = element("div", { class: "cards", role: "list", "aria-label": "Running jobs" });
  /** @type {Map<string, JobCard>} */
  #cards = new Map();

  connectedCallback() {
    this.hidden = true;
    this.replaceChildren(element("div", { class: "summary" }, this.#running, this.#queued), this.#list);
    library.addEventListener("change", () => this.#render());
    this.#render();
  }

  #render() {
    const jobs = library.records.liveJobs();
    this.hidden = jobs.length === 0;
    const ids = new Set(jobs.map((job) => job.job_id));
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) continue;
      card.remove();
      this.#cards.delete(id);
    }
    for (const job of jobs) {
      let card = this.#cards.get(job.job_id);
      if (card === undefined) {
        card = /** @type {JobCard} */ (document.createElement("ig-job"));
        this.#cards.set(job.job_id, card);
        this.#list.append(card);
      }
      card.show(job);
    }
    this.#summarise(jobs);
  }

  #summarise(jobs) {
    const tasks = jobs.flatMap((job) => library.records.tasks.get(job.job_id) ?? []);
    const running = tasks.filter((task) => task.status === "in_progress").length;
    const queued = tasks.filter((task) => ["pending", "retrying"].includes(task.status)).length;
    const left = Math.max(0, ...jobs.map((job) => job.eta_seconds.p50 ?? 0));
    say(this.#running, `${running} running`);
    say(this.#queued, `${queued} queued${left ? ` · ~${duration(left)}` : ""}`);
  }
}

customElements.define("ig-job", JobCard);
customElements.define("ig-dock", Dock);
