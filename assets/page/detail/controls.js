/** The buttons over the picture: close, look through, zoom, facts. */

import { element, say } from "../studio/dom.js";
import { t } from "../studio/i18n.js";
import { icon } from "../studio/icons.js";

export class Controls {
  #scale;

  /**
   * @param {Record<"close" | "previous" | "next" | "zoomIn" | "zoomOut" | "fitOrFull" | "facts", () => unknown>} moves
   * @param {HTMLElement} modes stands in the middle of the bar
   */
  constructor(moves, modes) {
    this.previous = tool("previous", "left", t("detail.previous"), "ArrowLeft", moves.previous);
    this.next = tool("next", "right", t("detail.next"), "ArrowRight", moves.next);
    const close = tool("close", "close", t("shared.close"), "Escape", moves.close);
    const facts = tool("info", "info", t("detail.facts"), "I", moves.facts);
    this.bar = element("header", {}, close, modes, facts);
    this.#scale = element("button", { type: "button", class: "tool scale", "aria-keyshortcuts": "0", onclick: moves.fitOrFull });
    this.zoom = element(
      "div",
      { class: "zoom" },
      tool("out", "minus", t("detail.zoomOut"), "-", moves.zoomOut),
      this.#scale,
      tool("in", "plus", t("detail.zoomIn"), "+", moves.zoomIn),
    );
  }

  /** @param {number} scale 1 is a pixel of the picture for one of CSS */
  showScale(scale) {
    const percent = Math.round(scale * 100);
    say(this.#scale, `${percent}%`);
    this.#scale.setAttribute("aria-label", t("detail.scale", { percent }));
  }

  /** @param {{previous: string | null, next: string | null}} beside ids of the neighbours */
  showBeside(beside) {
    this.previous.ariaDisabled = beside.previous === null ? "true" : null;
    this.next.ariaDisabled = beside.next === null ? "true" : null;
  }
}

/** @param {string} place @param {Parameters<typeof icon>[0]} shape @param {string} label @param {string} key @param {() => unknown} onclick */
function tool(place, shape, label, key, onclick) {
  return element("button", { type: "button", class: `tool ${place}`, "aria-label": label, title: label, "aria-keyshortcuts": key, onclick }, icon(shape));
}
