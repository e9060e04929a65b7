/** Whether what waits waits for a provider that is held up, and until when. */

import { t } from "./i18n.js";
import "./light.js";
import { providers } from "./providers.js";
import { duration } from "./words.js";

/**
 * @param {string | null} provider id
 * @returns {{what: string, when: string} | null} “Gemini is not available now”, “next try in 20 s”; null where it is not held up
 */
export function heldUp(provider) {
  const seconds = provider === null ? null : providers.nextTry(provider);
  if (provider === null || seconds === null) return null;
  const limited = providers.list.find(({ id }) => id === provider)?.status === "limited";
  const what = t(limited ? "providers.heldLimited" : "providers.held", { provider: providers.title(provider) });
  return { what, when: seconds >= 1 ? t("providers.nextTry", { time: duration(seconds) }) : t("providers.tryingAgain") };
}
