/** The settings of a picture, put back into the composer: `ig:remix` with the request that made it. */

import { library } from "../studio/library.js";
import { draft } from "./draft.js";
import { pictureFace, uploadFace } from "./faces.js";
import { t } from "./language.js";

/** A pack or batch says how many pictures in all; the composer knows up to this many. */
const COUNT_MAX = 100;

/**
 * The composer's fields for a request as the server stored it; what the request leaves out is as at first.
 * @param {Record<string, any>} request
 * @returns {Partial<import("./draft.js").DraftFields>}
 */
export function fieldsOf(request) {
  const total = request.mode === "single" || !request.total_images ? request.count : request.total_images;
  return {
    prompt: request.prompt,
    negative_prompt: request.negative_prompt ?? "",
    aspect_ratio: request.aspect_ratio ?? "1:1",
    image_size: request.image_size ?? "1K",
    count: Math.min(COUNT_MAX, total ?? 1),
    styles: request.styles ?? [],
    model: request.model ?? "auto",
    routing: request.routing ?? "order",
    budget: request.budget ?? null,
    failover: request.failover ?? null,
    seed: request.seed ?? null,
    seed_locked: typeof request.seed === "number",
    album: request.album ?? "",
    output_format: request.output_format ?? "",
    remove_background: request.remove_background ?? false,
    references: (request.reference_images ?? []).map(referenceOf),
  };
}

/** @param {string | {id: string, label?: string | null}} given @returns {import("./draft.js").DraftReference} */
function referenceOf(given) {
  const { id, label } = typeof given === "string" ? { id: given, label: "" } : given;
  return { id, label: label ?? "", preview: library.records.images.has(id) ? pictureFace(id) : uploadFace(id) };
}

document.addEventListener("ig:remix", (event) => {
  const { request } = /** @type {CustomEvent<{request: Record<string, any>}>} */ (event).detail;
  const before = draft.fields;
  draft.fill(fieldsOf(request));
  const area = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("#prompt textarea"));
  area?.focus();
  const text = (request.subjects ?? []).length > 0 ? t("composer.remixedWithoutSubjects") : t("composer.remixed");
  const action = { label: t("shared.undo"), run: () => draft.fill(before) };
  document.dispatchEvent(new CustomEvent("ig:toast", { detail: { text, action } }));
});
