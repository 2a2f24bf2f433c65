/** What each two people made of one image: their maps, what they disagree on painted, and the list of it, which zooms. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { exactly, whole } from "../shell/formats.js";
import { kindBadge } from "./kinds.js";

/** @typedef {import("./kinds.js").Kind} Kind */
/** @typedef {{places: [number, number], kind: Kind, a: number[], b: number[], iou: number, box: [x: number, y: number, width: number, height: number], px: number}} Disagreement */
/** @typedef {{place: number, annotation: number, annotator: string}} Drawn */
/** @typedef {{image: number, file_name: string, width: number, height: number, annotations: Drawn[], disagreements: Disagreement[], colours: Record<Kind, string>}} ImageDetail */

const MOST_LISTED = 200;

/** One item of the large view for each two people. @param {number} study @param {ImageDetail} detail @returns {import("../pictures/cards.js").PictureItem[]} */
export function pairItems(study, detail) {
  const { image, file_name: file, annotations } = detail;
  const root = `/api/v1/studies/${study}/images/${image}`;
  return annotations.flatMap((one, n) =>
    annotations.slice(n + 1).map((other) => {
      const found = detail.disagreements.filter(({ places: [a, b] }) => a === one.place && b === other.place);
      return {
        title: file,
        href: `/images/${image}`,
        about: [`${labelOf(one)} · ${labelOf(other)}`, plural(found.length, "{n} disagreement", "{n} disagreements")].join(" · "),
        pictures: [
          { label: labelOf(one), address: `${root}/${one.place}.png` },
          { label: labelOf(other), address: `${root}/${other.place}.png` },
          { label: t("Disagreements"), address: `${root}/${one.place}-${other.place}.png` },
        ],
        aside: (/** @type {import("../pictures/cards.js").LookAt} */ look) => aside(detail, one, other, found, look),
      };
    }),
  );
}

/** "A2, ben". @param {Drawn} drawn */
const labelOf = ({ place, annotator }) => `A${place}, ${annotator}`;

/** @param {ImageDetail} detail @param {Drawn} one @param {Drawn} other @param {Disagreement[]} found @param {import("../pictures/cards.js").LookAt} look */
function aside({ width, height, colours }, one, other, found, look) {
  const rows = found.slice(0, MOST_LISTED).map((item) => row(item, colours));
  rows.forEach((button, n) =>
    button.addEventListener("click", () => {
      for (const each of rows) each.setAttribute("aria-pressed", String(each === button));
      const [x, y, w, h] = found[n].box;
      look([x / width, y / height, (x + w) / width, (y + h) / height], width / height);
    }),
  );
  return element(
    "div",
    { class: "found" },
    element("a", { class: "small", href: `/review/${one.annotation}?with=${other.annotation}` }, t("Open both in the review page")),
    rows.length ? element("ul", { class: "found-list", "aria-label": t("Disagreements, the largest first") }, ...rows.map((button) => element("li", {}, button))) : element("p", { class: "soft" }, t("These two agree on everything.")),
    found.length > MOST_LISTED && element("p", { class: "soft small" }, plural(found.length - MOST_LISTED, "{n} smaller one is not listed.", "{n} smaller ones are not listed.")),
  );
}

/** @param {Disagreement} item @param {Record<Kind, string>} colours */
function row({ kind, a, b, iou, px }, colours) {
  const dot = element("i", { class: "found-dot", "aria-hidden": "true" });
  dot.style.background = colours[kind] ?? "";
  return element(
    "button",
    { type: "button", "aria-pressed": "false" },
    dot,
    kindBadge(kind),
    element("span", { class: "number" }, `${numbersText(a)} | ${numbersText(b)}`),
    element("small", { class: "soft number" }, [t("{n} px", { n: whole(px) }), a.length && b.length ? `IoU ${exactly(iou, 2)}` : ""].filter(Boolean).join(" · ")),
  );
}

/** @param {number[]} numbers */
const numbersText = (numbers) => numbers.map((number) => `#${number}`).join(", ") || "–";
