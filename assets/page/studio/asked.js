/** The requests that were sent from here, by job: what failed of one can be asked of another model. */

import { Problem, get } from "./api.js";
import { library } from "./library.js";

const KEY = "imagegen.asked";
const MOST = 30;

/** @param {string} jobId @param {Record<string, unknown>} request as it was sent */
export function remember(jobId, request) {
  const others = kept().filter(([id]) => id !== jobId);
  try {
    localStorage.setItem(KEY, JSON.stringify([...others, [jobId, request]].slice(-MOST)));
  } catch {
    // Storage is full or forbidden: then only its pictures know a job's request.
  }
}

/** The request of a job: as it was sent from here, else as one of its pictures has it; null where neither is known. @param {string} jobId */
export async function requestOf(jobId) {
  const own = kept().find(([id]) => id === jobId);
  if (own !== undefined) return own[1];
  const [picture] = library.records.imagesOf(jobId);
  if (picture === undefined) return null;
  try {
    return (await get(`/api/images/${picture.id}`)).request;
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** @returns {[string, Record<string, unknown>][]} the oldest first */
function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}
