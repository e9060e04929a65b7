/** Pictures that are dropped or pasted anywhere on the page. */

import { element } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { cutOutFiles } from "./cutting.js";
import { pictureFace } from "./faces.js";
import { t } from "./language.js";
import { uploads } from "./uploads.js";

/** What a picture of the gallery is dragged as. */
const GALLERY_TYPE = "application/x-imagegen-image";
/** What a reference is dragged as, to another place among the references. */
export const REFERENCE_TYPE = "application/x-imagegen-reference";

/** @param {HTMLElement} composer lights up while something is dragged @param {AbortSignal} signal */
export function takeDropped(composer, signal) {
  const zones = new Zones(signal);
  const light = (/** @type {boolean} */ on) => {
    composer.toggleAttribute("data-drop", on);
    if (!on) zones.hide();
  };
  window.addEventListener(
    "dragover",
    (event) => {
      const types = event.dataTransfer?.types ?? [];
      if (!types.includes("Files") && !types.includes(GALLERY_TYPE)) return;
      event.preventDefault(); // without it the browser would leave the page for the file
      light(true);
      if (types.includes("Files")) zones.show(event.target);
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
      if (image) uploads.append({ id: image, label: "", preview: pictureFace(image) });
      else if (zones.forCutouts(event.target)) void cutOutFiles(files);
      else void uploads.add(files);
    },
    { signal },
  );
  window.addEventListener("paste", (event) => pasted(event), { signal });
}

/** What a file can be dropped for, over the whole page while one is dragged. Beside the two it becomes a reference. */
class Zones {
  #reference = zone("picture", t("shared.useAsReference"), t("composer.dropReference"));
  #cutout = zone("scissors", t("shared.removeBackground"), t("composer.dropCutout"));
  #node = element("div", { class: "drop-zones", "aria-hidden": "true", hidden: true }, this.#reference, this.#cutout);

  /** @param {AbortSignal} signal */
  constructor(signal) {
    document.getElementById("studio")?.append(this.#node);
    signal.addEventListener("abort", () => this.#node.remove());
  }

  /** Nothing can be shown over a dialog; what is dropped there becomes a reference. @param {EventTarget | null} under the pointer */
  show(under) {
    this.#node.hidden = document.querySelector(":modal") !== null;
    this.#node.inert = false; // as everything else beside an open sheet
    const chosen = this.forCutouts(under) ? this.#cutout : this.#reference;
    for (const one of [this.#reference, this.#cutout]) one.toggleAttribute("data-over", one === chosen);
  }

  hide() {
    this.#node.hidden = true;
  }

  /** @param {EventTarget | null} under */
  forCutouts(under) {
    return under instanceof Node && this.#cutout.contains(under);
  }
}

/** @param {import("../studio/icons.js").IconName} shape @param {string} title @param {string} hint */
function zone(shape, title, hint) {
  return element("div", { class: "zone" }, icon(shape), element("strong", {}, title), element("span", {}, hint));
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
