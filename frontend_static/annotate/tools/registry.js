/** The tools, in the order of the toolbar. */
import { createBrush, createEraser } from "./brush.js";
import { createLasso } from "./lasso.js";
import { createBucket } from "./bucket.js";
import { createSplit } from "./split.js";
import { createMerge, createPan, createSelect } from "./select.js";

/** @param {import("./tool.js").Bench} bench @returns {import("./tool.js").Tool[]} */
export const createTools = (bench) => [
  createBrush(bench),
  createEraser(bench),
  createLasso(bench),
  createBucket(bench),
  createSplit(bench),
  createMerge(bench),
  createSelect(bench),
  createPan(),
];
