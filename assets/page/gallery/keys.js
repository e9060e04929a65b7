/** The keys of the gallery's tiles, which hear them themselves: what they are is said here once, and listed. */

import { shortcut } from "../studio/shortcuts.js";
import { t } from "./language.js";

export const REMOVES = ["Delete", "Backspace"];

/** Name the keys in the overlay of all shortcuts. @returns {() => void} takes them away again */
export function list() {
  const named = [
    { keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], label: t("gallery.stepPicture") },
    { keys: ["Home", "End"], label: t("gallery.firstOrLast") },
    { keys: "Enter", label: t("gallery.openPicture") },
    { keys: REMOVES, label: t("shared.delete") },
    { keys: "Escape", label: t("gallery.clearSearch") },
  ];
  const taken = named.map((entry) => shortcut({ ...entry, group: t("gallery.gallery") }));
  return () => taken.forEach((remove) => remove());
}
