/** The seed: another for each press, or one that is kept. */

import { element, fieldError } from "../studio/dom.js";
import { icon } from "../studio/icons.js";
import { draft } from "./draft.js";
import { t } from "./language.js";

/** As the request has it. */
const SEED_MAX = 2 ** 31 - 1;

/** @param {AbortSignal} signal */
export function seedField(signal) {
  const input = /** @type {HTMLInputElement} */ (
    element("input", { type: "number", min: 0, max: SEED_MAX, step: 1, inputmode: "numeric", "aria-label": t("composer.seed"), placeholder: t("composer.anySeed") })
  );
  const roll = () => draft.set("seed", crypto.getRandomValues(new Uint32Array(1))[0] & SEED_MAX);
  const take = (/** @type {number | null} */ seed) => {
    draft.fill({ seed, seed_locked: seed !== null });
    fieldError("seed", "");
  };
  const dice = element(
    "button",
    { type: "button", class: "tool", "aria-label": t("composer.rollSeed"), title: t("composer.rollSeed"), onclick: () => (roll(), fieldError("seed", "")) },
    icon("dice"),
  );
  const lock = element("button", {
    type: "button",
    class: "tool",
    "aria-label": t("composer.keepSeed"),
    title: t("composer.keepSeedHow"),
    onclick: () => {
      if (draft.fields.seed === null) roll();
      draft.set("seed_locked", !draft.fields.seed_locked);
    },
  });
  const show = () => {
    const { seed, seed_locked: locked } = draft.fields;
    if (!Object.is(input.valueAsNumber, seed ?? NaN)) input.value = seed === null ? "" : String(seed);
    lock.setAttribute("aria-pressed", String(locked));
    lock.replaceChildren(icon(locked ? "lock" : "unlock"));
  };
  input.addEventListener("input", () => take(Number.isNaN(input.valueAsNumber) ? null : input.valueAsNumber));
  draft.addEventListener("change", (event) => ["seed", "seed_locked"].includes(/** @type {CustomEvent} */ (event).detail) && show(), { signal });
  show();
  const legend = element("p", { class: "legend", "aria-hidden": "true" }, t("composer.seed"));
  return element("div", { id: "seed", "data-field": true }, legend, element("div", { class: "line" }, input, dice, lock));
}

/** What becomes of the seed once it was used: only a kept one stays. */
export function afterUse() {
  if (!draft.fields.seed_locked && draft.fields.seed !== null) draft.set("seed", null);
}
