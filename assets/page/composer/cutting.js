/** Pictures of one's own whose background is taken out, without becoming references: sent a few at a time, told of as one. */

import { Problem, eachOf } from "../studio/api.js";
import { cutouts } from "../studio/cutouts.js";
import { library } from "../studio/library.js";
import { notices } from "../studio/notices.js";
import { toast } from "../studio/toast.js";
import { t } from "./language.js";
import { pictureFace } from "./faces.js";
import { send, sorted } from "./uploads.js";

/** @typedef {import("../studio/cutouts.js").Ending} Ending */

/** Files that were dropped to be cut out. What is no picture is told above everything, the others go on. @param {File[]} files */
export async function cutOutFiles(files) {
  const { sound, reasons } = sorted(files);
  const batch = new Batch();
  if (sound.length > 0) toast(t("composer.cuttingOut", { count: sound.length }));
  await eachOf(Object.keys(sound), async (place) => {
    const file = sound[Number(place)];
    try {
      batch.follow(await cutouts.startUpload(await send(file)));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      reasons.push(`${file.name}: ${error.message}`);
    }
  });
  batch.close();
  if (reasons.length > 0) notices.tell(new Problem(422, reasons.join(" ")));
}

/**
 * A reference, which stays one.
 * @param {import("./draft.js").DraftReference} reference
 * @throws {Problem} where nothing was begun
 */
export async function cutOutReference({ id, preview }) {
  const ofGallery = library.records.images.has(id) || preview === pictureFace(id);
  const batch = new Batch();
  try {
    batch.follow(await (ofGallery ? cutouts.start(id) : startEither(id)));
    toast(t("composer.cuttingOut", { count: 1 }));
  } finally {
    batch.close();
  }
}

/** A reference that came with a remix: an upload, or a picture that is not loaded. @param {string} id */
async function startEither(id) {
  try {
    return await cutouts.startUpload(id);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return cutouts.start(id);
    throw error;
  }
}

/** Cut-outs that were asked for together: one message when the last of them has ended. */
class Batch {
  /** @type {Set<string>} */
  #jobs = new Set();
  /** By job: an end may be told before the answer that names the job is read. @type {Map<string, Ending>} */
  #heard = new Map();
  #closed = false;
  #listen = (/** @type {Event} */ event) => {
    const ending = /** @type {CustomEvent<Ending>} */ (event).detail;
    this.#heard.set(ending.jobId, ending);
    this.#settle();
  };

  constructor() {
    cutouts.addEventListener("ended", this.#listen);
  }

  /** @param {string} jobId */
  follow(jobId) {
    this.#jobs.add(jobId);
  }

  /** No other comes. */
  close() {
    this.#closed = true;
    this.#settle();
  }

  #settle() {
    const ended = [...this.#jobs].flatMap((id) => this.#heard.get(id) ?? []);
    if (!this.#closed || ended.length < this.#jobs.size) return;
    cutouts.removeEventListener("ended", this.#listen);
    const made = ended.filter(({ status }) => status === "completed");
    const failed = ended.filter(({ status }) => status === "failed");
    const why = ended.length === 1 ? failed[0]?.error : failed.length > 0 && t("composer.notCutOut", { count: failed.length });
    const text = [made.length > 0 && t("composer.cutOut", { count: made.length }), made[0]?.notice, why].filter(Boolean).join(" ");
    const open = () => document.dispatchEvent(new CustomEvent("ig:open", { detail: { imageId: made[0].cutoutId } }));
    if (text !== "") toast(text, made[0] && { label: t("composer.open"), run: open });
  }
}
