/** The thumbnails of references: uploads have theirs on the server, pictures of the gallery their own. */

import { element } from "../studio/dom.js";

/** @typedef {import("./draft.js").DraftReference} DraftReference */

/** Where the thumbnail of an upload is. @param {string} id */
export const uploadFace = (id) => `/api/references/${id}/thumb`;

/** Where the thumbnail of a picture of the gallery is. @param {string} id */
export const pictureFace = (id) => `/api/images/${id}/thumb`;

/** Keeps the elements, so that a row that is built anew does not flicker. */
export class Faces {
  /** @type {Map<string, HTMLElement>} */
  #known = new Map();

  /** @param {DraftReference} reference */
  of({ id, preview }) {
    const face = this.#known.get(id) ?? faceOf(id, preview);
    this.#known.set(id, face);
    return face;
  }

  /** Forget those of others. @param {DraftReference[]} references */
  keep(references) {
    const here = new Set(references.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!here.has(id)) this.#known.delete(id);
  }
}

/** A reference of a remix may be either: what is no upload is looked for in the gallery. @param {string} id @param {string} preview */
function faceOf(id, preview) {
  const [first, ...others] = new Set([preview, uploadFace(id), pictureFace(id)].filter(Boolean));
  const face = /** @type {HTMLImageElement} */ (element("img", { src: first, alt: "", draggable: "false" }));
  face.addEventListener("error", () => {
    const next = others.shift();
    if (next === undefined) face.remove();
    else face.src = next;
  });
  return face;
}
