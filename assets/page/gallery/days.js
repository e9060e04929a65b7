/** What a day is called. */

import { locale } from "../studio/i18n.js";
import { localDay } from "../studio/timeline.js";
import { t } from "./language.js";

const DAY_MS = 86_400_000;
const thisYear = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });

/**
 * @param {string} day `YYYY-MM-DD`
 * @param {Date} now
 * @returns {string} Today, Yesterday, or the date; the year where it is another
 */
export function dayTitle(day, now) {
  if (day === localDay(now)) return t("gallery.today");
  const noon = new Date(now.getFullYear(), now.getMonth(), now.getDate(), 12);
  if (day === localDay(new Date(noon.getTime() - DAY_MS))) return t("gallery.yesterday");
  const [year, month, date] = day.split("-").map(Number);
  const format = year === now.getFullYear() ? thisYear : otherYear;
  return format.format(new Date(year, month - 1, date, 12));
}
