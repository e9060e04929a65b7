/**
 * The gallery's wall: days below each other, each in columns. Of however many pictures, only those near what is seen
 * are elements.
 *
 * Places are reckoned from the records alone, day by day, and only where something changed; scrolling reads them.
 */

import { element, say } from "../studio/dom.js";
import { heightOf } from "./boxes.js";
import { dayTitle } from "./days.js";
import { Haste } from "./haste.js";
import { columnsFor, place } from "./masonry.js";
import { Tile } from "./tile.js";

/** How far above and below what is seen there are elements, and how far one scrolls until that is looked at again. */
const AHEAD = 500;
const STEP = 160;

/** @typedef {import("../studio/timeline.js").Section} Section */
/** @typedef {{size: number, heights: number[], places: {x: number, y: number}[], height: number}} Plan */
/** @typedef {{node: HTMLElement, title: HTMLElement, count: HTMLElement, note: HTMLElement, list: HTMLElement}} DayNodes */
/** @typedef {{section: Section, index: number, x: number, y: number, width: number, height: number}} Spot */

export class Wall {
  /** Elements by key. @type {Map<string, Tile>} */
  tiles = new Map();
  /** @type {Section[]} */
  #sections = [];
  /** @type {WeakMap<Section, Plan>} */
  #plans = new WeakMap();
  /** @type {number[]} where each section begins */
  #tops = [];
  /** @type {Map<string, DayNodes>} */
  #days = new Map();
  #columns = { columns: 1, size: 0 };
  #gap = 0;
  #heading = 0;
  #seenAt = NaN;
  #height = 0;
  #haste = new Haste(() => this.tiles.forEach((tile) => tile.look()));

  /**
   * @param {HTMLElement} pane that scrolls
   * @param {HTMLElement} list in which the days stand
   * @param {{wordsOf: (section: Section) => {count: string, note: string}, leave: (tile: Tile) => void}} host
   *   `wordsOf` a day's heading; `leave` is told of a tile that is about to go with the focus in it
   */
  constructor(pane, list, host) {
    this.pane = pane;
    this.list = list;
    this.host = host;
  }

  /** Show these days; whoever has scrolled keeps the picture that is being looked at where it is. @param {Section[]} sections */
  show(sections) {
    const anchor = this.#anchor();
    this.#sections = sections;
    this.#arrange();
    if (anchor !== null) this.#return(anchor);
    this.#mount();
  }

  /** The measures of the pane have changed. */
  resize() {
    const style = getComputedStyle(this.list);
    this.#gap = parseFloat(style.rowGap) || 0;
    this.#heading = parseFloat(style.getPropertyValue("--heading")) || 0;
    this.#height = this.pane.clientHeight;
    const width = this.list.clientWidth;
    if (width === 0) return;
    this.#columns = columnsFor(width, this.#gap);
    this.show(this.#sections);
  }

  /** Something was scrolled. */
  scroll() {
    this.#haste.note(this.pane.scrollTop, this.#height);
    if (!(Math.abs(this.pane.scrollTop - this.#seenAt) < STEP)) this.#mount();
  }

  /** How far below what is seen the wall goes on, in CSS pixels; asking the pane itself would lay everything out. */
  get left() {
    return this.#total - (this.#seenAt || 0) - this.#height;
  }

  /** Where a tile stands on the wall; null where it is not there. @param {string} key @returns {Spot | null} */
  spotOf(key) {
    for (const [at, section] of this.#sections.entries()) {
      const index = section.tiles.findIndex((data) => data.key === key);
      if (index >= 0) return this.#spot(at, index);
    }
    return null;
  }

  /** All tiles in order with their places. @returns {Iterable<Spot>} */
  *spots() {
    for (const [at, section] of this.#sections.entries()) {
      for (let index = 0; index < section.tiles.length; index += 1) yield this.#spot(at, index);
    }
  }

  /** Scroll as far as needed to see a tile, and give its element. @param {Spot} spot @returns {Tile | null} */
  reveal({ section, index, y, height }) {
    const top = y - this.#heading - this.#gap;
    const { scrollTop } = this.pane;
    if (top < scrollTop) this.pane.scrollTop = Math.max(0, top);
    else if (y + height > scrollTop + this.#height) this.pane.scrollTop = Math.min(top, y + height + this.#gap - this.#height);
    this.#mount();
    return this.tiles.get(section.tiles[index].key) ?? null;
  }

  get #total() {
    const last = this.#sections.length - 1;
    return last < 0 ? 0 : this.#tops[last] + this.#heightOfDay(this.#sections[last]);
  }

  #heightOfDay(section) {
    return this.#heading + (this.#plans.get(section)?.height ?? 0) + this.#gap;
  }

  /** @returns {Spot} */
  #spot(at, index) {
    const section = this.#sections[at];
    const { places, heights } = /** @type {Plan} */ (this.#plans.get(section));
    const { x, y } = places[index];
    return { section, index, x, y: this.#tops[at] + this.#heading + y, width: this.#columns.size, height: heights[index] };
  }

  #arrange() {
    const { columns, size } = this.#columns;
    let top = 0;
    this.#tops = this.#sections.map((section) => {
      const known = this.#plans.get(section);
      if (known?.size !== size) {
        const heights = section.tiles.map((data) => heightOf(data, size));
        this.#plans.set(section, { size, heights, ...place(heights, columns, size, this.#gap) });
      }
      const begin = top;
      top += this.#heightOfDay(section);
      return begin;
    });
    this.list.style.height = `${top}px`;
  }

  /** The first tile that is seen, and how far down; null at the top, where what is new is to be seen. */
  #anchor() {
    const { scrollTop } = this.pane;
    if (scrollTop <= this.#heading || this.#columns.size === 0) return null;
    for (const [at, section] of this.#sections.entries()) {
      if (this.#tops[at] + this.#heightOfDay(section) <= scrollTop) continue;
      for (let index = 0; index < section.tiles.length; index += 1) {
        const { y, height } = this.#spot(at, index);
        if (y + height > scrollTop + this.#heading) return { key: section.tiles[index].key, offset: y - scrollTop };
      }
    }
    return null;
  }

  #return({ key, offset }) {
    const spot = this.spotOf(key);
    if (spot !== null && spot.y - offset !== this.pane.scrollTop) this.pane.scrollTop = spot.y - offset;
  }

  /** Make elements of what is near what is seen, and only of that. What has the focus stays. */
  #mount() {
    if (this.#columns.size === 0) return;
    const { scrollTop } = this.pane;
    this.#seenAt = scrollTop;
    const near = new Map();
    this.#sections.forEach((section, at) => {
      const indexes = this.#near(section, this.#tops[at], scrollTop - AHEAD, scrollTop + this.#height + AHEAD);
      if (indexes !== null) near.set(section, { at, indexes });
    });
    this.#clear(near);
    for (const [section, { at, indexes }] of near) this.#mountDay(section, this.#tops[at], indexes);
  }

