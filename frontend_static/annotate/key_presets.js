/** Keys that fingers already know from elsewhere: by action, where they differ from Tessera's own. */
import { t } from "../shared/translate.js";

/** @typedef {"tessera" | "cvat"} PresetName */

/** Tessera's own keys stand with the actions: Photoshop's for tools, CVAT's for objects. @type {Record<PresetName, Record<string, string[]>>} */
export const PRESETS = {
  tessera: {},
  cvat: {
    "tool.brush": ["shift+1", "b"],
    "tool.eraser": ["shift+2", "e"],
    "tool.bucket": ["shift+5"],
    "tool.lasso": ["shift+6"],
    "tool.merge": ["j", "m"],
    "tool.split": ["alt+j", "alt+m"],
    "entity.lock": ["l"],
    "gap.next": ["g"],
    "gap.previous": ["shift+j"],
    "paint.mode": ["shift+t"],
    "view.hide": ["t h"],
    "view.rotate": ["ctrl+r"],
    "view.upright": ["ctrl+shift+r"],
    "work.settings": ["f2"],
    "step.masks": ["shift+f2"],
  },
};

/** @returns {[PresetName, string][]} with their names */
export const presetNames = () => [["tessera", t("Tessera (tools as in Photoshop)")], ["cvat", t("CVAT")]];
