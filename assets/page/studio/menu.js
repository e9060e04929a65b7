/** A menu below a button: in the top layer, so that nothing cuts it off, and led by the arrow keys. */

import { element } from "./dom.js";
import { icon } from "./icons.js";

const MARGIN = 8;

/**
 * @typedef {{label: string, icon?: import("./icons.js").IconName, note?: string, checked?: boolean, danger?: boolean,
 *   run: () => unknown}} MenuItem `checked` makes it one of several to choose from
 */

/**
 * Open a menu; choosing, Escape and a click elsewhere close it, and the focus goes back to the button.
 * @param {HTMLElement} button
 * @param {string} label what a screen reader calls it
 * @param {(MenuItem | null)[]} items null is a line between groups
 */
export function openMenu(button, label, items) {
  const menu = element("div", { class: "menu", role: "menu", popover: "auto", "aria-label": label });
  const nodes = items.map((item) => (item === null ? element("hr", {}) : entry(item, menu)));
  menu.append(...nodes);
  (button.closest("dialog") ?? document.getElementById("studio"))?.append(menu);
  menu.addEventListener("keydown", (event) => steer(event, menu));
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement) || document.activeElement === document.body) button.focus({ preventScroll: true });
    menu.remove();
  });
  menu.showPopover();
  button.setAttribute("aria-expanded", "true");
  stand(menu, button.getBoundingClientRect());
  /** @type {HTMLElement} */ (menu.querySelector('[aria-checked="true"]') ?? menu.querySelector("button")).focus();
}

/** @param {MenuItem} item @param {HTMLElement} menu */
function entry({ label, icon: name, note, checked, danger, run }, menu) {
  const choice = checked === undefined ? { role: "menuitem" } : { role: "menuitemradio", "aria-checked": String(checked) };
  const act = () => {
    menu.hidePopover();
    void run();
  };
  const mark = name ?? (checked ? "check" : null);
  const sign = mark === null ? element("span", { class: "icon" }) : icon(mark);
  const kind = danger ? "danger" : null;
  return element("button", { type: "button", tabindex: "-1", class: kind, onclick: act, ...choice }, sign, element("span", {}, label), note && element("small", {}, note));
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu */
function steer(event, menu) {
  event.stopPropagation(); // no key means anything else while the menu is open
  if (event.key === "Tab") return menu.hidePopover();
  const entries = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("button")]);
  const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length, Home: 0, End: entries.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  entries[to % entries.length].focus();
}

/** @param {HTMLElement} menu @param {DOMRect} beside */
function stand(menu, beside) {
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.max(MARGIN, Math.min(beside.left, innerWidth - width - MARGIN));
  const below = beside.bottom + 6;
  const top = below + height <= innerHeight - MARGIN ? below : Math.max(MARGIN, beside.top - height - 6);
  Object.assign(menu.style, { left: `${left}px`, top: `${top}px` });
}
