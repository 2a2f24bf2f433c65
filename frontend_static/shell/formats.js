/** Figures, sizes and dates as people read them. */
import { LANGUAGE, t } from "../shared/translate.js";

const WHOLE = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const DATE = new Intl.DateTimeFormat(LANGUAGE, { year: "numeric", month: "short", day: "numeric" });
const DATE_TIME = new Intl.DateTimeFormat(LANGUAGE, {
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const AGO = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const UNITS = ["B", "kB", "MB", "GB", "TB"];
/** @type {[Intl.RelativeTimeFormatUnit, number][]} unit and its seconds */
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** @param {number} value */
export const whole = (value) => WHOLE.format(value);

/** @param {number} value @param {number} digits behind the point, neither more nor fewer */
export const exactly = (value, digits) =>
  new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false, signDisplay: "negative" }).format(value).replace("-", "−");

/** Never rounds up to 100 %. @param {number} share 0 to 1 @param {number} [digits] */
export function percent(share, digits = 1) {
  const scale = 10 ** digits;
  return `${exactly(Math.floor(share * 100 * scale + 1e-9) / scale, share >= 1 ? 0 : digits)} %`;
}

/** @param {number} count of bytes */
export function bytes(count) {
  let step = 0;
  let value = count;
  while (value >= 999.5 && step < UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${exactly(value, step && value < 100 ? 1 : 0)} ${UNITS[step]}`;
}

/** @param {number} width px @param {number} height px */
export const dimensions = (width, height) => `${whole(width)} × ${whole(height)}`;

/** @param {string} iso */
export const day = (iso) => DATE.format(new Date(iso));

/** @param {string} iso */
export const moment = (iso) => DATE_TIME.format(new Date(iso));

/** "5 minutes ago"; a date after a week. @param {string} iso @param {number} [now] ms */
export function ago(iso, now = Date.now()) {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (seconds < 60) return t("just now");
  if (seconds > 7 * 86400) return day(iso);
  const [unit, length] = STEPS.find(([, size]) => seconds >= size) ?? ["minute", 60];
  return AGO.format(-Math.floor(seconds / length), unit);
}
