/** The tools, in the order of the toolbar. */
import { createBrush, createEraser } from "./brush.js";
import { createLasso } from "./lasso.js";
import { createLivewire } from "./livewire.js";
import { createWand } from "./wand.js";
import { createSuperpixelBrush } from "./superpixel.js";
import { createAi } from "./ai.js";
import { createProposalsTool } from "../proposals_tool.js";
import { createBucket } from "./bucket.js";
import { createBorderTool } from "./border.js";
import { createAdjust } from "./adjust.js";
import { createSplit } from "./split.js";
import { createMerge, createPan } from "./select.js";
import { createSelect } from "./choose.js";

/** @param {import("./tool.js").Bench} bench @returns {import("./tool.js").Tool[]} */
export const createTools = (bench) => [
  createBrush(bench),
  createEraser(bench),
  createLasso(bench),
  createLivewire(bench),
  createWand(bench),
  createSuperpixelBrush(bench),
  createAi(bench, bench.candidates),
  createProposalsTool(bench, bench.proposals),
  createBucket(bench),
  createBorderTool(bench),
  createAdjust(bench),
  createSplit(bench),
  createMerge(bench),
  createSelect(bench),
  createPan(),
];
