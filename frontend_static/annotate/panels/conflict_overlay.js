/** Frames around the places where two versions differ, drawn over the image. */
import { toDevice } from "../render/view.js";

/** @typedef {import("../conflict.js").Group} Group */
/** @typedef {import("../render/view.js").View} View */

const MARGIN = 6;
/** A place of more lines than this is framed only. */
const MOST_HATCHED = 20_000;

/**
 * @param {import("./conflict_compare.js").Canvas} canvas @param {Group[]} groups
 */
export function createGroupOverlay({ viewer, stage }, groups) {
  const layer = document.createElement("canvas");
  layer.className = "hud-canvas conflict-overlay";
  stage.append(layer);
  const pen = /** @type {CanvasRenderingContext2D} */ (layer.getContext("2d"));
  let current = 0;

  function draw() {
    const view = viewer.view();
    if (!view) return;
    Object.assign(layer, { width: view.W, height: view.H });
    pen.clearRect(0, 0, view.W, view.H);
    groups.forEach((group, i) => i !== current && frame(view, group, false));
    if (groups[current]) frame(view, groups[current], true);
  }

  /** @param {View} view @param {Group} group @param {boolean} isCurrent */
  function frame(view, { box: [x0, y0, x1, y1], segments }, isCurrent) {
    if (isCurrent && segments.length < 3 * MOST_HATCHED) underline(view, segments);
    const corners = [[x0, y0], [x1 + 1, y0], [x1 + 1, y1 + 1], [x0, y1 + 1]].map(([x, y]) => toDevice(view, x, y));
    const left = Math.min(...corners.map(([x]) => x)) - MARGIN;
    const top = Math.min(...corners.map(([, y]) => y)) - MARGIN;
    const width = Math.max(...corners.map(([x]) => x)) + MARGIN - left;
    const height = Math.max(...corners.map(([, y]) => y)) + MARGIN - top;
    pen.setLineDash(isCurrent ? [] : [6, 5]);
    for (const [colour, line] of /** @type {[string, number][]} */ ([["#000c", isCurrent ? 6 : 4], ["#fff", isCurrent ? 2.5 : 1.5]])) {
      pen.strokeStyle = colour;
      pen.lineWidth = line;
      pen.strokeRect(left, top, width, height);
    }
  }

  /** Brighten the differing pixels themselves. @param {View} view @param {number[]} segments */
  function underline(view, segments) {
    pen.fillStyle = "#ffffff47";
    pen.save();
    pen.setTransform(view.a, view.b, view.c, view.d, view.e, view.f);
    for (let i = 0; i < segments.length; i += 3) pen.fillRect(segments[i + 1], segments[i], segments[i + 2] - segments[i + 1] + 1, 1);
    pen.restore();
  }

  const stop = viewer.onMoved(draw);
  draw();
  return {
    /** @param {number} place */
    setCurrent(place) {
      current = place;
      draw();
    },
    remove() {
      stop();
      layer.remove();
    },
  };
}
