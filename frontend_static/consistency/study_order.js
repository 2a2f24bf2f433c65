/** What is sent to plan a study. Pure. */
import { textOf } from "../shell/fields.js";

/** @typedef {Record<string, string | number>} Population */

/** What the fields say, without those left empty. @param {FormData} data @returns {Population} */
export function populationOf(data) {
  const masks = Number(data.get("min_masks"));
  const told = ["split", "source", "accepted_before", "file_name"].map((name) => [name, textOf(data, name)]);
  return Object.fromEntries([...told.filter(([, value]) => value), ...(masks > 0 ? [["min_masks", masks]] : [])]);
}

/** What a study like this could be drawn from, and by whom. @param {number} project @param {FormData} data of the dialog */
export function previewOf(project, data) {
  const annotators = Number(data.get("annotators"));
  return { project, population: populationOf(data), members: data.getAll("members").map(String), ...(annotators > 0 ? { annotators } : {}) };
}

/** @param {number} project @param {FormData} data of the dialog */
export function orderOf(project, data) {
  const seed = textOf(data, "seed");
  return {
    project,
    name: textOf(data, "name"),
    population: populationOf(data),
    size: Number(data.get("size")),
    annotators: Number(data.get("annotators")),
    members: data.getAll("members").map(String),
    not_before_days: Number(data.get("not_before_days")),
    start: textOf(data, "start"),
    every: Number(data.get("every")),
    names_phase: data.has("names_phase"),
    instructions: textOf(data, "instructions"),
    ...(seed ? { seed: Number(seed) } : {}),
  };
}
