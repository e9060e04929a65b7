/** Which album the pictures go into: none, one that there is, or a new one. */

import { Problem } from "../studio/api.js";
import { element, fieldError } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { albums } from "./albums.js";
import { draft } from "./draft.js";
import { t } from "./language.js";

const NEW = "+";
const NAME_MAX = 200;

/** @param {AbortSignal} signal */
export function albumField(signal) {
  const select = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": t("composer.album") }));
  const name = /** @type {HTMLInputElement} */ (
    element("input", { type: "text", maxlength: NAME_MAX, placeholder: t("composer.albumName"), "aria-label": t("composer.albumName") })
  );
  const create = element("button", { type: "button", class: "plain", onclick: () => void make() }, t("composer.create"));
  const making = element("div", { class: "line", hidden: true }, name, create);

  const choose = () => {
    fieldError("album", "");
    making.hidden = select.value !== NEW;
    if (select.value === NEW) name.focus();
    else draft.set("album", select.value);
  };
  const make = async () => {
    if (name.value.trim() === "") return name.focus();
    try {
      draft.set("album", await albums.create(name.value.trim()));
      making.hidden = true;
      name.value = "";
      fill();
      select.focus();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      fieldError("album", error.message);
    }
  };
  const fill = () => {
    const chosen = draft.fields.album;
    if (chosen && albums.known && albums.name(chosen) === "") return draft.set("album", ""); // it was deleted
    const options = albums.list.map((album) => element("option", { value: album.id }, album.name));
    if (chosen && !albums.known) options.push(element("option", { value: chosen }, "…"));
    select.replaceChildren(element("option", { value: "" }, t("composer.noAlbum")), ...options, element("option", { value: NEW }, t("composer.newAlbum")));
    select.value = making.hidden ? chosen : NEW;
  };
  select.addEventListener("change", choose);
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    void make();
  });
  albums.addEventListener("change", fill, { signal });
  draft.addEventListener("change", (event) => /** @type {CustomEvent} */ (event).detail === "album" && fill(), { signal });
  fill();
  return element("div", { id: "album", "data-field": true }, element("p", { class: "legend", "aria-hidden": "true" }, t("composer.album")), element("div", { class: "select" }, select, icon("chevron")), making);
}
