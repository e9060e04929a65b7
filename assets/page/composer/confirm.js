/** The question before a lot of money is spent. */

import { element } from "../studio/dom.js";
import { images, price } from "../studio/words.js";
import { openDialog } from "./dialog.js";
import { t } from "./language.js";

/** Above this many dollars a press on the button is asked about. */
const ASK_ABOVE_USD = 5;

/**
 * @param {any} quote the server's, or null where there is none
 * @returns {Promise<boolean>} whether to go on
 */
export async function confirmed(quote) {
  if (quote === null || !quote.known || quote.usd <= ASK_ABOVE_USD) return true;
  const values = { images: images(quote.total), price: price(quote.usd) };
  const no = element("button", { type: "button", class: "plain", onclick: () => dialog.close() }, t("shared.cancel"));
  const yes = element("button", { type: "button", class: "primary", onclick: () => dialog.close("yes") }, t("composer.confirmYes", values));
  const why = element("p", {}, t("composer.confirmWhy", values));
  const dialog = openDialog({ title: t("composer.confirm", values), look: "confirm", content: [why, element("footer", {}, no, yes)] });
  yes.focus();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "yes";
}
