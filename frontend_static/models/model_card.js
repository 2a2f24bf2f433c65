/** A model card: the little Markdown that cards are written in, as elements. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";

/** @typedef {{kind: "heading", text: string} | {kind: "text", text: string} | {kind: "table", rows: string[][]}} Block */

/** Headings, paragraphs and tables; what else there is stays as it was typed. Pure. @param {string} markdown @returns {Block[]} */
export function blocksOf(markdown) {
  return markdown.split(/\n\s*\n|(?<=^#.*)\n/m).flatMap((part) => {
    const lines = part.trim().split("\n");
    if (!lines[0]) return [];
    if (lines[0].startsWith("#")) return [/** @type {Block} */ ({ kind: "heading", text: lines[0].replace(/^#+\s*/, "") })];
    if (lines[0].startsWith("|")) return [/** @type {Block} */ ({ kind: "table", rows: lines.filter((line) => !/^[|\s:-]+$/.test(line)).map(cellsOf) })];
    return [/** @type {Block} */ ({ kind: "text", text: lines.join(" ") })];
  });
}

/** @param {string} line */
const cellsOf = (line) => line.replace(/^\||\|\s*$/g, "").split("|").map((cell) => cell.trim());

/** @param {{name: string, card: string}} version */
export const modelCard = ({ name, card }) =>
  element("div", { class: "model-card", tabindex: "0", role: "region", "aria-label": t("Model card of {name}", { name }) }, ...blocksOf(card).map(shown));

/** @param {Block} block */
function shown(block) {
  if (block.kind === "heading") return element("h4", {}, block.text);
  if (block.kind === "text") return element("p", {}, ...withCode(block.text));
  const [heads, ...rows] = block.rows;
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, ...withCode(head))))),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, ...withCode(cell)))))),
    ),
  );
}

/** @param {string} text */
const withCode = (text) => text.split("`").map((part, n) => (n % 2 ? element("code", {}, part) : part.replaceAll("**", "")));
