/** The live gallery: what is wanted of the library, newest first, on a wall that is only built where it is seen. */

import { serverClock } from "../studio/clock.js";
import { element, say } from "../studio/dom.js";
import { isOpen, wanted } from "../studio/filter.js";
import { t } from "./language.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { eachOf } from "../studio/api.js";
import { Actions } from "./actions.js";
import { Announcer } from "./announcer.js";
import { open, remove } from "./commands.js";
import * as keys from "./keys.js";
import { Place } from "./place.js";
import { Seen } from "./seen.js";
import { walk } from "./walk.js";
import { Wall } from "./wall.js";

const TICK_MS = 1000;
/** Older pictures are asked for when the wall ends that near, in CSS pixels. */
const LOAD_AHEAD = 2400;
const DRAG_TYPE = "application/x-imagegen-image";

/** Carries `data-live="on"` while the stream is connected, and the last event's id as `data-seq`. */
class Gallery extends HTMLElement {
  #total = element("p", { class: "total" });
  #list = element("div", { class: "wall" });
  #empty = element("ig-empty");
  #clear = element("button", { type: "button", class: "plain", onclick: () => wanted.set({ q: "", album: "", kind: "" }) }, t("gallery.showAll"));
  #nothing = element(
    "div",
    { class: "empty", hidden: true },
    icon("search"),
    element("h2", {}, t("gallery.nothingFound")),
    element("p", {}, t("gallery.nothingFoundHint")),
    this.#clear,
  );
  #pane = element("div", { class: "pane", tabindex: "0", role: "region", "aria-label": t("gallery.gallery") });
  #status = element("p", { class: "sr-only", role: "status" });
  #announcer = new Announcer(this.#status);
  #wall = new Wall(this.#pane, this.#list, { wordsOf: (section) => this.#wordsOf(section), leave: (tile) => this.#leave(tile) });
  #shown = library.listing;
  #seen = new Seen();
  #place = new Place(this.#wall);
  /** Whether the wall has its measures. */
  #measured = false;
  /** Key of the tile that Tab leads to. */
  #current = "";
  /** Pictures whose words were asked for. @type {Set<string>} */
  #asked = new Set();
  #clean = new AbortController();

  connectedCallback() {
    const heading = element("h1", { class: "sr-only" }, t("gallery.gallery"));
    this.#pane.replaceChildren(heading, this.#list, this.#nothing);
    this.replaceChildren(this.#pane, this.#total, element("ig-toasts"), this.#status);
    const { signal } = this.#clean;
    this.#follow(signal);
    const actions = new Actions(this.#list, signal);
    library.addEventListener("change", () => this.#wall.tiles.forEach((tile) => actions.refresh(tile)), { signal });
    const resized = new ResizeObserver(() => this.#resized());
    resized.observe(this.#pane);
    const timer = window.setInterval(() => this.#tick(), TICK_MS);
    signal.addEventListener("abort", keys.list());
    signal.addEventListener("abort", () => {
      resized.disconnect();
      window.clearInterval(timer);
    });
    this.#connection();
    this.#render();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  /** @param {AbortSignal} signal */
  #follow(signal) {
    library.addEventListener("change", () => this.#render(), { signal });
    library.addEventListener("live", () => this.#connection(), { signal });
    document.addEventListener("ig:open", (event) => this.#age(/** @type {CustomEvent<{imageId: string}>} */ (event).detail.imageId), { signal });
    window.addEventListener("pagehide", () => this.#place.keep(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.#place.keep(), { signal });
    this.#pane.addEventListener("scroll", () => this.#scrolled(), { passive: true, signal });
    this.#list.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.#list.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.#list.addEventListener("focusin", (event) => this.#focused(event), { signal });
    this.#list.addEventListener("dragstart", (event) => event.dataTransfer?.setData(DRAG_TYPE, tileAt(event)?.data?.image?.id ?? ""), { signal });
  }

  #connection() {
    if (!library.live) {
      delete this.dataset.live;
      return;
    }
    if (!library.loaded) return; // `on` promises that what is shown is current
    this.dataset.live = "on";
    for (const tile of this.#wall.tiles.values()) tile.reload();
  }

  #tick() {
    const now = serverClock.now();
    for (const tile of this.#wall.tiles.values()) tile.tick(now);
    if (library.fresh.size > 0 && !document.hidden && document.querySelector(":modal") === null) this.#look();
  }

  /** What is new and on the screen is new no longer after a while. */
  #look() {
    const { top, bottom } = this.#pane.getBoundingClientRect();
    const fresh = [...this.#wall.tiles.values()].filter(({ data }) => data?.image && library.fresh.has(data.image.id));
    const onScreen = fresh.filter((tile) => {
      const box = tile.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
    for (const id of this.#seen.look(onScreen.map(({ data }) => data?.image.id), performance.now())) this.#age(id);
  }

  /** It is new no longer. @param {string} id of a picture */
  #age(id) {
    library.fresh.delete(id);
    for (const tile of this.#wall.tiles.values()) if (tile.data?.image?.id === id) tile.age();
  }

  #resized() {
    this.#wall.resize();
    this.#measured = true;
    this.#place.return();
  }

  #render() {
    this.toggleAttribute("data-searching", library.loaded && library.searching);
    if (!library.loaded) return;
    const { timeline, listing, totals } = library;
    if (listing.filter !== this.#shown.filter) this.#pane.scrollTop = 0;
    this.#shown = listing;
    timeline.update();
    this.#wall.show(timeline.sections);
    if (this.#measured) this.#place.return();
    this.#announcer.follow(library.records.jobs, library.followed);
    const bare = timeline.sections.length === 0 && listing.next === null;
    if (!bare || !isOpen(listing.filter)) this.#empty.remove();
    else if (!this.#empty.isConnected) this.#pane.append(this.#empty);
    this.#nothing.hidden = !(bare && !isOpen(listing.filter));
    this.#list.hidden = timeline.sections.length === 0;
    say(this.#total, totals === null || bare ? "" : t("gallery.inLibrary", { count: totals.images }));
    this.#reach();
    this.#connection();
    this.dataset.seq = String(library.seq);
    this.#continue();
  }

  /** @param {import("../studio/timeline.js").Section} section */
  #wordsOf(section) {
    const { timeline, listing, records } = library;
    const count = timeline.isWhole(section.day) && section.pictures > 0 ? t("shared.images", { count: section.pictures }) : "";
    const newest = section === timeline.sections[0] && isOpen(listing.filter) ? section.tiles[0]?.job : null;
    const title = records.liveJobs()[0]?.title ?? newest?.title ?? "";
    return { count, note: newest && title ? t("gallery.quoted", { title }) : "" };
  }

  #scrolled() {
    this.#wall.scroll();
    this.#reach();
    this.#continue();
  }

  /** Load on where the end of the wall is near, and the words of pictures whose jobs are not known. */
  #continue() {
    if (library.listing.next !== null && this.#wall.left < LOAD_AHEAD) void library.loadMore();
    const wordless = [...this.#wall.tiles.values()].flatMap(({ data }) => (data?.image && !data.job && !data.image.prompt ? [data.image.id] : []));
    const unasked = wordless.filter((id) => !this.#asked.has(id));
    for (const id of unasked) this.#asked.add(id);
    void eachOf(unasked, async (id) => void (await library.describe(id).catch(() => this.#asked.delete(id))));
  }

  /** Tab leads to one picture: the one that was focused last, else the first. */
  #reach() {
    const tiles = this.#wall.tiles;
    if (!tiles.get(this.#current)?.link) this.#current = [...tiles].find(([, tile]) => tile.link !== null)?.[0] ?? "";
    for (const [key, tile] of tiles) tile.reachable = key === this.#current;
  }

  #focused(event) {
    const tile = tileAt(event);
    if (!tile?.data) return;
    this.#current = tile.data.key;
    this.#reach();
  }

  #clicked(event) {
    const tile = tileAt(event);
    if (!tile?.data?.image || !event.target.closest("ig-tile > a")) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own: the address is the picture's
    event.preventDefault();
    open(tile.data.image.id);
  }

  #pressed(event) {
    const tile = tileAt(event);
    if (!tile?.data || event.altKey || event.ctrlKey || event.metaKey) return;
    const onPicture = event.target === tile.link;
    if (onPicture && keys.REMOVES.includes(event.key)) {
      event.preventDefault();
      return void remove(tile.data.image.id);
    }
    if (!onPicture && event.target !== tile) return;
    const spots = [...this.#wall.spots()];
    const at = spots.findIndex(({ section, index }) => section.tiles[index].key === tile.data?.key);
    const to = at < 0 ? null : walk(spots, at, event.key);
    if (to === null) return;
    event.preventDefault();
    this.#wall.reveal(spots[to])?.enter();
  }

  /** A tile with the focus is about to go: the next one gets it. @param {import("./tile.js").Tile} tile */
  #leave(tile) {
    const next = /** @type {import("./tile.js").Tile | null} */ (tile.nextElementSibling ?? tile.previousElementSibling);
    if (next !== null) next.enter();
    else this.#pane.focus({ preventScroll: true });
  }
}

/** @returns {import("./tile.js").Tile | null} */
const tileAt = (event) => event.target.closest("ig-tile");

customElements.define("ig-gallery", Gallery);
