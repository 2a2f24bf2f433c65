/** What the dialog of a new report sends. Pure. */
import { textOf } from "../shell/fields.js";
import { specOf } from "./set_choice.js";

/** @param {number} project @param {FormData} data */
export const orderOf = (project, data) => ({
  project,
  name: textOf(data, "name"),
  truth: specOf(textOf(data, "truth")),
  found: specOf(textOf(data, "found")),
  split: textOf(data, "split"),
  options: { overlap: textOf(data, "overlap") || "refuse", void: textOf(data, "void"), similarity: textOf(data, "similarity"), boundary: textOf(data, "boundary") === "yes" },
});
