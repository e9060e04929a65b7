/**
 * Keys that do something. Each is registered once: what the key does and what the overlay lists come from one place.
 */

/**
 * @typedef {object} Shortcut
 * @property {string | string[]} keys as `KeyboardEvent.key` names them, with `Mod+` for Ctrl or ⌘ and `Shift+`; each of a list does the same
 * @property {string} label what it does, in the person's language
 * @property {string} [group] the heading that it is listed under
 * @property {(event: KeyboardEvent) => void} [run] left out where an element hears its own keys and only the listing is wanted
 * @property {() => boolean} [when] whether the key means this now; unless told otherwise, while no dialog is open
 */

/** @type {Set<Shortcut>} */
const registered = new Set();

/**
 * @param {Shortcut} entry
 * @returns {() => void} takes it away again
 */
export function shortcut(entry) {
  registered.add(entry);
  return () => registered.delete(entry);
}

/** All that are registered now, in that order. */
export const shortcuts = () => [...registered];

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** @param {Shortcut} entry */
export const keysOf = (entry) => [entry.keys].flat();

const noDialog = () => document.querySelector(":modal") === null;

/** @param {EventTarget | null} target whether letters typed there are text */
function takesText(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=range], [type=file])");
}

/** @param {KeyboardEvent} event @param {string} key */
function isPressed(event, key) {
  const parts = key.split("+").filter(Boolean);
  const name = parts.at(-1) ?? "+";
  const needsMod = parts.includes("Mod") && parts.length > 1;
  if (needsMod !== (event.metaKey || event.ctrlKey) || event.altKey) return false;
  if (parts.includes("Shift") && !event.shiftKey) return false;
  return event.key === name || (name.length === 1 && event.key.toLowerCase() === name.toLowerCase());
}

window.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || event.isComposing) return;
  for (const entry of registered) {
    const key = keysOf(entry).find((one) => isPressed(event, one));
    if (entry.run === undefined || key === undefined || !(entry.when ?? noDialog)()) continue;
    if (takesText(event.target) && !key.startsWith("Mod+")) continue;
    event.preventDefault();
    entry.run(event);
    return;
  }
});
