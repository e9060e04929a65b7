/** A question or a choice in front of the page: in the middle on a desk, from below on a phone. */

import { element } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { t } from "./language.js";
import { handle } from "./sheet.js";

let opened = 0;

/**
 * Open a modal `<dialog>`. Escape, the button and a press beside it close it; then it is gone, and the focus is back
 * where it was.
 * @param {{title: string, look: string, content: (HTMLElement | null)[]}} options `look` is its class
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, look, content }) {
  opened += 1;
  const heading = element("h2", { id: `ig-dialog-${opened}` }, title);
  const dialog = /** @type {HTMLDialogElement} */ (element("dialog", { class: `ig-dialog ${look}`, "aria-labelledby": heading.id }));
  const close = element("button", { type: "button", class: "tool", "aria-label": t("shared.close"), onclick: () => dialog.close() }, icon("close"));
  const bar = handle(dialog, () => dialog.close(), element("div", { "aria-hidden": "true" }));
  const box = element("div", { class: "box" }, bar, element("header", {}, heading, close), ...content);
  dialog.append(box);
  // Only the part beside the box is the dialog itself. A press that began inside and ends there is none.
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.querySelector("#studio")?.append(dialog);
  dialog.showModal();
  return dialog;
}
