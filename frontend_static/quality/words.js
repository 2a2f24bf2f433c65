/** What the figures of annotators are called, what each of them means in one sentence, and how it is written. */
import { hours } from "../dashboard/durations.js";
import { t } from "../shared/translate.js";
import { exactly, percent, whole } from "../shell/formats.js";

/** @typedef {import("./quality.js").PersonRow} PersonRow */
/** @typedef {{key: string, label: string, about: string, value: (row: PersonRow) => number | null | undefined, show: (row: PersonRow) => string,
 *   hint?: (row: PersonRow) => string}} Column hint: written small beside the figure */

/** @param {number} value */
export const oneDigit = (value) => exactly(value, 1);
/** @param {number} value */
export const twoDigits = (value) => exactly(value, 2);
/** @param {number | null | undefined} value @param {(value: number) => string} format */
export const orDash = (value, format) => (value === null || value === undefined ? "–" : format(value));

/** @param {number} n */
const ofN = (n) => (n ? t("of {n}", { n: whole(n) }) : "");

/** The columns about a person's work. @type {() => Column[]} */
export const workColumns = () => [
  { key: "images", label: t("Images"), about: t("Images submitted for the first time in these days."), value: (row) => row.images, show: (row) => whole(row.images) },
  { key: "masks", label: t("Masks"), about: t("Masks on those images."), value: (row) => row.masks, show: (row) => whole(row.masks) },
  { key: "active", label: t("Active time"), about: t("Time between saves, a pause counted as one minute at most; corrections included."), value: (row) => row.active_ms, show: (row) => t("{n} h", { n: oneDigit(hours(row.active_ms)) }) },
  { key: "images_per_hour", label: t("Images per hour"), about: t("Images per hour of active time."), value: (row) => row.images_per_hour, show: (row) => orDash(row.images_per_hour, oneDigit) },
  { key: "masks_per_hour", label: t("Masks per hour"), about: t("Masks per hour of active time."), value: (row) => row.masks_per_hour, show: (row) => orDash(row.masks_per_hour, whole) },
  { key: "megapixels_per_hour", label: t("MP per hour"), about: t("Megapixels of the images per hour of active time."), value: (row) => row.megapixels_per_hour, show: (row) => orDash(row.megapixels_per_hour, oneDigit) },
  { key: "strokes_per_mask", label: t("Strokes per mask"), about: t("Gestures that changed a mask's pixels, up to its first submission."), value: (row) => row.strokes_per_mask, show: (row) => orDash(row.strokes_per_mask, oneDigit) },
  { key: "operations_per_mask", label: t("Actions per mask"), about: t("Everything that was done, names, merges and undone steps included, by mask."), value: (row) => row.operations_per_mask, show: (row) => orDash(row.operations_per_mask, oneDigit) },
];

/** The columns about how good it was. @type {() => Column[]} */
export const qualityColumns = () => [
  { key: "accepted", label: t("Accepted"), about: t("Share of the first submissions judged in these days that a reviewer accepted as they were; the others were returned or replaced."), value: (row) => row.accepted, show: (row) => orDash(row.accepted, (value) => percent(value, 0)), hint: (row) => ofN(row.judged) },
  { key: "returned", label: t("Returned"), about: t("Share of the same that came back for correction."), value: (row) => row.returned, show: (row) => orDash(row.returned, (value) => percent(value, 0)) },
  { key: "reviewer_pq", label: t("PQ with reviewers"), about: t("Mean agreement (panoptic quality, 0 to 1) between what was submitted and the reviewer's map that replaced it."), value: (row) => row.reviewer_pq, show: (row) => orDash(row.reviewer_pq, twoDigits), hint: (row) => ofN(row.compared) },
  { key: "kept", label: t("Proposals"), about: t("What became of the model's proposals: kept, edited or rejected."), value: (row) => row.kept, show: (row) => orDash(row.kept, (value) => percent(value, 0)), hint: (row) => ofN(row.proposed) },
];

/** What only reviewers see. @type {() => Column[]} */
export const overseersColumns = () => [
  { key: "study", label: t("Studies"), about: t("Mean agreement (PQ) with the first annotators of the images of closed consistency studies, of all time."), value: (row) => row.study?.pq, show: (row) => orDash(row.study?.pq, twoDigits), hint: (row) => ofN(row.study?.images ?? 0) },
  ...honeypotColumns(),
  { key: "open_alarms", label: t("Alarms"), about: t("Alarms that nobody has acknowledged yet."), value: (row) => row.open_alarms, show: (row) => (row.open_alarms ? whole(row.open_alarms) : "–") },
];

/** @type {() => Column[]} */
export const honeypotColumns = () => [
  { key: "honeypots", label: t("Honeypots"), about: t("Share of the honeypots scored in these days that were passed: drawn unseen, and alike enough to the trusted map."), value: (row) => row.honeypots_passed, show: (row) => orDash(row.honeypots_passed, (value) => percent(value, 0)), hint: (row) => ofN(row.honeypots ?? 0) },
];

/** @type {Record<string, {name: () => string, about: () => string, valueName: () => string, format: (value: number) => string, to?: number}>} */
export const CHARTS = {
  accepted: {
    name: () => t("Accepted at first review"),
    about: () => t("A p chart: each point holds the verdicts of as many days as have 20 of them; limits are 3 sigma around the project's share, for each point's own number."),
    valueName: () => t("Accepted"), format: (value) => percent(value, 0), to: 1,
  },
  honeypots: {
    name: () => t("Honeypots"),
    about: () => t("An EWMA chart: each honeypot moves the average by a fifth of its PQ (λ = .2, L = 2.962); sigma comes from the differences between one honeypot and the person's next."),
    valueName: () => t("Moving average of PQ"), format: twoDigits,
  },
  mask_time: {
    name: () => t("Active time per mask"),
    about: () => t("An individuals chart of seconds on a logarithmic scale, each point at least 20 masks; limits are 3 sigma of all people's points, and only what is too fast alarms."),
    valueName: () => t("Seconds per mask"), format: (value) => t("{n} s", { n: oneDigit(value) }),
  },
  strokes: {
    name: () => t("Strokes per mask"),
    about: () => t("An individuals chart, each point at least 20 masks; only far fewer strokes than anybody's alarm."),
    valueName: () => t("Strokes per mask"), format: oneDigit,
  },
  kept: {
    name: () => t("Proposals kept as they were"),
    about: () => t("An individuals chart, each point at least 20 proposals; only keeping far more than others alarms."),
    valueName: () => t("Kept"), format: (value) => percent(value, 0), to: 1,
  },
};

/** @type {Record<string, () => string>} */
export const RULES = {
  beyond_limits: () => t("One point beyond the limits"),
  two_of_three: () => t("Two of three points beyond 2 sigma"),
  long_run: () => t("Eight points in a row below the centre"),
  failed_twice: () => t("Two of five honeypots failed"),
};

