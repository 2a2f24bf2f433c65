/** AI click and box: point at something, and take what the model makes of it. */
import { t } from "../../shared/translate.js";
import { ringsOf } from "../../segmentation/rings.js";
import { cellCount } from "../../segmentation/coco_mask.js";
import { choose } from "../ai_choice.js";
import { cropFor } from "../ai_candidates.js";
import { pixelsText } from "../format.js";
import { pathOf } from "../outline_path.js";
import { strokeTwice } from "./tool.js";

/** @typedef {import("./tool.js").Point} Point */
/** @typedef {import("../ai_choice.js").Option} Option */
/** @typedef {import("../ai_choice.js").Answer} Answer */
/** @typedef {import("../ai_choice.js").Box} Box */
/** One offer: an option of an answer, with its border. @typedef {Option & {answer: Answer, rings: Float32Array[]}} Offer */

/** A drag of more than this (window pixels) is a box. */
const BOX_TRAVEL = 6;
const POINT_RADIUS = 7;

const HOW = {
  whole: "",
  part: t("one part of a larger mask"),
  joined: t("no single mask fits: several are joined"),
  cut: t("no single mask fits: what is not meant is cut away"),
};

/**
 * @param {import("./tool.js").Bench} bench @param {import("../ai_candidates.js").Candidates} candidates
 * @returns {import("./tool.js").Tool & {step: (direction: 1 | -1) => void}}
 */
