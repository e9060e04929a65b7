/** What can be done with a finished picture, from a tile or from the keyboard. */

import { call } from "../studio/api.js";
import { cutouts } from "../studio/cutouts.js";
import { library } from "../studio/library.js";
import { notices } from "../studio/notices.js";
import { toast } from "../studio/toast.js";
import { t } from "./language.js";

/** Look at it closely. @param {string} imageId */
export const open = (imageId) => say("ig:open", { imageId });

/** Add it to the references of what is being composed. @param {string} imageId */
export const useAsReference = (imageId) => say("ig:use-reference", { imageId });

/** Bring back every setting it was made with. @param {string} imageId */
export function remix(imageId) {
  return attempt(async () => {
    const { request } = await call("GET", `/api/images/${imageId}`);
    say("ig:remix", { request });
  });
}

/** Take its background out; the cut-out arrives as a picture of its own. @param {string} imageId */
export function removeBackground(imageId) {
  return attempt(async () => void (await cutouts.start(imageId)));
}

/** Put it into the trash, with a way back. @param {string} imageId */
export function remove(imageId) {
  return attempt(async () => {
    await call("DELETE", `/api/images/${imageId}`);
    library.forget(imageId);
    toast(t("gallery.deleted"), { label: t("shared.undo"), run: () => restore(imageId) });
  });
}

/** @param {string} imageId */
function restore(imageId) {
  return attempt(async () => {
    await call("POST", `/api/images/${imageId}/restore`);
    await library.describe(imageId);
  });
}

/** @param {() => Promise<void>} work */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    notices.tell(error);
  }
}

/** @param {string} kind @param {object} detail */
function say(kind, detail) {
  document.dispatchEvent(new CustomEvent(kind, { detail }));
}
