/** Where a picture came from and what was made of it, as thumbnails that open. */

import { element } from "../studio/dom.js";
import { t } from "../studio/i18n.js";

/** @typedef {{parent: string | null, cutout: string | null, references: string[], children: string[]}} Kin */

/** @param {any} image the single record @returns {Kin} */
function kinOf({ parent_id: parent, cutout_id: cutout, lineage }) {
  return { parent, cutout, references: [], children: [], ...lineage };
}

/** The relatives of a picture; null where it has none. @param {any} image */
export function lineage(image) {
  const { parent, cutout, references, children } = kinOf(image);
  const groups = [
    [t("detail.before"), parent === null ? [] : [parent]],
    [t("detail.after"), cutout === null ? [] : [cutout]],
    [t("detail.madeFrom"), references],
    [t("detail.madeOfIt"), children.filter((id) => id !== cutout)],
  ].filter(([, ids]) => ids.length > 0);
  if (groups.length === 0) return null;
  return element("div", { class: "lineage" }, ...groups.map(([title, ids]) => group(title, ids)));
}

/** @param {string} title @param {string[]} ids */
function group(title, ids) {
  const row = element("div", { class: "kin", role: "group", "aria-label": title }, ...ids.map((id, index) => relative(id, ids.length > 1 ? `${title} ${index + 1}` : title)));
  return element("section", {}, element("h3", {}, title), row);
}

/** @param {string} id @param {string} name */
function relative(id, name) {
  const open = () => document.dispatchEvent(new CustomEvent("ig:open", { detail: { imageId: id } }));
  const face = element("img", { src: `/api/images/${id}/thumb`, alt: "", decoding: "async" });
  const button = element("button", { type: "button", "aria-label": name, title: name, onclick: open }, face);
  face.addEventListener("error", () => button.remove()); // it is in the trash
  return button;
}
