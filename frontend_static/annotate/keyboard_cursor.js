/** Working on the canvas without a pointer: the arrow keys move a cursor of their own, Space does what a press does. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { strokeTwice } from "./tools/tool.js";

/** @typedef {import("./tools/tool.js").Point} Point */
/** @typedef {import("./tools/tool.js").Tool} Tool */
/** @typedef {ReturnType<typeof createKeyboardCursor>} KeyboardCursor */

const FEW = 1;
const MANY = 10;
/** Ctrl moves by this share of what is in view. */
const SHARE_OF_VIEW = 0.1;
/** The cursor stays so far, window px, from the edges. */
const MARGIN = 48;
const CROSS = 11;
const SPEAK_AFTER_MS = 350;
/** @type {[string, string, number, number][]} key, label, across, down */
const DIRECTIONS = [["left", t("Cursor left"), -1, 0], ["right", t("Cursor right"), 1, 0], ["up", t("Cursor up"), 0, -1], ["down", t("Cursor down"), 0, 1]];

/**
 * @param {object} parts
 * @param {HTMLElement} parts.stage
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {import("./editor_state.js").EditorStore} parts.store
 * @param {{width: number, height: number}} parts.map
 * @param {() => Tool} parts.tool
 * @param {(tool: Tool) => boolean} parts.mayUse
 * @param {(point: Point | null) => void} parts.onMove
 * @param {(point: Point) => string} parts.describe  what is under the cursor
 */
export function createKeyboardCursor({ stage, viewer, store, map, tool, mayUse, onMove, describe }) {
  const spoken = element("p", { class: "visually-hidden", role: "status", "aria-live": "polite", id: "cursor-place" });
  stage.append(spoken);
  let isActive = false;
  let isPressed = false;
  let timer = 0;

  /** @param {string} type @param {boolean} [shiftKey] */
  const eventLike = (type, shiftKey = false) => new PointerEvent(type, { pointerType: "keyboard", button: 0, shiftKey });
  const place = () => /** @type {Point} */ (store.state.cursor ?? middle());

  /** @returns {Point} */
  function middle() {
    const { left, top, width, height } = stage.getBoundingClientRect();
    const [x, y] = viewer.pointAt(left + width / 2, top + height / 2);
    return inside([Math.round(x), Math.round(y)]);
  }

  /** @param {Point} point @returns {Point} */
  const inside = ([x, y]) => [Math.max(0, Math.min(map.width - 1, x)), Math.max(0, Math.min(map.height - 1, y))];

  /** @param {number} across @param {number} down @param {number} by image px */
  function move(across, down, by) {
    const [x, y] = place();
    const before = inside([Math.round(x), Math.round(y)]);
    // The first key only shows where the cursor is.
    const point = isActive ? inside([before[0] + across * by, before[1] + down * by]) : before;
    isActive = true;
    if (isPressed) tool().move?.(point, eventLike("pointermove"));
    onMove(point);
    keepInView(point);
    viewer.requestDraw();
    speakSoon();
  }

  /** @param {Point} point */
  function keepInView(point) {
    const { left, top, right, bottom } = stage.getBoundingClientRect();
    const [X, Y] = viewer.clientOf(point);
    const dx = Math.max(0, left + MARGIN - X) - Math.max(0, X - (right - MARGIN));
    const dy = Math.max(0, top + MARGIN - Y) - Math.max(0, Y - (bottom - MARGIN));
    if (dx || dy) viewer.pan(dx, dy);
  }

  function speakSoon() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const [x, y] = place();
      spoken.textContent = isPressed ? t("{x}, {y}: {what}; drawing", { x, y, what: describe([x, y]) }) : t("{x}, {y}: {what}", { x, y, what: describe([x, y]) });
    }, SPEAK_AFTER_MS);
  }

  /** @param {boolean} stays pressed until the next time */
  function press(stays) {
    if (isPressed && (tool().isBusy?.() ?? true)) {
      isPressed = false;
      tool().up?.(eventLike("pointerup"));
    } else if (mayUse(tool())) {
      const hand = tool();
      if (hand.click && !hand.down) hand.click(place());
      else hand.down?.(place(), eventLike("pointerdown"));
      isPressed = stays && tool() === hand;
      if (!isPressed) tool().up?.(eventLike("pointerup"));
    }
    viewer.requestDraw();
    speakSoon();
  }

  const inView = () => Math.max(1, Math.round((stage.clientWidth * SHARE_OF_VIEW) / viewer.scale()));
  /** Arrow keys are the canvas's own only while it has the focus. */
  const hasFocus = () => document.activeElement === stage;

  return {
    /** Whether keys, not the pointer, moved last: Space then presses instead of panning. */
    isActive: () => isActive && hasFocus(),
    /** What Space does: brushes stay down until it is pressed again, other tools click. */
    space: () => press(isPressed || tool().hasSize === true),
    /** The pointer moved. */
    leave() {
      isActive = false;
      isPressed = false;
    },
    /** @param {CanvasRenderingContext2D} pen @param {import("./tools/tool.js").HudView} view */
    draw(pen, { toDevice, cursor }) {
      if (!isActive || !cursor) return;
      const [X, Y] = toDevice(cursor);
      pen.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        pen.moveTo(X + 3 * dx, Y + 3 * dy);
        pen.lineTo(X + CROSS * dx, Y + CROSS * dy);
      }
      strokeTwice(pen, 1.5);
    },
    /** @returns {import("./commands.js").Action[]} */
    actions: () => [
      ...DIRECTIONS.flatMap(([key, label, across, down]) => [
        { id: `cursor.${key}`, label, group: t("Keyboard on the canvas"), keys: [key], enabled: hasFocus, run: () => move(across, down, FEW) },
        { id: `cursor.${key}.many`, label: t("{label}, 10 px", { label }), group: t("Keyboard on the canvas"), keys: [`shift+${key}`], enabled: hasFocus, run: () => move(across, down, MANY) },
        { id: `cursor.${key}.view`, label: t("{label}, a tenth of the view", { label }), group: t("Keyboard on the canvas"), keys: [`ctrl+${key}`], enabled: hasFocus, run: () => move(across, down, inView()) },
      ]),
      { id: "cursor.hold", label: t("Press at the cursor and hold; again: let go (Space: click, or draw with a brush)"), group: t("Keyboard on the canvas"), keys: ["shift+space"], enabled: hasFocus, run: () => press(true) },
    ],
  };
}
