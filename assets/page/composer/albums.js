/** The albums that a picture can go into. */

import { call, get } from "../studio/api.js";

/** Tells `change` when the list is known or has grown. */
class Albums extends EventTarget {
  /** @type {{id: string, name: string}[]} */
  list = [];
  /** Whether the list is the server's: before that nothing can be said of an album that is not in it. */
  known = false;

  /** @throws {import("../studio/api.js").Problem} */
  async load() {
    this.list = (await get("/api/albums")).albums;
    this.known = true;
    this.dispatchEvent(new Event("change"));
  }

  /**
   * @param {string} name
   * @returns {Promise<string>} the new album's id
   * @throws {import("../studio/api.js").Problem}
   */
  async create(name) {
    const { id } = await call("POST", "/api/albums", { json: { name } });
    await this.load();
    return id;
  }

  /** @param {string} id */
  name(id) {
    return this.list.find((album) => album.id === id)?.name ?? "";
  }
}

export const albums = new Albums();
