/** How far all jobs are together, from the first that began to the last that ends. Pure. */

const LIVE = ["queued", "processing"];

/** @param {any} job a summary */
export const isLive = (job) => LIVE.includes(job.status);

/**
 * The jobs of one stretch of work: those of before that are still known, and all that are live now.
 * @param {Set<string>} before ids
 * @param {Map<string, any>} jobs summaries by id
 * @returns {Set<string>}
 */
export function stretch(before, jobs) {
  const live = [...jobs.values()].filter(isLive).map((job) => job.job_id);
  return new Set([...[...before].filter((id) => jobs.has(id)), ...live]);
}

/**
 * @param {Set<string>} ids
 * @param {Map<string, any>} jobs
 * @returns {{completed: number, ended: number, total: number, live: boolean}} in pictures
 */
export function sumOf(ids, jobs) {
  const sum = { completed: 0, ended: 0, total: 0, live: false };
  for (const id of ids) {
    const job = jobs.get(id);
    const { total, completed, failed, cancelled, interrupted } = job.progress;
    sum.completed += completed;
    sum.ended += completed + failed + cancelled + interrupted;
    sum.total += total;
    sum.live ||= isLive(job);
  }
  return sum;
}
