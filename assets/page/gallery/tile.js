/** One picture of the gallery, from its place in the queue to the finished image. */

import { call } from "../studio/api.js";
import { serverClock } from "../studio/clock.js";
import { element, say } from "../studio/dom.js";
import { t } from "./language.js";
import { library } from "../studio/library.js";
import { notices } from "../studio/notices.js";
import { dismissed } from "./dismissed.js";
import { Face } from "./face.js";

/** Ids of the pictures that the browser has. @type {Set<string>} */
const here = new Set();

/** A finished tile carries `data-image-id`, an unfinished one `data-task-state`. */
export class Tile extends HTMLElement {
  /** @type {import("../studio/timeline.js").TileData | null} */
  data = null;
  #shown = "";
  #box = "";
  /** @type {Face | null} */
  #face = null;
  #name = element("span", { class: "sr-only" });
  #reachable = false;
  /** The link around the picture; null while there is none. @type {HTMLAnchorElement | null} */
  link = null;

  connectedCallback() {
    this.setAttribute("role", "listitem");
  }

  /** @param {import("../studio/timeline.js").TileData} data @param {boolean} [inHaste] its picture is not fetched before `look` */
  show(data, inHaste = false) {
    this.data = data;
    if (data.image !== null) {
      if (this.#shown !== data.image.id) void this.#showImage(data.image, inHaste && !here.has(data.image.id));
      this.toggleAttribute("data-cut", data.image.cutout_id !== null);
      this.toggleAttribute("data-cutout", data.image.parent_id !== null);
      say(this.#name, nameOf(data));
      return;
    }
    const { status, seed } = data.task;
    delete this.dataset.imageId;
    this.dataset.taskState = status;
    if (this.#shown !== status) {
      const held = this.contains(document.activeElement);
      this.#shown = status;
      this.link = null;
      this.#face ??= new Face();
      for (const [name, value] of Object.entries(Face.colours(seed ?? 0))) this.style.setProperty(name, value);
      this.replaceChildren(this.#face.nodes(status, { again: (button) => void this.#runAgain(button), dismiss: () => this.#dismiss() }));
      if (held) this.#holdFocus();
    }
    this.tick(serverClock.now());
  }

  /** @param {{x: number, y: number, width: number, height: number}} box in CSS pixels */
  stand({ x, y, width, height }) {
    const box = `${x} ${y} ${width} ${height}`;
    if (box === this.#box) return;
    this.#box = box;
    Object.assign(this.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
  }

  /** Bring what depends on the time up to date. @param {number} now on the server, in milliseconds of the epoch */
  tick(now) {
    if (this.data !== null && this.data.image === null) this.#face?.tick(this.data, now);
  }

  /** Ask again for a picture that did not load, once the server is back. */
  reload() {
    const image = /** @type {HTMLImageElement | null} */ (this.querySelector("img[src]"));
    if (image?.complete && image.naturalWidth === 0) image.src = image.getAttribute("src") ?? "";
  }

  /** It is there to be looked at: fetch its picture if that was put off. */
  look() {
    const image = this.querySelector("img:not([src])");
    if (image !== null) image.setAttribute("src", this.data?.image?.thumbnail_url ?? "");
  }

  /** Only one picture of the gallery is reached with Tab; arrow keys go on from there. @param {boolean} reachable */
  set reachable(reachable) {
    if (reachable === this.#reachable) return;
    this.#reachable = reachable;
    this.link?.setAttribute("tabindex", reachable ? "0" : "-1");
  }

  /** Focus what there is to focus. */
  enter() {
    const target = /** @type {HTMLElement | null} */ (this.link ?? this.querySelector("button"));
    if (target === null) this.#holdFocus();
    else target.focus({ preventScroll: true });
  }

  /** It was seen: it is no longer new. */
  age() {
    this.querySelector(".badge")?.remove();
  }

  #dismiss() {
    dismissed.add(this.data?.key ?? "");
  }

  /** What had the focus is gone: the tile keeps it, so that the next Tab goes on from here. */
  #holdFocus() {
    this.tabIndex = -1;
    this.focus({ preventScroll: true });
  }

  /** @param {HTMLElement} button */
  async #runAgain(button) {
    const { jobId, index } = /** @type {import("../studio/timeline.js").TileData} */ (this.data);
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
  async #showImage(image, putOff) {
    const waits = this.#shown !== "";
    this.#shown = image.id;
    const size = { width: image.width, height: image.height };
    const picture = element("img", { alt: "", decoding: "async", draggable: "false", ...size });
    picture.addEventListener("load", () => here.add(image.id), { once: true });
    if (!putOff) picture.setAttribute("src", image.thumbnail_url);
    if (waits && !document.hidden) await /** @type {HTMLImageElement} */ (picture).decode().catch(() => {});
    if (this.#shown !== image.id) return;
    const badge = library.fresh.has(image.id) && element("b", { class: "badge", "aria-hidden": "true" }, t("gallery.new"));
    const link = element("a", { href: `/?image=${image.id}`, draggable: "true", tabindex: this.#reachable ? "0" : "-1" }, picture, this.#name, badge);
    this.link = /** @type {HTMLAnchorElement} */ (link);
    delete this.dataset.taskState;
    this.dataset.imageId = image.id;
    const held = this === document.activeElement || this.contains(document.activeElement);
    this.removeAttribute("tabindex");
    this.#face = null;
    this.replaceChildren(link);
    if (held) link.focus({ preventScroll: true });
  }
}

/** @param {import("../studio/timeline.js").TileData} data */
function nameOf({ job, index, image }) {
  const title = titleOf(job, image);
  const kind = image.parent_id === null ? title : t("gallery.cutoutOf", { title });
  if (!job || job.progress.total === 1) return kind;
  return t("gallery.nameOfSeveral", { title: kind, number: index + 1, total: job.progress.total });
}

/** The beginning of the prompt, as far as it is known. */
export const titleOf = (job, image) => job?.title ?? image?.prompt ?? t("gallery.picture");

customElements.define("ig-tile", Tile);
