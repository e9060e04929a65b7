/** Pictures that are dropped or pasted anywhere on the page. */

import { uploads } from "./uploads.js";

/** What a picture of the gallery is dragged as. */
const GALLERY_TYPE = "application/x-imagegen-image";
/** What a reference is dragged as, to another place among the references. */
export const REFERENCE_TYPE = "application/x-imagegen-reference";

/** @param {HTMLElement} composer lights up while something is dragged @param {AbortSignal} signal */
export function takeDropped(composer, signal) {
  const light = (/** @type {boolean} */ on) => composer.toggleAttribute("data-drop", on);
  window.addEventListener(
    "dragover",
    (event) => {
      const types = event.dataTransfer?.types ?? [];
      if (!types.includes("Files") && !types.includes(GALLERY_TYPE)) return;
      event.preventDefault(); // without it the browser would leave the page for the file
      light(true);
    },
    { signal },
  );
  window.addEventListener("dragleave", (event) => event.relatedTarget === null && light(false), { signal });
  window.addEventListener("dragend", () => light(false), { signal });
  window.addEventListener(
    "drop",
    (event) => {
      light(false);
      const image = event.dataTransfer?.getData(GALLERY_TYPE);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (!image && files.length === 0) return;
      event.preventDefault();
      if (image) uploads.append({ id: image, label: "", preview: `/api/images/${image}/thumb` });
      else void uploads.add(files);
    },
    { signal },
  );
  window.addEventListener("paste", (event) => pasted(event), { signal });
}

/** A copied passage may come with a picture of itself: in a text field the text is meant. @param {ClipboardEvent} event */
function pasted(event) {
  const files = [...(event.clipboardData?.files ?? [])];
  const inText = event.target instanceof HTMLElement && event.target.matches("textarea, input");
  const hasText = event.clipboardData?.types.includes("text/plain") ?? false;
  if (files.length === 0 || (inText && hasText)) return;
  event.preventDefault();
  void uploads.add(files);
}