  /** Which tiles of a day are near; null where the day itself is not. @returns {number[] | null} */
  #near(section, top, from, to) {
    const focused = document.activeElement?.closest("ig-tile");
    const held = focused && this.#days.get(section.day)?.node.contains(focused) ? /** @type {Tile} */ (focused).data?.key : null;
    const isNear = top <= to && top + this.#heightOfDay(section) >= from;
    if (!isNear && !held) return null;
    const { places, heights } = /** @type {Plan} */ (this.#plans.get(section));
    const begin = top + this.#heading;
    const indexes = [];
    for (let index = 0; index < heights.length; index += 1) {
      const { y } = places[index];
      const seen = begin + y < to && begin + y + heights[index] > from;
      if (seen || (held && section.tiles[index].key === held)) indexes.push(index);
    }
    return indexes;
  }

  #mountDay(section, top, indexes) {
    const day = this.#dayNodes(section);
    Object.assign(day.node.style, { top: `${top}px`, height: `${this.#heightOfDay(section)}px` });
    const { places, heights } = /** @type {Plan} */ (this.#plans.get(section));
    let cursor = day.list.firstElementChild;
    for (const index of indexes) {
      const data = section.tiles[index];
      const tile = this.tiles.get(data.key) ?? /** @type {Tile} */ (document.createElement("ig-tile"));
      if (tile.data !== data) tile.show(data, this.#haste.on);
      tile.stand({ ...places[index], width: this.#columns.size, height: heights[index] });
      this.tiles.set(data.key, tile);
      if (tile === cursor) cursor = cursor.nextElementSibling;
      else day.list.insertBefore(tile, cursor);
    }
  }

  /** @param {Section} section @returns {DayNodes} */
  #dayNodes(section) {
    let day = this.#days.get(section.day);
    if (day === undefined) {
      const [title, count, note] = [element("h2", { id: `day-${section.day}` }), element("span", { class: "count" }), element("span", { class: "note" })];
      const list = element("div", { class: "tiles", role: "list", "aria-labelledby": title.id });
      const node = element("section", { class: "day" }, element("header", {}, title, count, note), list);
      day = { node, title, count, note, list };
      this.#days.set(section.day, day);
      const [next] = [...this.#days.keys()].filter((other) => other < section.day).sort().reverse();
      this.list.insertBefore(node, this.#days.get(next)?.node ?? null);
    }
    const { count, note } = this.host.wordsOf(section);
    say(day.title, dayTitle(section.day, new Date()));
    say(day.count, count);
    say(day.note, note);
    return day;
  }

  /** @param {Map<Section, {indexes: number[]}>} near what is to stay */
  #clear(near) {
    const keys = new Set([...near].flatMap(([section, { indexes }]) => indexes.map((index) => section.tiles[index].key)));
    const days = new Set([...near.keys()].map((section) => section.day));
    for (const [key, tile] of this.tiles) {
      if (keys.has(key)) continue;
      if (tile.contains(document.activeElement)) this.host.leave(tile);
      tile.remove();
      this.tiles.delete(key);
    }
    for (const [day, { node }] of this.#days) {
      if (days.has(day)) continue;
      node.remove();
      this.#days.delete(day);
    }
  }
}
