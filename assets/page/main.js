/**
 * The page's one entry: puts the live elements into the form once Gradio has built it, then shows the studio in one
 * piece. What only a press or an address asks for is fetched after that.
 */

import "./composer/banner.js";
import "./composer/chips.js";
import "./composer/choices.js";
import "./composer/empty.js";
import "./composer/options.js";
import "./composer/overlay.js";
import "./composer/remix.js";
import "./dock/dock.js";
import "./gallery/gallery.js";
import "./gallery/search.js";
import { applyTheme } from "./studio/header.js";
import { estimate } from "./composer/estimate.js";
import { library } from "./studio/library.js";
import "./composer/model.js";
import "./studio/notices.js";
import "./studio/toast.js";
import "./composer/prompt.js";
import "./composer/references.js";
import { sheet } from "./composer/sheet.js";
import { styles } from "./composer/styles.js";
import "./composer/submit.js";

/** What stands where: the id of an empty column of Gradio's, and the elements for it. */
const PLACES = {
  header: ["ig-header"],
  notices: ["ig-notices", "ig-sketch-banner", "ig-keys", "ig-providers"],
  "prompt-foot": ["ig-prompt-foot"],
  chips: ["ig-chips"],
  options: ["ig-references", "ig-styles", "ig-ratio", "ig-size", "ig-count", "ig-model", "ig-options"],
  estimate: ["ig-submit"],
  composer: ["ig-toasts"],
  gallery: ["ig-gallery"],
  dock: ["ig-dock", "ig-detail"],
};

applyTheme();
library.connect();
keep("ig:open", later(() => import("./detail/detail.js")));
keep("ig:keys", later(() => import("./keys/keys.js")));
keep("ig:models", later(() => import("./composer/picker.js")));
keep("ig:providers", later(() => import("./providers/panel.js")));
await formIsThere();
for (const [place, names] of Object.entries(PLACES)) {
  document.getElementById(place)?.append(...names.map((name) => document.createElement(name)));
}
document.getElementById("studio")?.setAttribute("data-ready", "");
sheet.start();
estimate.start();
styles.start();
library.start();

/** Gradio builds the form piece by piece after the page has loaded; its last piece is the dock's place. */
function formIsThere() {
  const ready = () => ["#prompt textarea", "#generate", "#dock"].every((part) => document.querySelector(part) !== null);
  return new Promise((resolve) => {
    if (ready()) return resolve(null);
    const observer = new MutationObserver(() => {
      if (!ready()) return;
      observer.disconnect();
      resolve(null);
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
}

/** A module of what is not seen at first; those before it in the page would have to wait for it. @param {() => Promise<unknown>} load */
async function later(load) {
  await formIsThere();
  await new Promise((stands) => requestAnimationFrame(() => setTimeout(stands)));
  await load();
}

/**
 * Who presses sooner is answered then.
 *
 * @param {string} name of an event
 * @param {Promise<void>} there
 */
async function keep(name, there) {
  const early = /** @type {CustomEvent[]} */ ([]);
  const note = (/** @type {Event} */ event) => early.push(/** @type {CustomEvent} */ (event));
  document.addEventListener(name, note);
  await there;
  document.removeEventListener(name, note);
  for (const { type, detail } of early) document.dispatchEvent(new CustomEvent(type, { detail }));
}
