/** Building elements. Text only ever becomes text: nothing here parses HTML. */

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `class`, `onclick` and the like; false, null and undefined are left out
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/**
 * Set a node's text only where it differs: an unchanged node is not announced again by a screen reader.
 * @param {Element} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Show what is wrong with a field at the field itself; an empty message takes it away.
 * @param {string} id of the field's element
 * @param {string} message
 */
export function fieldError(id, message) {
  const field = document.getElementById(id);
  if (field === null) return;
  const control = field.querySelector("textarea, input, select, button") ?? field;
  const host = field.closest("[data-field]") ?? field;
  let line = host.querySelector(":scope > .field-error");
  if (message === "") {
    line?.remove();
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
    return;
  }
  if (line === null) {
    line = element("p", { class: "field-error", role: "alert", id: `${id}-error` });
    host.append(line);
  }
  say(line, message);
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", line.id);
}
