/** The albums: which of them is shown, and a menu to make, rename and delete them. */

import { albums } from "../composer/albums.js";
import { call } from "../studio/api.js";
import { askName, askWhether } from "../studio/ask.js";
import { element, say } from "../studio/dom.js";
import { wanted } from "../studio/filter.js";
import { t } from "./language.js";
import { icon } from "../studio/icons.js";
import { openMenu } from "../studio/menu.js";
import { notices } from "../studio/notices.js";
import { toast } from "../studio/toast.js";

const NAME_MAX = 200;

/** @typedef {{id: string, name: string, images?: number}} Album */

export class AlbumButton extends HTMLElement {
  #name = element("span");
  #button = element("button", { type: "button", class: "pick", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => void this.#open() }, icon("album"), this.#name, icon("chevron"));
  #clean = new AbortController();

  connectedCallback() {
    this.replaceChildren(this.#button);
    const { signal } = this.#clean;
    for (const source of [wanted, albums]) source.addEventListener("change", () => this.#show(), { signal });
    if (wanted.now.album !== "" && !albums.known) void attempt(() => albums.load());
    this.#show();
  }

  disconnectedCallback() {
    this.#clean.abort();
    this.#clean = new AbortController();
  }

  #show() {
    const id = wanted.now.album;
    const name = id === "" ? t("gallery.allAlbums") : albums.name(id) || t("gallery.album");
    say(this.#name, name);
    this.#button.setAttribute("aria-label", t("gallery.albumShown", { name }));
    this.#button.toggleAttribute("data-chosen", id !== "");
  }

  async #open() {
    await attempt(() => albums.load());
    const list = /** @type {Album[]} */ (albums.list);
    const shown = wanted.now.album;
    const current = list.find((album) => album.id === shown);
    openMenu(this.#button, t("gallery.albums"), [
      { label: t("gallery.allAlbums"), checked: shown === "", run: () => wanted.set({ album: "" }) },
      ...list.map(({ id, name, images = 0 }) => ({ label: name, note: t("gallery.count", { count: images }), checked: id === shown, run: () => wanted.set({ album: id }) })),
      null,
      { label: t("gallery.newAlbum"), icon: "plus", run: () => this.#create() },
      ...(current ? this.#changes(current) : []),
    ]);
  }

  /** @param {Album} album @returns {import("../studio/menu.js").MenuItem[]} */
  #changes(album) {
    return [
      { label: t("gallery.renameAlbum"), icon: "pencil", run: () => this.#rename(album) },
      { label: t("gallery.deleteAlbum"), icon: "trash", danger: true, run: () => this.#delete(album) },
    ];
  }

  async #create() {
    const name = await askName({ title: t("gallery.newAlbumTitle"), action: t("gallery.create"), maxlength: NAME_MAX });
    if (name === null) return;
    await attempt(async () => {
      wanted.set({ album: await albums.create(name) });
    });
  }

  /** @param {Album} album */
  async #rename({ id, name: value }) {
    const name = await askName({ title: t("gallery.renameAlbumTitle"), value, action: t("gallery.rename"), maxlength: NAME_MAX });
    if (name === null || name === value) return;
    await attempt(async () => {
      await call("PATCH", `/api/albums/${id}`, { json: { name } });
      await albums.load();
    });
  }

  /** @param {Album} album */
  async #delete({ id, name }) {
    const title = t("gallery.deleteAlbumTitle", { name });
    if (!(await askWhether({ title, text: t("gallery.deleteAlbumText"), action: t("shared.delete") }))) return;
    await attempt(async () => {
      await call("DELETE", `/api/albums/${id}`);
      wanted.set({ album: "" });
      await albums.load();
      toast(t("gallery.albumDeleted", { name }));
    });
  }
}

/** @param {() => Promise<void>} work */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    notices.tell(error);
  }
}
