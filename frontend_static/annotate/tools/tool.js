/** What a tool is, what it works with, and what several of them draw. */

/** @typedef {import("../../segmentation/raster.js").Point} Point */
/** @typedef {{toDevice: (point: Point) => Point, scale: number, cursor: Point | null}} HudView  scale: device px per image px */
/**
 * @typedef {object} Tool
 * @property {string} id @property {string} label @property {string} hint @property {string[]} keys @property {string} icon
 * @property {string} cursor  CSS cursor over the canvas
 * @property {boolean} [edits]  changes pixels: refused while read-only
 * @property {boolean} [hasSize]  brush size applies; Alt+click picks
 * @property {boolean} [usesRadius]  brush size applies, Alt means something else
 * @property {boolean} [takesRightButton]  the right button means something to it
 * @property {boolean} [paints]  the write mask applies: what may be painted over
 * @property {boolean} [erases]  it can take away: from the active entity only, or from all
 * @property {boolean} [pointsAtEntities]  the entity under the cursor is highlighted
 * @property {import("../tool_settings.js").Setting[]} [settings]
 * @property {{label: string, run?: () => void, action?: string}[]} [buttons]  of the options bar, for what also has a key: an action, or something of the tool's own
 * @property {(point: Point, event: PointerEvent) => void} [down]
 * @property {(point: Point, event?: PointerEvent) => void} [move]
 * @property {(event: PointerEvent) => void} [up]
 * @property {() => void} [doubleClick]
 * @property {(point: Point) => void} [click]  of a tool that pans when dragged
 * @property {() => boolean} [isBusy]  in the middle of something that Enter, Esc or Backspace speak to
 * @property {boolean} [keepsEnter]  Enter is for it also while it has nothing in hand
 * @property {() => void} [enter]  taken in hand @property {() => void} [leave] @property {() => void} [viewMoved]  while in hand
 * @property {() => void} [cancel] @property {() => void} [finish] @property {() => void} [stepBack]
 * @property {(pen: CanvasRenderingContext2D, view: HudView) => void} [draw]
 */
/**
 * What tools work with.
 * @typedef {object} Bench
 * @property {import("../drawing.js").Drawing} drawing
 * @property {import("../../segmentation/label_map.js").LabelMap} map
 * @property {() => number} brushRadius
 * @property {() => number} scale  window px per image px
 * @property {(start: Point) => number | null} activeNumber  the active entity, a new one if there is none; null if there can be none
 * @property {() => number | null} newNumber
 * @property {(start: Point) => Uint8Array} allowPainting
 * @property {() => Uint8Array} allowErasing
 * @property {(number: number) => boolean} isLocked
 * @property {(number: number) => void} select
 * @property {(numbers: number[], more: boolean) => void} choose  several at once; more: besides those chosen already
 * @property {(number: number) => void} toggle  one more of several, or one less
 * @property {() => number} selected
 * @property {(listener: () => void) => void} onSelect
 * @property {(sentence: string) => void} say
 * @property {(sentence: string) => void} note  stays in the options bar until the tool is laid down
 * @property {() => void} redraw
 * @property {import("../tool_settings.js").ToolSettings} settings
 * @property {import("../ai_candidates.js").Candidates} candidates  what the model sees
 * @property {import("../proposals.js").Proposals} proposals  of the model
 * @property {() => number[]} locked
 * @property {(number: number) => Uint8Array} mayTake  what an entity may take as a whole, by the write mask
 * @property {() => import("../../segmentation/gaps.js").GapRule} gapRule
 * @property {() => import("../../segmentation/grid.js").Grid | null} gridInView  samples of the picture, about one a window pixel
 * @property {(job: string, payload: any, options?: {lane?: string, needsPicture?: boolean}) => Promise<any>} ask  the pixel worker; null if there is no answer
 * @property {(trial: import("../pixels/pixel_worker.js").Trial, gesture: import("../drawing.js").Gesture, fields?: import("../entities.js").EntityChange[]) => boolean} takeTrial  as one command; false if it is refused
 * @property {(painting: {mask: Uint8Array, grid: import("../../segmentation/grid.js").Grid, start: Point, tool: string, erases?: boolean}) => Promise<boolean>} paintMask
 *   give the samples of a mask to the active entity, or erase them, through the write mask
 */

/** The pixel under a point. @param {Point} point @returns {Point} */
export const pixelAt = ([x, y]) => [Math.round(x), Math.round(y)];

/** @param {import("../../segmentation/label_map.js").LabelMap} map @param {Point} point */
export const numberAt = (map, point) => map.get(...pixelAt(point));

/** Two strokes, dark under light, show on every picture. @param {CanvasRenderingContext2D} pen @param {number} [width] */
export function strokeTwice(pen, width = 1.5) {
  pen.lineJoin = "round";
  pen.lineWidth = width + 2;
  pen.strokeStyle = "rgb(0 0 0 / 0.75)";
  pen.stroke();
  pen.lineWidth = width;
  pen.strokeStyle = "#fff";
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {Point[]} points device pixels @param {{closed: boolean, isLoss?: boolean}} options isLoss: what is inside will be taken away */
export function drawPath(pen, points, { closed, isLoss = false }) {
  pen.beginPath();
  points.forEach(([X, Y], i) => (i ? pen.lineTo(X, Y) : pen.moveTo(X, Y)));
  pen.setLineDash(isLoss ? [7, 4] : []);
  if (closed) {
    pen.closePath();
    pen.fillStyle = isLoss ? "rgb(255 60 50 / 0.2)" : "rgb(255 255 255 / 0.14)";
    pen.fill();
  }
  strokeTwice(pen);
  pen.setLineDash([]);
}

/** A corner of an outline. @param {CanvasRenderingContext2D} pen @param {Point} place device pixels @param {number} [radius] */
export function drawDot(pen, [X, Y], radius = 4) {
  pen.beginPath();
  pen.arc(X, Y, radius, 0, 2 * Math.PI);
  pen.fillStyle = "#fff";
  pen.fill();
  strokeTwice(pen, 1);
}

/**
 * A picture of samples, laid over the image pixels they stand for.
 * @param {CanvasRenderingContext2D} pen @param {Pick<HudView, "toDevice">} view @param {CanvasImageSource} picture
 * @param {import("../../segmentation/grid.js").Grid} grid
 */
export function drawGrid(pen, { toDevice }, picture, { x, y, stride, width, height }) {
  const [left, top] = [x - 0.5, y - 0.5];
  const [X, Y] = toDevice([left, top]);
  const [rightX, rightY] = toDevice([left + stride * width, top]);
  const [downX, downY] = toDevice([left, top + stride * height]);
  pen.save();
  pen.setTransform((rightX - X) / width, (rightY - Y) / width, (downX - X) / height, (downY - Y) / height, X, Y);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(picture, 0, 0);
  pen.restore();
}

/** @param {CanvasRenderingContext2D} pen @param {Point} centre device pixels @param {number} radius */
export function drawCircle(pen, [X, Y], radius) {
  pen.beginPath();
  pen.arc(X, Y, Math.max(1, radius), 0, 2 * Math.PI);
  strokeTwice(pen, 1.25);
}