export function createAi(bench, candidates) {
  const image = { width: bench.map.width, height: bench.map.height };
  /** @type {{at: Point, isInside: boolean}[]} */
  let points = [];
  /** @type {Box | null} */
  let box = null;
  /** @type {{from: Point, to: Point, isInside: boolean} | null} */
  let press = null;
  /** @type {Offer[]} */
  let offers = [];
  let index = 0;
  /** @type {AbortController | null} */
  let asking = null;
  let prediction = 0;

  const isEmpty = () => points.length === 0 && box === null;

  /** What is offered so far has changed: choose again, from what is at hand and then from the worker. */
  async function update() {
    asking?.abort(new DOMException("Asked again", "AbortError"));
    asking = null;
    if (isEmpty()) {
      reset();
      return;
    }
    const control = (asking = new AbortController());
    const stored = await candidates.stored();
    if (asking !== control) return;
    prediction = stored.prediction;
    const known = candidates.atHand({ points, box });
    const answer = known ?? stored.answer;
    offer(answer ? offersOf(answer) : []);
    const crop = known ? null : cropFor({ points, box }, guess(), image, shorterSideInView());
    if (!crop) {
      asking = null;
      if (answer) tell();
      else await refine([0, 0, image.width, image.height], control);
      return;
    }
    await refine(crop, control);
  }

  /** @param {[number, number, number, number]} crop @param {AbortController} control */
  async function refine(crop, control) {
    asking = control;
    tell();
    try {
      const answer = await candidates.ask(crop, control.signal);
      if (asking !== control) return;
      asking = null;
      const better = offersOf(answer);
      if (better.some(({ fits }) => fits) || offers.length === 0) offer(better);
      tell();
    } catch (error) {
      if (asking !== control) return;
      asking = null;
      tell(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {Answer} answer @returns {Offer[]} */
  const offersOf = (answer) =>
    choose(answer, { points, box }, image).map((option) => ({
      ...option, answer, rings: ringsOf(option.mask.cells, option.mask.width, option.mask.height, 1),
    }));

  /** @param {Offer[]} next */
  function offer(next) {
    offers = next;
    index = 0;
    bench.redraw();
  }

  /** The box of what is offered, image px. @returns {Box | null} */
  function guess() {
    const shown = offers[index];
    if (!shown) return null;
    const [x, y] = shown.answer.view;
    let [x0, y0, x1, y1] = [Infinity, Infinity, 0, 0];
    for (const ring of shown.rings) {
      for (let i = 0; i < ring.length; i += 2) {
        [x0, y0] = [Math.min(x0, ring[i]), Math.min(y0, ring[i + 1])];
        [x1, y1] = [Math.max(x1, ring[i]), Math.max(y1, ring[i + 1])];
      }
    }
    const { stride } = shown.answer;
    return [x + x0 * stride, y + y0 * stride, x + x1 * stride, y + y1 * stride];
  }

  function shorterSideInView() {
    const grid = bench.gridInView();
    return grid ? Math.min(grid.width, grid.height) * grid.stride : Math.min(image.width, image.height);
  }

  /** @param {string} [problem] */
  function tell(problem = "") {
    const shown = offers[index];
    const parts = [];
    if (shown) {
      const { answer, mask, score, how, fits } = shown;
      parts.push(t("{place} of {count} · {area} · score {score}", { place: index + 1, count: offers.length, area: pixelsText(cellCount(mask) * answer.stride ** 2), score: score.toFixed(2) }));
      parts.push(fits ? HOW[how] : t("not every point is met: add points, or paint the rest"));
    } else if (!asking) parts.push(t("The model sees nothing here. Try a box, or another place."));
    if (asking) parts.push(t("asking the model…"));
    bench.note([problem, ...parts].filter(Boolean).join(" · "));
    bench.redraw();
  }

  function reset() {
    asking?.abort(new DOMException("Cancelled", "AbortError"));
    asking = null;
    [points, box, press, offers, index] = [[], null, null, [], 0];
    bench.note("");
    bench.redraw();
  }

  async function accept() {
    const shown = offers[index];
    if (!shown) {
      bench.say(asking ? t("The model has not answered yet.") : t("There is nothing to accept."));
      return;
    }
    const active = bench.settings.text("ai.target") === "active" ? bench.selected() : 0;
    const number = active || bench.newNumber();
    if (number === null) return;
    const start = points.find(({ isInside }) => isInside)?.at ?? (box ? /** @type {Point} */ ([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]) : points[0].at);
    const { mask, answer, score } = shown;
    const grid = { x: answer.view[0], y: answer.view[1], stride: answer.stride, width: mask.width, height: mask.height };
    const trial = await bench.ask("paint", { mask: mask.cells.slice(), grid, number, allow: bench.allowPainting(start) });
    if (!trial || offers[index] !== shown) return;
    if (trial.changes.length === 0) {
      bench.say(t("Nothing changed: what lies inside may not be painted over."));
      return;
    }
    const gesture = { tool: box ? "ai_box" : "ai_click", number, points: points.length, how: shown.how };
    const fields = active ? [] : [{ number, before: { provenance: "human", score: null, source: null }, after: { provenance: "model", score, source: { annotation: prediction, number: 0 } } }];
    if (!bench.takeTrial(trial, gesture, fields)) return;
    reset();
    bench.select(number);
  }

  return {
    id: "ai",
    label: t("AI click and box"),
    hint: t("Click what you mean, Alt+click or right-click what you do not; or drag a box. Enter accepts, Backspace takes the last point back"),
    keys: ["q"],
    icon: "M12 3l1.8 4.7L18.5 9.5 13.8 11.3 12 16l-1.8-4.7L5.5 9.5l4.7-1.8zM18.5 15l.8 2.2 2.2.8-2.2.8-.8 2.2-.8-2.2-2.2-.8 2.2-.8z",
    cursor: "crosshair",
    edits: true,
    paints: true,
    takesRightButton: true,
    settings: [
      {
        id: "ai.target", kind: "choice", label: t("Accept as"), start: "new",
        choices: [{ value: "new", label: t("a new entity") }, { value: "active", label: t("part of the active one") }],
      },
    ],
    buttons: [{ action: "stroke.finish", label: t("Accept") }, { action: "ai.next", label: t("Next choice") }],
    down(point, event) {
      press = { from: point, to: point, isInside: !event.altKey && event.button !== 2 };
    },
    move(point) {
      if (press) press.to = point;
    },
    up() {
      if (!press) return;
      const { from, to, isInside } = press;
      press = null;
      if (isBox(from, to)) box = clipped(from, to, image);
      else if (from[0] < -0.5 || from[1] < -0.5 || from[0] >= image.width - 0.5 || from[1] >= image.height - 0.5) return;
      else points = [...points, { at: /** @type {Point} */ ([from[0] + 0.5, from[1] + 0.5]), isInside }];
      void update();
    },
    isBusy: () => press !== null || !isEmpty(),
    enter() {
      const grid = bench.gridInView();
      if (grid) candidates.warm([grid.x, grid.y, grid.width * grid.stride, grid.height * grid.stride]);
    },
    finish: () => void accept(),
    cancel: reset,
    leave: reset,
    stepBack() {
      if (points.length > 0) points = points.slice(0, -1);
      else box = null;
      void update();
    },
    step(direction) {
      if (offers.length === 0) return;
      index = (index + direction + offers.length) % offers.length;
      tell();
    },
    draw(pen, view) {
      const shown = offers[index];
      if (shown) drawOffer(pen, view, shown);
      const drawn = press && isBox(press.from, press.to) ? clipped(press.from, press.to, image) : box;
      if (drawn) drawBox(pen, view, drawn);
      for (const point of points) drawPoint(pen, view.toDevice([point.at[0] - 0.5, point.at[1] - 0.5]), point.isInside);
    },
  };

  /** @param {Point} from @param {Point} to */
  function isBox(from, to) {
    return Math.hypot(to[0] - from[0], to[1] - from[1]) * bench.scale() > BOX_TRAVEL;
  }
}

/** The box between two points, inside the image. @param {Point} a @param {Point} b @param {{width: number, height: number}} image @returns {Box} */
function clipped(a, b, { width, height }) {
  /** @param {number} value @param {number} most */
  const within = (value, most) => Math.max(0, Math.min(most - 1, Math.round(value)));
  return [within(Math.min(a[0], b[0]), width), within(Math.min(a[1], b[1]), height), within(Math.max(a[0], b[0]), width), within(Math.max(a[1], b[1]), height)];
}

/** @param {CanvasRenderingContext2D} pen @param {import("./tool.js").HudView} view @param {Offer} offer */
function drawOffer(pen, { toDevice }, { rings, answer: { view: [x, y], stride } }) {
  const path = pathOf(rings, (i, j) => toDevice([x + i * stride - 0.5, y + j * stride - 0.5]));
  pen.fillStyle = "rgb(255 255 255 / 0.22)";
  pen.fill(path, "evenodd");
  pen.lineJoin = "round";
  pen.lineWidth = 4;
  pen.strokeStyle = "rgb(0 0 0 / 0.75)";
  pen.stroke(path);
  pen.lineWidth = 2;
  pen.strokeStyle = "#ffd84d";
  pen.stroke(path);
}

/** @param {CanvasRenderingContext2D} pen @param {import("./tool.js").HudView} view @param {Box} box */
function drawBox(pen, { toDevice }, [x0, y0, x1, y1]) {
  pen.beginPath();
  [[x0, y0], [x1 + 1, y0], [x1 + 1, y1 + 1], [x0, y1 + 1]].forEach(([x, y], i) => {
    const [X, Y] = toDevice([x - 0.5, y - 0.5]);
    if (i === 0) pen.moveTo(X, Y);
    else pen.lineTo(X, Y);
  });
  pen.closePath();
  strokeTwice(pen);
}

/** A plus for what is meant, a minus for what is not. @param {CanvasRenderingContext2D} pen @param {Point} place device pixels @param {boolean} isInside */
function drawPoint(pen, [X, Y], isInside) {
  pen.beginPath();
  pen.arc(X, Y, POINT_RADIUS, 0, 2 * Math.PI);
  pen.fillStyle = isInside ? "#0a7d3c" : "#b3261e";
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = "#fff";
  pen.stroke();
  pen.beginPath();
  pen.moveTo(X - 3.5, Y);
  pen.lineTo(X + 3.5, Y);
  if (isInside) {
    pen.moveTo(X, Y - 3.5);
    pen.lineTo(X, Y + 3.5);
  }
  pen.lineWidth = 2;
  pen.stroke();
}
