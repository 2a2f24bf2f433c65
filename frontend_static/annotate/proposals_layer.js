/** Proposals as dashed outlines of one width at every zoom, with their scores. */
import { ringsOf } from "../segmentation/rings.js";
import { sampleWindow } from "../segmentation/window.js";
import { pathOf } from "./outline_path.js";
import { gridInView } from "./pixels/window_in_view.js";
import { toDevice } from "./render/view.js";

/** @typedef {import("./render/view.js").View} View */

/** The outlines follow at once, blurred, while the view moves; they are drawn anew when it rests. */
const REST_MS = 80;
const DASH = [7, 5];
/** A score is written where the mask is at least this wide and high, device px. */
const ROOM_FOR_SCORE = 44;

/**
 * @param {import("./proposals.js").Proposals} proposals
 * @param {import("./viewer.js").Viewer} viewer
 */
export function createProposalsLayer(proposals, viewer) {
  const canvas = document.createElement("canvas");
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {View | null} of what is on the canvas */
  let drawn = null;
  /** @type {Map<number, Path2D>} */
  let paths = new Map();
  let timer = 0;
  let counters = { renders: 0, lastRenderMs: 0, outlines: 0 };

  function renderSoon() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const view = viewer.view();
      if (!view || !proposals.isShown()) return;
      render(view);
      viewer.requestDraw();
    }, REST_MS);
  }

  /** @param {View} view */
  function render(view) {
    const started = performance.now();
    const map = proposals.map();
    Object.assign(canvas, { width: view.W, height: view.H });
    paths = new Map();
    drawn = view;
    const grid = map && gridInView(map, view, viewer.scale());
    if (!map || !grid) return;
    const cells = sampleWindow(map, grid);
    const { x, y, stride, width, height } = grid;
    /** @param {number} i @param {number} j */
    const place = (i, j) => toDevice(view, x + i * stride, y + j * stride);
    for (const { number, score } of proposals.open()) {
      const box = map.boxOf(number);
      if (!box) continue;
      const [i0, j0] = [Math.max(0, Math.floor((box[0] - x) / stride)), Math.max(0, Math.floor((box[1] - y) / stride))];
      const [i1, j1] = [Math.min(width - 1, Math.ceil((box[2] - x) / stride)), Math.min(height - 1, Math.ceil((box[3] - y) / stride))];
      if (i1 < i0 || j1 < j0) continue;
      const rings = ringsOf(cells, width, height, number, [i0, j0, i1, j1]);
      if (rings.length === 0) continue;
      const path = pathOf(rings, place);
      paths.set(number, path);
      outline(path);
      const [[X0, Y0], [X1, Y1]] = [place(i0, j0), place(i1, j1)];
      if (Math.abs(X1 - X0) >= ROOM_FOR_SCORE && Math.abs(Y1 - Y0) >= ROOM_FOR_SCORE) write(score, middleOf(rings[0], place));
    }
    counters = { renders: counters.renders + 1, lastRenderMs: performance.now() - started, outlines: paths.size };
  }

  /** @param {Path2D} path */
  function outline(path) {
    pen.lineJoin = "round";
    pen.setLineDash([]);
    pen.lineWidth = 3;
    pen.strokeStyle = "rgb(0 0 0 / 0.45)";
    pen.stroke(path);
    pen.setLineDash(DASH);
    pen.lineWidth = 1.75;
    pen.strokeStyle = "#fff";
    pen.stroke(path);
  }

  /** @param {number} score @param {[number, number]} place */
  function write(score, [X, Y]) {
    pen.font = "600 12px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 4;
    pen.setLineDash([]);
    pen.strokeStyle = "rgb(0 0 0 / 0.7)";
    const text = score.toFixed(2);
    pen.strokeText(text, X, Y);
    pen.fillStyle = "#fff";
    pen.fillText(text, X, Y);
  }

  proposals.onChange(() => {
    drawn = null;
    renderSoon();
    viewer.requestDraw();
  });

  return {
    counters: () => counters,
    /** @param {CanvasRenderingContext2D} hud */
    draw(hud) {
      if (!proposals.isShown() || canvas.width === 0) return;
      const view = viewer.view();
      if (!view) return;
      const isSame = drawn !== null && sameView(drawn, view);
      if (!isSame) renderSoon();
      hud.save();
      if (drawn && !isSame) hud.setTransform(...between(drawn, view));
      hud.drawImage(canvas, 0, 0);
      const path = paths.get(proposals.current());
      if (path) {
        hud.fillStyle = "rgb(255 216 77 / 0.35)";
        hud.fill(path, "evenodd");
        hud.lineWidth = 2.5;
        hud.strokeStyle = "#ffd84d";
        hud.stroke(path);
      }
      hud.restore();
    },
  };
}

/** The middle of a ring's longest row of its middle height, so that the text lies inside. @param {Float32Array} ring @param {(i: number, j: number) => [number, number]} place */
function middleOf(ring, place) {
  let [top, bottom] = [Infinity, -Infinity];
  for (let i = 1; i < ring.length; i += 2) [top, bottom] = [Math.min(top, ring[i]), Math.max(bottom, ring[i])];
  const y = (top + bottom) / 2 + 0.01;
  const crossings = [];
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    if (ring[i + 1] > y !== ring[j + 1] > y) crossings.push(ring[i] + ((y - ring[i + 1]) / (ring[j + 1] - ring[i + 1])) * (ring[j] - ring[i]));
  }
  crossings.sort((a, b) => a - b);
  let [best, x] = [-1, ring[0]];
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    if (crossings[i + 1] - crossings[i] > best) [best, x] = [crossings[i + 1] - crossings[i], (crossings[i] + crossings[i + 1]) / 2];
  }
  return place(x, y);
}

/** @param {View} a @param {View} b */
const sameView = (a, b) => a.a === b.a && a.b === b.b && a.c === b.c && a.d === b.d && a.e === b.e && a.f === b.f && a.W === b.W && a.H === b.H;

/** Device pixels of one view as device pixels of another. @param {View} from @param {View} to @returns {[number, number, number, number, number, number]} */
function between(from, to) {
  const determinant = from.a * from.d - from.b * from.c;
  const a = (to.a * from.d - to.c * from.b) / determinant;
  const b = (to.b * from.d - to.d * from.b) / determinant;
  const c = (to.c * from.a - to.a * from.c) / determinant;
  const d = (to.d * from.a - to.b * from.c) / determinant;
  return [a, b, c, d, to.e - a * from.e - c * from.f, to.f - b * from.e - d * from.f];
}
