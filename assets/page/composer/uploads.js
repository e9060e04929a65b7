/** Files on their way to becoming references: looked at here, sent a few at a time, added in the order they were given. */

import { Problem, call, eachOf } from "../studio/api.js";
import { t } from "./language.js";
import { draft } from "./draft.js";
import { uploadFace } from "./faces.js";
import { previewOf } from "./preview.js";

export const MOST = 14;
const BYTES_MAX = 20 * 1024 * 1024;
export const ACCEPTED = ["image/png", "image/jpeg", "image/webp"];

/**
 * @typedef {{file: File, preview: string, done: boolean, id: string}} Upload `id` is empty where it came to nothing
 */

/** Tells `change` when an upload began, was drawn or ended, and `refused` with the words for it as its detail. */
class Uploads extends EventTarget {
  /** @type {Upload[]} those that are not references yet, in order */
  waiting = [];

  /** @param {File[]} files */
  async add(files) {
    const { sound, reasons } = sorted(files);
    const room = Math.max(0, MOST - draft.fields.references.length - this.waiting.length);
    if (sound.length > room) reasons.push(tooMany(sound.length - room));
    this.#refuse(reasons);
    const uploads = sound.slice(0, room).map((file) => ({ file, preview: "", done: false, id: "" }));
    this.waiting.push(...uploads);
    this.#changed();
    const places = uploads.map((_, index) => String(index));
    await eachOf(places, (place) => this.#send(uploads[Number(place)], reasons));
  }

  /** Add a picture that the server has. @param {import("./draft.js").DraftReference} reference */
  append(reference) {
    const { references } = draft.fields;
    if (references.some((one) => one.id === reference.id)) this.#refuse([t("composer.sameReference")]);
    else if (references.length >= MOST) this.#refuse([tooMany(1)]);
    else draft.set("references", [...references, reference]);
  }

  /** @param {Upload} upload @param {string[]} reasons what was told of the same files so far */
  async #send(upload, reasons) {
    const { file } = upload;
    void previewOf(file).then((preview) => {
      upload.preview = preview;
      this.#changed();
    });
    try {
      const id = await send(file);
      await loaded(uploadFace(id));
      upload.id = id;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      reasons.push(`${file.name}: ${error.message}`);
      this.#refuse(reasons);
    } finally {
      upload.done = true;
      this.#settle();
    }
  }

  /** What is done and has nothing unfinished before it becomes a reference. */
  #settle() {
    while (this.waiting[0]?.done) {
      const { id } = /** @type {Upload} */ (this.waiting.shift());
      if (id !== "") this.append({ id, label: "", preview: uploadFace(id) });
    }
    this.#changed();
  }

  /** @param {string[]} reasons */
  #refuse(reasons) {
    this.dispatchEvent(new CustomEvent("refused", { detail: reasons.join(" ") }));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export const uploads = new Uploads();

const tooMany = (/** @type {number} */ over) => t("composer.tooManyReferences", { most: MOST, count: over });

/** Give the server a picture. @param {File} file @returns {Promise<string>} its id as an upload @throws {Problem} */
export async function send(file) {
  const form = new FormData();
  form.append("file", file);
  return (await call("POST", "/api/references", { form })).id;
}

/**
 * Those that may be sent, and why the others may not. The server looks again, at the bytes.
 * @param {File[]} files
 * @returns {{sound: File[], reasons: string[]}}
 */
export function sorted(files) {
  const sound = files.filter((file) => reasonAgainst(file) === "");
  return { sound, reasons: files.map(reasonAgainst).filter(Boolean) };
}

/** @param {File} file */
function reasonAgainst(file) {
  if (!ACCEPTED.includes(file.type)) return t("composer.wrongFile", { name: file.name });
  if (file.size > BYTES_MAX) return t("composer.largeFile", { name: file.name });
  return "";
}

/** Once it can be painted, or cannot be had. @param {string} address */
async function loaded(address) {
  const picture = new Image();
  picture.src = address;
  await picture.decode().catch(() => {});
}
