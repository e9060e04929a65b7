/** A variation: the same settings once more, with the picture as a reference and another seed. */

import { Problem, call, randomKey } from "../studio/api.js";
import { library } from "../studio/library.js";
import { styleOf, subjectOf } from "./record.js";

/**
 * The request for it. It makes exactly one picture, whatever the picture's own job made.
 * @param {import("./record.js").Look} look
 */
export function variationOf(look) {
  const { request } = look.made;
  const others = request.reference_images.filter((reference) => reference.id !== look.image.id);
  const one = (value) => (value === null ? [] : [value]);
  return {
    ...request,
    mode: "single",
    count: 1,
    total_images: null,
    seed: null,
    styles: one(styleOf(look)),
    subjects: one(subjectOf(look)),
    reference_images: [...others, { id: look.image.id }],
  };
}

/** What it would cost: the server's quote. @param {object} request @throws {Problem} where it cannot be made */
export const quoteOf = (request) => call("POST", "/api/quote", { json: { ...request, prompt: "price" } });

/** The last submit that got no answer: sent again, it must be known as the same. */
let unanswered = { body: "", key: "" };

/** @param {object} request @throws {Problem} */
export async function submit(request) {
  const body = JSON.stringify(request);
  if (unanswered.body !== body) unanswered = { body, key: randomKey() };
  try {
    const answer = await call("POST", "/api/generate", { json: request, headers: { "Idempotency-Key": unanswered.key } });
    unanswered = { body: "", key: "" };
    await library.refreshJob(answer.job_id);
  } catch (error) {
    if (!(error instanceof Problem && error.unanswered)) unanswered = { body: "", key: "" };
    throw error;
  }
}
