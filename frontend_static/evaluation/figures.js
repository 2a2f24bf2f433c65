/** The figures of a report as the server writes them (segmentation/report_figures.py). */

/** @typedef {import("./measures.js").Figures} Figures */
/** @typedef {{pq: number | null, sq: number | null, rq: number | null, hits: number, false_alarms: number, misses: number, categories: number}} Panoptic */
/** @typedef {{name: string, unit: string, low: number, high: number | null, true: number, found: number, AP: number | null, AP50: number | null, AR: number | null, PQ: number | null}} SizeRow */
/** @typedef {{term: number, true: number, found: number, AP: number | null, AP50: number | null, PQ: number | null, IoU: number | null}} TermRow */
/** @typedef {{source: string, images: number, true: number, AP: number | null, AP50: number | null, PQ: number | null}} SourceRow */
/** @typedef {{true: number, found: number, count: number, pixels: number}} Confusion */
/** @typedef {{low: number, high: number, count: number, mean_score: number, precision: number}} CalibrationBin */
/**
 * @typedef {object} ReportFigures
 * @property {number} images
 * @property {number} true_entities
 * @property {number} found_entities
 * @property {boolean} is_disjoint
 * @property {Figures} ap
 * @property {Record<string, [number, number] | null>} intervals
 * @property {Figures | null} boundary
 * @property {{all: Panoptic, things: Panoptic, stuff: Panoptic, agnostic: Panoptic} | null} panoptic
 * @property {{miou: number | null, frequency_weighted_iou: number | null, pixel_accuracy: number | null, terms: number} | null} semantic
 * @property {Record<string, number | null>} f1
 * @property {number | null} covering
 * @property {number | null} coverage
 * @property {Figures | null} class_aware
 * @property {({similarity: string} & Record<string, any>) | null} open
 * @property {SizeRow[]} by_size
 * @property {{recall: number[], precision: Record<string, (number | null)[]>} | null} curves
 * @property {{bins: CalibrationBin[], error: number} | null} calibration
 * @property {TermRow[]} by_term
 * @property {SourceRow[]} by_source
 * @property {Confusion[]} confusion
 * @property {Record<string, number>} counts
 */

/** @typedef {Record<string, {name: string, kind: string}>} Names by term id */

export {};
