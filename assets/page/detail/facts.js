/** How a picture was made: settings, model, seed, price and times, as a list of terms. */

import { albums } from "../composer/albums.js";
import { styles } from "../composer/styles.js";
import { cutouts } from "../studio/cutouts.js";
import { element } from "../studio/dom.js";
import { locale, t } from "../studio/i18n.js";
import { providers } from "../studio/providers.js";
import { unitPrice } from "../studio/words.js";
import { isCutout, styleOf, subjectOf } from "./record.js";

const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const precise = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const UNITS = ["B", "kB", "MB"];
const STEPS = /** @type {const} */ (["waiting", "generating", "saving"]);

/** @param {number} bytes 1329981 → “1.3 MB” */
export function fileSize(bytes) {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${decimal.format(bytes / 1000 ** unit)} ${UNITS[unit]}`;
}

/** @param {number} value of seconds */
export const seconds = (value) => t("detail.seconds", { value: (value < 1 ? precise : decimal).format(value) });

/**
 * @param {import("./record.js").Look} look
 * @returns {[string, string][]} term and value; what a picture does not have is left out
 */
export function factsOf(look) {
  const { image, made } = look;
  const request = made?.request ?? {};
  const cutout = isCutout(image);
  const record = cutout ? null : providers.model(image.model);
  const title = (cutout ? cutouts.models.find(({ id }) => id === image.model)?.title : record?.title) ?? image.model;
  const style = styleOf(look);
  const size = `${image.width} × ${image.height}`;
  /** @type {[string, string | null | undefined][]} */
  const rows = [
    [cutout ? t("detail.cutoutModel") : t("detail.model"), title],
    [t("detail.provider"), record?.providerTitle !== title && !cutout ? providers.title(image.provider) : null],
    [t("detail.version"), version(image)],
    [t("detail.pixels"), cutout ? size : [size, request.image_size].filter(Boolean).join(" · ")],
    [t("detail.ratio"), request.aspect_ratio],
    [t("detail.style"), style === null ? null : styles.name(style)],
    [t("detail.subject"), subjectOf(look)],
    [t("detail.seed"), cutout ? null : String(image.seed)],
    [t("detail.negative"), request.negative_prompt],
    [t("detail.references"), request.reference_images?.length ? labels(request.reference_images) : null],
    [t("detail.album"), request.album ? albums.name(request.album) : null],
    [t("detail.format"), request.output_format?.toUpperCase()],
    [t("detail.cost"), unitPrice(image.usd)],
    [t("detail.notice"), cutout ? null : image.notice],
    [t("detail.file"), `${image.format.toUpperCase()} · ${fileSize(image.bytes)}`],
    [t("detail.made"), moment.format(new Date(image.created_at))],
  ];
  return /** @type {[string, string][]} */ (rows.filter(([, value]) => value !== null && value !== undefined && value !== ""));
}

/** What answered; where that is not known, what was sent. @param {any} image */
function version(image) {
  const answered = image.model_version ?? image.wire_id;
  return answered === image.model ? null : answered;
}

/** How many references there were, and what for. @param {{label: string | null}[]} references */
function labels(references) {
  const named = references.map((reference) => reference.label).filter(Boolean);
  return [String(references.length), named.join(", ")].filter(Boolean).join(" · ");
}

/** @param {import("./record.js").Look} look */
export function factList(look) {
  const rows = factsOf(look).map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value)));
  return element("dl", { class: "facts" }, ...rows);
}

/**
 * Where the time went: a bar of as many parts as were measured, and the words for it; null where none was.
 * @param {{waiting: number | null, generating: number | null, saving: number | null}} timings in seconds
 */
export function timeline(timings) {
  const measured = STEPS.filter((step) => timings[step] !== null);
  const whole = measured.reduce((sum, step) => sum + Number(timings[step]), 0);
  if (measured.length === 0) return null;
  const part = (step) => {
    const made = element("i", { class: step });
    made.style.flexGrow = String(Math.max(0.01, Number(timings[step]) / Math.max(whole, 0.001)));
    return made;
  };
  const words = (step) => element("li", { class: step }, element("span", {}, t(`detail.${step}`)), seconds(Number(timings[step])));
  return element(
    "div",
    { class: "timings" },
    element("h3", {}, t("detail.time"), element("span", {}, seconds(whole))),
    element("div", { class: "parts", "aria-hidden": "true" }, ...measured.map(part)),
    element("ul", {}, ...measured.map(words)),
  );
}
