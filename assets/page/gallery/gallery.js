/** The live gallery: every tile of the library, newest job first, in columns. */

import { Announcer } from "./announcer.js";
import { serverClock } from "../studio/clock.js";
import { element, say } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { columnsFor, place } from "./masonry.js";
import { Tile } from "./tile.js";
import { images } from "../studio/words.js";

const TICK_MS = 1000;
const LOAD_AHEAD = 1200;

/** Carries `data-live="on"` while the stream is connected, and the last event's id as `data-seq`. */
class Gallery extends HTMLElement {
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  /** @type {Set<string>} */
  #unfinished = new Set();
  #watching = false;
  #count = element("span", { class: "count" });
  #list = element("div", { class: "tiles", role: "list", "aria-label": "Pictures" });
  #status = element("p", { class: "sr-only", role: "status" });
  #announcer = new Announcer(this.#status);
  #empty = element(
    "div",
    { class: "empty", hidden: true },
    icon("picture"),
    element("h2", {}, "No pictures yet"),
    element("p", {}, "Describe a picture, choose how many, and press Generate. It appears here as soon as it is made."),
  );
  #pane = element("div", { class: "pane", tabindex: "0", role: "region", "aria-label": "Gallery" });
  #clean = new AbortController();

  connectedCallback() {
    const heading = element("header", {}, element("h1", {}, "Gallery"), this.#count);
    this.#pane.replaceChildren(heading, this.#list, this.#empty);
    this.replaceChildren(this.#pane, this.#status);
    const { signal } = this.#clean;
    library.addEventListener("change", () => this.#render(), { signal });
    library.addEventListener("live", () => this.#connection(), { signal });
    new ResizeObserver(() => this.#layout()).observe(this.#list);
    this.#pane.addEventListener("scroll", () => this.#continue(), { passive: true, signal });
    const timer = window.setInterval(() => this.#tick(), TICK_MS);
    signal.addEventListener("abort", () => window.clearInterval(timer));
    this.#connection();
    if (library.loaded) this.#render();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #connection() {
    if (!library.live) {
      delete this.dataset.live;
      return;
    }
    if (!library.loaded) return; // `on` promises that what is shown is current
    this.dataset.live = "on";
    for (const tile of this.#tiles.values()) tile.reload();
  }

  #tick() {
    const now = serverClock.now();
    for (const key of this.#unfinished) this.#tiles.get(key)?.tick(now);
  }

  #render() {
    if (!library.loaded) return;
    const wanted = library.tiles();
    this.#reconcile(wanted);
    this.#announcer.follow(library.records.jobs);
    this.#watching = true;
    const loaded = library.records.images.size;
    say(this.#count, loaded === 0 ? "" : images(loaded).replace(" ", library.records.next === null ? " " : "+ "));
    this.#empty.hidden = wanted.length > 0;
    this.#list.hidden = wanted.length === 0;
    this.#layout();
    this.#connection();
    this.dataset.seq = String(library.seq);
    this.#continue();
  }

  /** One element a tile for its whole life: a task's place becomes its picture's. */
  #reconcile(wanted) {
    const keys = new Set(wanted.map((data) => data.key));
    for (const [key, tile] of this.#tiles) {
      if (keys.has(key)) continue;
      tile.remove();
      this.#tiles.delete(key);
      this.#unfinished.delete(key);
    }
    let cursor = this.#list.firstElementChild;
    for (const data of wanted) {
      let tile = this.#tiles.get(data.key);
      if (tile === undefined) {
        tile = /** @type {Tile} */ (document.createElement("ig-tile"));
        this.#tiles.set(data.key, tile);
      }
      if (data.image === null) this.#unfinished.add(data.key);
      else this.#unfinished.delete(data.key);
      tile.show(data, this.#watching);
      if (tile === cursor) cursor = cursor.nextElementSibling;
      else this.#list.insertBefore(tile, cursor);
    }
  }

  /** Place all tiles; whoever has scrolled keeps the picture that is being looked at where it is. */
  #layout() {
    const width = this.#list.clientWidth;
    if (width === 0) return;
    const gap = parseFloat(getComputedStyle(this.#list).rowGap) || 0;
    const { columns, size } = columnsFor(width, gap);
    const tiles = /** @type {Tile[]} */ ([...this.#list.children]);
    const heights = tiles.map((tile) => tile.heightAt(size));
    const { places, height } = place(heights, columns, size, gap);
    const scrolled = this.#pane.scrollTop;
    const seen = scrolled > 0 ? tiles.find((tile) => tile.offsetTop + tile.offsetHeight > scrolled && tile.style.top) : undefined;
    const before = seen?.offsetTop ?? 0;
    tiles.forEach((tile, index) => tile.stand({ ...places[index], width: size, height: heights[index] }));
    this.#list.style.height = `${height}px`;
    if (seen && seen.offsetTop !== before) this.#pane.scrollTop = scrolled + seen.offsetTop - before;
  }

  /** Load on where the end of the list is near. */
  #continue() {
    const { scrollTop, clientHeight, scrollHeight } = this.#pane;
    if (library.records.next !== null && scrollHeight - clientHeight - scrollTop < LOAD_AHEAD) void library.loadMore();
  }
}

customElements.define("ig-gallery", Gallery);
