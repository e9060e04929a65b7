/** Failures that this browser no longer shows. Kept in localStorage; the job log knows nothing of it. */

const KEY = "imagegen.dismissed";
const KEPT = 500;

/** Tells `change` when one more is dismissed, in whichever tab. */
class Dismissed extends EventTarget {
  #keys = read();

  constructor() {
    super();
    window.addEventListener("storage", (event) => {
      if (event.key !== KEY) return;
      this.#keys = read();
      this.dispatchEvent(new Event("change"));
    });
  }

  /** @param {string} key of the tile */
  has(key) {
    return this.#keys.has(key);
  }

  /** @param {string} key */
  add(key) {
    this.#keys.add(key);
    this.#write();
    this.dispatchEvent(new Event("change"));
  }

  /** It was run again: another failure would be news. @param {string} key */
  forget(key) {
    if (this.#keys.delete(key)) this.#write();
  }

  #write() {
    try {
      localStorage.setItem(KEY, JSON.stringify([...this.#keys].slice(-KEPT)));
    } catch {
      // Storage is full or forbidden: the dismissal lives as long as the page.
    }
  }
}

/** @returns {Set<string>} */
function read() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
  } catch {
    return new Set();
  }
}

export const dismissed = new Dismissed();
