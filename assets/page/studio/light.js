/** How a provider stands, as a light. Its shape says it too, and its words are there for those who do not see. */

import { element } from "./dom.js";
import { speak, t } from "./i18n.js";
import * as words from "../words/providers.js";

speak("providers", words);

/** @typedef {"ready" | "limited" | "down" | "refused"} Status */

const WORDS = { ready: "providers.ready", limited: "providers.limited", down: "providers.down", refused: "providers.refused" };

/** The words for a state. @param {Status} status */
export const standing = (status) => t(WORDS[status] ?? WORDS.ready);

/** @param {{status: Status, reason: string | null}} provider */
export function light({ status, reason }) {
  return element("span", { class: "light", "data-status": status, title: reason ?? standing(status) }, element("span", { class: "sr-only" }, standing(status)));
}
