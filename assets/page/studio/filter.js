/** Which pictures are wanted: words of their prompts, an album, all or cut-outs only. Kept in the address. */

/** @typedef {{q: string, album: string, kind: "" | "original" | "cutout"}} Filter empty strings leave the field open */

/** What the server takes, in characters. */
export const WORDS_MAX = 500;
const ALBUM_MAX = 200;
const KINDS = ["original", "cutout"];

/** @param {Filter} one @param {Filter} other */
export const sameFilter = (one, other) => one.q === other.q && one.album === other.album && one.kind === other.kind;

/** @param {Filter} filter */
export const isOpen = (filter) => filter.q === "" && filter.album === "" && filter.kind === "";

/** Tells `change`. Going back in the browser's history brings an earlier filter back. */
class Wanted extends EventTarget {
  /** @type {Filter} */
  now = fromAddress();

  constructor() {
    super();
    window.addEventListener("popstate", () => this.#take(fromAddress()));
  }

  /**
   * @param {Partial<Filter>} change
   * @param {{refines?: boolean}} [options] `refines`: the same search goes on, and Back leads to what was before it
   */
  set(change, { refines = false } = {}) {
    const filter = { ...this.now, ...change };
    if (sameFilter(filter, this.now)) return;
    const address = toAddress(filter);
    if (refines) history.replaceState(history.state, "", address);
    else history.pushState(null, "", address);
    this.#take(filter);
  }

  /** @param {Filter} filter */
  #take(filter) {
    if (sameFilter(filter, this.now)) return;
    this.now = filter;
    this.dispatchEvent(new Event("change"));
  }
}

/** @returns {Filter} */
function fromAddress() {
  const asked = new URLSearchParams(location.search);
  const kind = asked.get("kind") ?? "";
  return {
    q: (asked.get("q") ?? "").slice(0, WORDS_MAX),
    album: (asked.get("album") ?? "").slice(0, ALBUM_MAX),
    kind: /** @type {Filter["kind"]} */ (KINDS.includes(kind) ? kind : ""),
  };
}

/** What else the address holds is left as it is. @param {Filter} filter */
function toAddress(filter) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(filter)) {
    if (value === "") address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  return address;
}

export const wanted = new Wanted();
