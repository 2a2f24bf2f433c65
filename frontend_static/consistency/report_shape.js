/** A study's report as the server writes it, and what can be chosen of it. Pure. */

/** @typedef {(number | null)[][]} Matrix  rows: whose map is the truth; columns: who is compared with it; null on the diagonal */
/** @typedef {([number, number] | null)[][]} Bounds */
/** @typedef {{from: string, to: string, pq: number, images: number}} Batch */
/** @typedef {import("./kinds.js").KindCounts} KindCounts */
/** @typedef {{image: number, pq: number | null, f1: number | null, ap: number | null, covering: number | null, kinds: KindCounts, file_name?: string}} ImageAgreement */
/**
 * @typedef {object} Report
 * @property {number} n_images @property {{place: number, label: string}[]} places
 * @property {{pooled: Matrix, per_image: Matrix, intervals: Bounds, tie_break: string, other_tie_break: {tie_break: string, pooled: Matrix, per_image: Matrix}}} masks
 * @property {Matrix} f1 @property {Matrix} pq @property {Bounds} pq_intervals @property {Matrix} covering
 * @property {{accuracy: Matrix, accuracy_merged: Matrix, intervals: Bounds, intervals_merged: Bounds, masks: Matrix} | null} names
 * @property {number} new_terms
 * @property {import("../evaluation/figures.js").SizeRow[]} by_size
 * @property {KindCounts} kinds @property {Record<string, KindCounts>} kinds_by_pair
 * @property {{annotator: string, batches: Batch[]}[]} drift  by user name
 * @property {ImageAgreement[]} worst
 * @property {{source: string, images: number, masks: Record<string, number>, names: Record<string, number>}} references
 */
/** @typedef {"ap" | "pq" | "f1" | "covering"} MaskMeasure */
/** @typedef {{measure: MaskMeasure, form: "pooled" | "per_image", order: "first" | "other"}} Choice */

/** The matrix that is asked for, with its intervals where the server has them. @param {Report} report @param {Choice} choice @returns {{values: Matrix, bounds: Bounds | null}} */
export function matrixOf({ masks, pq, pq_intervals: pqBounds, f1, covering }, { measure, form, order }) {
  if (measure === "pq") return { values: pq, bounds: pqBounds };
  if (measure === "f1") return { values: f1, bounds: null };
  if (measure === "covering") return { values: covering, bounds: null };
  const values = order === "other" ? masks.other_tie_break[form] : masks[form];
  return { values, bounds: order === "first" && form === "pooled" ? masks.intervals : null };
}

/** Mean of what is known. @param {(number | null)[]} values */
export function meanOf(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/** Every two places once, with the mean of both directions. @param {Report["places"]} places @param {Matrix} values @returns {{name: string, key: string, value: number | null}[]} */
export const pairsOf = (places, values) =>
  places.flatMap((one, row) =>
    places.slice(row + 1).map((other, n) => {
      const column = row + 1 + n;
      return { name: `${one.label} · ${other.label}`, key: `${one.place}-${other.place}`, value: meanOf([values[row][column], values[column][row]]) };
    }),
  );

/** Whose work a line is, over the batches of all. @param {Report["drift"]} drift @returns {{batches: number[], series: {annotator: string, values: (number | null)[]}[]}} */
export function driftSeries(drift) {
  const most = Math.max(0, ...drift.map(({ batches }) => batches.length));
  const batches = Array.from({ length: most }, (_, n) => n + 1);
  return { batches, series: drift.map(({ annotator, batches: own }) => ({ annotator, values: batches.map((_, n) => own[n]?.pq ?? null) })) };
}
