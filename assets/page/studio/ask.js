/** Small questions in a dialog of their own: a name, or whether something is really meant. */

import { element } from "./dom.js";
import { t } from "./i18n.js";

let questions = 0;

/**
 * @param {{title: string, value?: string, action: string, maxlength: number}} question
 * @returns {Promise<string | null>} what was entered, without space around it; null when nothing was
 */
export async function askName({ title, value = "", action, maxlength }) {
  const input = /** @type {HTMLInputElement} */ (element("input", { type: "text", maxlength, required: true, "aria-label": title }));
  input.value = value;
  const agreed = await ask(title, action, input);
  return agreed ? input.value.trim() || null : null;
}

/**
 * @param {{title: string, text: string, action: string}} question
 * @returns {Promise<boolean>} whether it is meant
 */
export function askWhether({ title, text, action }) {
  return ask(title, action, element("p", {}, text));
}

/** @param {string} title @param {string} action @param {HTMLElement} body @returns {Promise<boolean>} */
function ask(title, action, body) {
  const heading = element("h2", { id: `question-${(questions += 1)}` }, title);
  const cancel = element("button", { type: "button", class: "plain", onclick: () => dialog.close() }, t("shared.cancel"));
  const agree = element("button", { type: "submit", class: "plain strong" }, action);
  const form = element("form", { method: "dialog" }, heading, body, element("div", { class: "choices" }, cancel, agree));
  const dialog = /** @type {HTMLDialogElement} */ (element("dialog", { class: "question", "aria-labelledby": heading.id }, form));
  let agreed = false;
  form.addEventListener("submit", () => (agreed = true));
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.getElementById("studio")?.append(dialog);
  dialog.showModal();
  if (body instanceof HTMLInputElement) body.select();
  else agree.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(agreed);
    });
  });
}
