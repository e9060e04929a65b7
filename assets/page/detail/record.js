/** What the detail view knows of a picture: its record, whose request made it, and which of its styles. */

import { Problem, get } from "../studio/api.js";
import { library } from "../studio/library.js";

/**
 * @typedef {{image: any, made: any, cutout: any, task: any}} Look
 *   `image` is the single record; `made` the record whose request can be used again: the picture itself, for a
 *   cut-out the picture that it was cut out of, null where that is gone; `cutout` the record of its cut-out, or null;
 *   `task` is given where the request stands for more than one style or subject
 */

/** A cut-out was made here, by no provider. @param {any} image */
export const isCutout = (image) => image.provider === null;

/** @param {string} id @returns {Promise<Look>} @throws {Problem} 404 where there is no such picture */
export async function lookUp(id) {
  const image = await get(`/api/images/${encodeURIComponent(id)}`);
  const recordOf = (/** @type {string | null} */ other) => orNull(other && `/api/images/${other}`);
  const [made, cutout] = await Promise.all([isCutout(image) ? recordOf(image.parent_id) : image, recordOf(image.cutout_id)]);
  return { image, made, cutout, task: made === null ? null : await taskOf(made) };
}

async function taskOf({ request, job_id: job, task_index: index }) {
  if (Math.max(request.styles?.length ?? 0, request.subjects?.length ?? 0) <= 1) return null;
  const tasks = library.records.tasks.get(job) ?? (await orNull(`/api/generate/${job}`))?.tasks ?? [];
  return tasks.find((task) => task.index === index) ?? null;
}

/** The record at that path; null where there is none. @param {string | null} path */
async function orNull(path) {
  if (!path) return null;
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** The one style of a picture, or null. @param {Look} look */
export const styleOf = ({ made, task }) => task?.style ?? made?.request.styles?.[0] ?? null;

/** The one subject of a picture, or null. @param {Look} look */
export const subjectOf = ({ made, task }) => task?.subject ?? made?.request.subjects?.[0] ?? null;

/**
 * What was before and what came of it; the second is null where there is no cut-out.
 * @param {any} image
 * @param {Look | null} look null until the record is here
 * @returns {[import("./layer.js").Source, import("./layer.js").Source | null]}
 */
export function sidesOf(image, look) {
  if (isCutout(image)) return look?.made ? [look.made, image] : [image, null];
  return [image, image.cutout_id === null ? null : filesOf(image.cutout_id)];
}

/** Where a picture's files are, from its id alone. @param {string} id */
const filesOf = (id) => ({ url: `/api/images/${id}/file`, thumbnail_url: `/api/images/${id}/thumb` });
