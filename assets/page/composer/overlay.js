/** `?`: every key that does something, as they are registered. */

import { element } from "../studio/dom.js";
import { isMac, keysOf, shortcut, shortcuts } from "../studio/shortcuts.js";
import { openDialog } from "./dialog.js";
import { t } from "./language.js";

const SIGNS = {
  Mod: isMac ? "⌘" : "Ctrl",
  Shift: isMac ? "⇧" : "Shift",
  Enter: "↵",
  Escape: "Esc",
  Delete: "Del",
  Backspace: "⌫",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

/** Open the list of keys. */
export function showShortcuts() {
  /** @type {Map<string, import("../studio/shortcuts.js").Shortcut[]>} */
  const groups = new Map();
  for (const entry of shortcuts()) {
    const group = entry.group ?? t("composer.anywhere");
    groups.set(group, [...(groups.get(group) ?? []), entry]);
  }
  const lists = [...groups].map(([group, entries]) => element("section", {}, element("h3", {}, group), element("dl", {}, ...entries.map(line))));
  openDialog({ title: t("composer.shortcuts"), look: "shortcuts", content: [element("div", { class: "groups" }, ...lists)] });
}

/** @param {import("../studio/shortcuts.js").Shortcut} entry */
function line(entry) {
  const keys = keysOf(entry).map((key) => element("span", { class: "keys" }, ...partsOf(key).map((part) => element("kbd", {}, part))));
  return element("div", {}, element("dt", {}, entry.label), element("dd", {}, ...keys));
}

/** @param {string} key “Mod+Enter” → “Ctrl”, “↵” */
function partsOf(key) {
  const parts = key === "+" ? [key] : key.split("+");
  return parts.map((part) => SIGNS[/** @type {keyof typeof SIGNS} */ (part)] ?? (part.length === 1 ? part.toUpperCase() : part));
}

shortcut({ keys: "?", label: t("composer.shortcuts"), group: t("composer.anywhere"), run: showShortcuts });
// A reference's button hears these itself.
for (const { keys, label } of [
  { keys: "Shift+ArrowLeft", label: t("composer.moveEarlier") },
  { keys: "Shift+ArrowRight", label: t("composer.moveLater") },
  { keys: ["Delete", "Backspace"], label: t("composer.remove") },
]) {
  shortcut({ keys, label, group: t("composer.references") });
}
document.addEventListener("ig:shortcuts", showShortcuts);
