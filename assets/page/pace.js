/**
 * How long pictures usually take, as this browser saw it: from the event that says “sent” to the one that says
 * “completed”. Kept in localStorage, so that a reload and another tab show the same progress.
 */

const KEY = "imagegen.pace";
const KEPT = 15;
const STARTED_KEPT = 200;

/** @typedef {{started: Record<string, number>, took: Record<string, number[]>}} Seen */

/** @returns {Seen} */
function read() {
  try {
    const seen = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { started: seen.started ?? {}, took: seen.took ?? {} };
  } catch {
    return { started: {}, took: {} };
  }
}

/** @param {Seen} seen */
function write(seen) {
  try {
    localStorage.setItem(KEY, JSON.stringify(seen));
  } catch {
    // A full or forbidden storage costs the progress bar after a reload and nothing else.
  }
}

/** @param {string} job @param {number} index */
const name = (job, index) => `${job}:${index}`;

/**
 * @param {{job_id: string, task_index: number, status: string, step: string | null, at: string}} event
 * @param {string} kind what is measured apart: model and image size
 */
export function observe(event, kind) {
  const key = name(event.job_id, event.task_index);
  const at = Date.parse(event.at);
  const seen = read();
  if (event.status === "in_progress") {
    const begins = event.step === "starting" || (event.step === "sent" && !(key in seen.started));
    if (!begins) return; // a later step says nothing of the beginning
    seen.started[key] = at;
    const old = Object.keys(seen.started).slice(0, -STARTED_KEPT);
    for (const stale of old) delete seen.started[stale];
  } else if (key in seen.started) {
    if (event.status === "completed") {
      seen.took[kind] = [...(seen.took[kind] ?? []), at - seen.started[key]].slice(-KEPT);
    }
    delete seen.started[key];
  } else {
    return;
  }
  write(seen);
}

/**
 * When a task began, in milliseconds of the epoch; null where this browser did not see it.
 * @param {string} job
 * @param {number} index
 * @returns {number | null}
 */
export const startedAt = (job, index) => read().started[name(job, index)] ?? null;

/**
 * The usual time of one picture in milliseconds: the middle of the latest ones.
 * @param {string} kind
 * @returns {number | null}
 */
export function usual(kind) {
  const took = [...(read().took[kind] ?? [])].sort((a, b) => a - b);
  return took.length ? took[Math.floor((took.length - 1) / 2)] : null;
}
