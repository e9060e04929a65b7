/** The keys of the detail view; the dialog is the only one that hears them while it is open. */

import { t } from "../studio/i18n.js";
import { shortcut } from "../studio/shortcuts.js";

/** Names of actions by key. */
const ACTS = { r: "remix", v: "variation", d: "download", u: "reference", b: "cutout", c: "copy", delete: "delete", backspace: "delete" };
/** Names of moves by key. */
const MOVES = { arrowleft: "previous", arrowright: "next", "+": "zoomIn", "=": "zoomIn", "-": "zoomOut", 0: "fitOrFull", i: "facts" };

/**
 * What a key press means; null where it is not for us.
 * @param {KeyboardEvent} event
 * @returns {{act: string} | {move: string} | null}
 */
export function meaning(event) {
  const at = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || at.closest("input[type=text], textarea") !== null) return null;
  const key = event.key.toLowerCase();
  if (key.startsWith("arrow") && at.closest("input[type=radio]") !== null) return null;
  if (MOVES[key] !== undefined) return { move: MOVES[key] };
  return ACTS[key] === undefined || event.repeat ? null : { act: ACTS[key] };
}

/** Name the keys in the overlay of all shortcuts. @returns {() => void} takes them away again */
export function list() {
  const named = [
    { keys: ["ArrowLeft", "ArrowRight"], label: t("detail.step") },
    { keys: ["+", "-"], label: t("detail.zoom") },
    { keys: "0", label: t("detail.fit") },
    { keys: "r", label: t("shared.remix") },
    { keys: "v", label: t("detail.variation") },
    { keys: "d", label: t("shared.download") },
    { keys: "b", label: t("shared.removeBackground") },
    { keys: "u", label: t("shared.useAsReference") },
    { keys: "c", label: t("detail.copyPicture") },
    { keys: "i", label: t("detail.facts") },
    { keys: ["Delete", "Backspace"], label: t("shared.delete") },
    { keys: "Escape", label: t("shared.close") },
  ];
  const taken = named.map((entry) => shortcut({ ...entry, group: t("detail.open") }));
  return () => taken.forEach((remove) => remove());
}
