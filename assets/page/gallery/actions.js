/** The buttons that lie over a picture while it is pointed at or focused. There is one set, and it goes along. */

import { element, say } from "../studio/dom.js";
import { t } from "./language.js";
import { icon } from "../studio/icons.js";
import { library } from "../studio/library.js";
import { openMenu } from "../studio/menu.js";
import { open, remix, remove, removeBackground, useAsReference } from "./commands.js";
import { titleOf } from "./tile.js";

const hovers = window.matchMedia("(hover: hover)");

export class Actions {
  /** @type {import("./tile.js").Tile | null} */
  #tile = null;
  #excerpt = element("p", { class: "excerpt", dir: "auto", "aria-hidden": "true" });
  #cut = tool("scissors", t("shared.removeBackground"), () => void removeBackground(this.#id));
  #download = element("a", { class: "over", download: true, "aria-label": t("shared.download"), title: t("shared.download") }, icon("download"));
  #more = tool("more", t("gallery.more"), () => this.#menu());
  #node = element(
    "div",
    { class: "actions", role: "group" },
    element("div", { class: "row" }, tool("reference", t("shared.useAsReference"), () => useAsReference(this.#id)), this.#more),
    this.#excerpt,
    element(
      "div",
      { class: "row" },
      element("button", { type: "button", class: "over named", onclick: () => void remix(this.#id) }, icon("shuffle"), t("shared.remix")),
      this.#cut,
      this.#download,
    ),
  );

  /** @param {HTMLElement} list with the tiles @param {AbortSignal} signal that ends it */
  constructor(list, signal) {
    this.#more.setAttribute("aria-haspopup", "menu");
    list.addEventListener("pointerover", (event) => event.pointerType !== "touch" && this.#goTo(tileOf(event.target)), { signal });
    list.addEventListener("pointerleave", () => this.#goTo(tileOf(document.activeElement)), { signal });
    list.addEventListener("focusin", (event) => this.#goTo(tileOf(event.target)), { signal });
    list.addEventListener("focusout", (event) => event.relatedTarget !== null && this.#goTo(tileOf(event.relatedTarget)), { signal });
    document.addEventListener("ig:open", () => this.leave(), { signal });
  }

  /** The tile has become another, or is to be shown bare. */
  leave() {
    this.#node.remove();
    this.#tile = null;
  }

  /** Words that became known meanwhile. @param {import("./tile.js").Tile} tile */
  refresh(tile) {
    if (tile === this.#tile && tile.data?.image) this.#dress(tile.data);
  }

  get #id() {
    return this.#tile?.data?.image?.id ?? "";
  }

  /** @param {import("./tile.js").Tile | null} tile */
  #goTo(tile) {
    if (!hovers.matches || (tile === this.#tile && this.#node.isConnected)) return;
    if (this.#node.contains(document.activeElement) && tile !== this.#tile && tile !== null) return; // its buttons are in use
    if (tile === null || !tile.link || !tile.data?.image) return this.leave();
    this.#tile = tile;
    this.#dress(tile.data);
    tile.append(this.#node);
    library.fresh.delete(tile.data.image.id);
    tile.age();
  }

  #dress({ job, image }) {
    const title = titleOf(job, image);
    say(this.#excerpt, title);
    this.#node.setAttribute("aria-label", t("gallery.actionsOf", { title }));
    this.#cut.hidden = image.parent_id !== null;
    this.#download.setAttribute("href", `/api/images/${image.id}/download`);
  }

  #menu() {
    const id = this.#id;
    openMenu(this.#more, t("gallery.more"), [
      { label: t("gallery.open"), icon: "picture", run: () => open(id) },
      { label: t("shared.useAsReference"), icon: "reference", run: () => useAsReference(id) },
      null,
      { label: t("shared.delete"), icon: "trash", danger: true, run: () => remove(id) },
    ]);
  }
}

/** @param {import("../studio/icons.js").IconName} name @param {string} label @param {() => void} onclick */
function tool(name, label, onclick) {
  return element("button", { type: "button", class: "over", "aria-label": label, title: label, onclick }, icon(name));
}

/** @returns {import("./tile.js").Tile | null} */
const tileOf = (target) => (target instanceof Element ? target.closest("ig-tile") : null);
