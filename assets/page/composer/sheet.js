/** A sheet on a phone: the handle that drags it down, and the composer as one. */

import { element } from "../studio/dom.js";
import { t } from "./language.js";

/** Where the style sheets say that a page is a phone's. */
export const phone = window.matchMedia("(width <= 760px)");
/** A drag of more than this, in CSS pixels, closes. */
const FAR = 70;

/**
 * The bar at the top of a sheet: drag it down, or press it, to close.
 * @param {HTMLElement} sheet
 * @param {() => void} close
 * @param {HTMLElement} [bar] something else than a button, where there is another button that closes
 * @returns {HTMLElement}
 */
export function handle(sheet, close, bar = element("button", { type: "button", "aria-label": t("shared.close"), onclick: close })) {
  bar.classList.add("handle");
  let start = /** @type {number | null} */ (null);
  const moved = (/** @type {PointerEvent} */ event) => Math.max(0, event.clientY - (start ?? event.clientY));
  bar.addEventListener("pointerdown", (event) => {
    start = event.clientY;
    bar.setPointerCapture(event.pointerId);
  });
  bar.addEventListener("pointermove", (event) => {
    if (start !== null) sheet.style.translate = `0 ${moved(event)}px`;
  });
  const end = (/** @type {PointerEvent} */ event) => {
    const far = moved(event) > FAR;
    start = null;
    sheet.style.translate = "";
    if (far) close();
  };
  bar.addEventListener("pointerup", end);
  bar.addEventListener("lostpointercapture", () => (start = null));
  bar.addEventListener("pointercancel", () => {
    start = null;
    sheet.style.translate = "";
  });
  return bar;
}

/**
 * The composer on a phone. While it is open nothing behind it can be reached, by hand or by keyboard.
 * Tells `change` when it opened or closed.
 */
class ComposerSheet extends EventTarget {
  #before = /** @type {HTMLElement | null} */ (null);

  get open() {
    return this.#composer.hasAttribute("data-open");
  }

  start() {
    this.#composer.prepend(handle(this.#composer, () => this.close()));
    const veil = element("div", { id: "composer-veil", "aria-hidden": "true", onclick: () => this.close() });
    this.#composer.before(veil);
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || !this.open || document.querySelector(":modal") !== null) return;
      this.close();
    });
    phone.addEventListener("change", () => this.close());
  }

  /** On a desk everything is in sight: then it only scrolls there. @param {string} [target] selector of what is wanted */
  show(target) {
    if (phone.matches && !this.open) {
      this.#before = /** @type {HTMLElement | null} */ (document.activeElement);
      this.#set(true);
    }
    const wanted = target ? document.querySelector(target) : null;
    wanted?.scrollIntoView({ block: "nearest" });
  }

  close() {
    if (!this.open) return;
    this.#set(false);
    this.#before?.focus({ preventScroll: true });
    this.#before = null;
  }

  /** @param {boolean} open */
  #set(open) {
    const composer = this.#composer;
    composer.toggleAttribute("data-open", open);
    for (const other of composer.parentElement?.children ?? []) {
      if (other !== composer && other.id !== "composer-veil" && !(other instanceof HTMLDialogElement)) other.toggleAttribute("inert", open);
    }
    if (open) {
      composer.setAttribute("role", "dialog");
      composer.setAttribute("aria-modal", "true");
      composer.setAttribute("aria-label", t("composer.choices"));
    } else for (const name of ["role", "aria-modal", "aria-label"]) composer.removeAttribute(name);
    this.dispatchEvent(new Event("change"));
  }

  get #composer() {
    return /** @type {HTMLElement} */ (document.querySelector("#composer"));
  }
}

export const sheet = new ComposerSheet();
