/** Lengths of time as people read them. */
import { plural, t } from "../shared/translate.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** "45 s", "3 min 20 s", "2 h 5 min". @param {number} ms */
export function duration(ms) {
  if (ms < MINUTE) return t("{n} s", { n: Math.round(ms / SECOND) });
  if (ms < HOUR) {
    const seconds = Math.round(ms / SECOND) % 60;
    const minutes = Math.floor(Math.round(ms / SECOND) / 60);
    return minutes < 10 && seconds ? t("{m} min {s} s", { m: minutes, s: seconds }) : t("{n} min", { n: minutes });
  }
  const minutes = Math.round(ms / MINUTE);
  return minutes % 60 ? t("{h} h {m} min", { h: Math.floor(minutes / 60), m: minutes % 60 }) : plural(minutes / 60, "{n} hour", "{n} hours");
}

/** Hours with one digit, for charts. @param {number} ms */
export const hours = (ms) => Math.round((ms / HOUR) * 10) / 10;
