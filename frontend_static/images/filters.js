/** What the grid is narrowed to: between the address, the API and the chips. Pure. */

/** @typedef {{state: string, search: string, ordering: string, page: number, terms: number[], annotator: string, reviewer: string,
 *   split: string, comments: string, ranges: Record<string, Range>}} Filters ranges: by name of RANGES */
/** @typedef {{min: number | null, max: number | null}} Range in the unit that people type */

/** Ranges that can be typed. `scale`: what a typed value is divided by for the API. */
export const RANGES = [
  { name: "megapixels", scale: 1 },
  { name: "side", scale: 1 },
  { name: "coverage", scale: 100 },
  { name: "agreement", scale: 100 },
  { name: "score", scale: 100 },
];
const TEXTS = /** @type {const} */ (["state", "search", "annotator", "reviewer", "split", "comments"]);
const USUAL_ORDER = "id";

/** @param {string} search of an address @returns {Filters} what makes no sense is left out */
export function readFilters(search) {
  const given = new URLSearchParams(search);
  /** @param {string} name */
  const text = (name) => given.get(name) ?? "";
  const page = Number(given.get("page"));
  return {
    state: text("state"),
    search: text("search"),
    annotator: text("annotator"),
    reviewer: text("reviewer"),
    split: text("split"),
    comments: text("comments"),
    ordering: given.get("ordering") ?? USUAL_ORDER,
    page: Number.isInteger(page) && page > 0 ? page : 1,
    terms: text("term").split(",").map(Number).filter((id) => Number.isInteger(id) && id > 0),
    ranges: Object.fromEntries(RANGES.map(({ name }) => [name, { min: numberOf(given.get(`${name}_min`)), max: numberOf(given.get(`${name}_max`)) }])),
  };
}

/** @param {string | null} text */
export function numberOf(text) {
  const value = text === null || text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** The address of filters, without what is usual. @param {Filters} filters @returns {Record<string, string | number>} */
export function addressOf(filters) {
  /** @type {Record<string, string | number>} */
  const values = {};
  for (const name of TEXTS) if (filters[name]) values[name] = filters[name];
  if (filters.terms.length) values.term = filters.terms.join(",");
  for (const { name } of RANGES) {
    const { min, max } = filters.ranges[name];
    if (min !== null) values[`${name}_min`] = min;
    if (max !== null) values[`${name}_max`] = max;
  }
  if (filters.ordering !== USUAL_ORDER) values.ordering = filters.ordering;
  if (filters.page > 1) values.page = filters.page;
  return values;
}

/** What the API is asked. @param {Filters} filters @returns {Record<string, string | number>} */
export function questionOf(filters) {
  const { state, ...values } = addressOf(filters);
  for (const { name, scale } of RANGES) {
    for (const side of [`${name}_min`, `${name}_max`]) {
      if (side in values) values[side] = Number(values[side]) / scale;
    }
  }
  if (state) values.work_state = state;
  return { ...values, ordering: filters.ordering, page: filters.page };
}

/** Whether anything narrows the grid. @param {Filters} filters */
export const isNarrowed = (filters) => Object.keys(addressOf({ ...filters, ordering: USUAL_ORDER, page: 1 })).length > 0;

/** The same without any narrowing. @param {Filters} filters @returns {Filters} */
export const widened = (filters) => ({ ...readFilters(""), ordering: filters.ordering });
