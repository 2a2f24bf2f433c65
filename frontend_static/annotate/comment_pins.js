/** Numbered pins over the canvas where comments are, and the boxes of those that have one. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";

/** @typedef {import("../segmentation/label_map.js").Box} Box */
/** @typedef {import("./comments.js").CommentRow} CommentRow */
/** @typedef {{row: CommentRow, label: string, isCurrent: boolean}} Pinned */

const SVG = "http://www.w3.org/2000/svg";
/** More pins than this would hide the image. */
const MOST_PINS = 200;

/**
 * @param {HTMLElement} stage @param {import("./viewer.js").Viewer} viewer
 * @param {{boxOf: (row: CommentRow) => Box | null, choose: (id: number) => void}} parts
 */
export function createPins(stage, viewer, { boxOf, choose }) {
  const outlines = document.createElementNS(SVG, "svg");
  outlines.setAttribute("class", "comment-boxes");
  outlines.setAttribute("aria-hidden", "true");
  const layer = element("div", { class: "comment-pins", role: "group", "aria-label": t("Comments on the image") });
  stage.append(outlines, layer);
  /** @type {{pin: HTMLButtonElement | null, outline: SVGPolygonElement | null, box: Box}[]} */
  let placed = [];
  /** @type {Pinned[]} */
  let pinned = [];
  /** @type {Box | null} */
  let sketched = null;

  function build() {
    placed = pinned.slice(0, MOST_PINS).flatMap(({ row, label, isCurrent }) => {
      const box = boxOf(row);
      return box ? [{ pin: pinOf(row, label, isCurrent), outline: row.box ? outlineOf(isCurrent) : null, box }] : [];
    });
    if (sketched) placed.push({ pin: null, outline: outlineOf(true), box: sketched });
    layer.replaceChildren(...placed.flatMap(({ pin }) => pin ?? []));
    outlines.replaceChildren(...placed.flatMap(({ outline }) => outline ?? []));
    place();
  }

  /** @param {CommentRow} row @param {string} label @param {boolean} isCurrent */
  function pinOf({ id, author, text, resolved_at: at }, label, isCurrent) {
    return element(
      "button",
      {
        type: "button", class: `comment-pin ${at ? "resolved" : ""} ${isCurrent ? "current" : ""}`, title: `${author}: ${text.slice(0, 200)}`,
        "aria-label": t("Comment {n} by {who}", { n: label, who: author }), data: { pin: id }, onclick: () => choose(id),
      },
      label,
    );
  }

  /** @param {boolean} isCurrent */
  function outlineOf(isCurrent) {
    const polygon = document.createElementNS(SVG, "polygon");
    if (isCurrent) polygon.setAttribute("class", "current");
    return polygon;
  }

  /** Follow the view: corners turn with the image. */
  function place() {
    const { left, top } = stage.getBoundingClientRect();
    for (const { pin, outline, box: [x0, y0, x1, y1] } of placed) {
      const corners = [[x0, y0], [x1 + 1, y0], [x1 + 1, y1 + 1], [x0, y1 + 1]].map(([x, y]) => {
        const [clientX, clientY] = viewer.clientOf([x - 0.5, y - 0.5]);
        return [clientX - left, clientY - top];
      });
      outline?.setAttribute("points", corners.map((corner) => corner.map((value) => value.toFixed(1)).join()).join(" "));
      if (!pin) continue;
      const [x, y] = outline ? corners[0] : [(corners[0][0] + corners[2][0]) / 2, (corners[0][1] + corners[2][1]) / 2];
      pin.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    }
  }

  viewer.onMoved(place);
  new ResizeObserver(() => requestAnimationFrame(place)).observe(stage);

  return {
    place,
    /** @param {Pinned[]} found */
    show(found) {
      pinned = found;
      build();
    },
    /** The box of a comment that is being written. @param {Box | null} box */
    sketch(box) {
      sketched = box;
      build();
    },
  };
}
