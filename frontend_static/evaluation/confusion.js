/** Names that were taken for each other on well-drawn masks: a matrix of the most frequent, and the list of pairs. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { heatTable } from "../plots/heat_table.js";
import { percent, whole } from "../shell/formats.js";
import { figureTable } from "./figure_table.js";
import { matrixOf } from "./confusion_matrix.js";

/** @typedef {import("./figures.js").Confusion} Confusion */

const [MOST_TERMS, FEWEST_TERMS, MOST_PAIRS] = [10, 3, 12];

/** @param {Confusion[]} pairs @param {(term: number) => string} nameOf */
export function confusion(pairs, nameOf) {
  const { rows, columns, counts, largest } = matrixOf(pairs, MOST_TERMS);
  return [
    rows.length >= FEWEST_TERMS &&
      heatTable({
        title: t("True terms by row, found terms by column"),
        corner: t("True ↓ found →"),
        rows: rows.map(nameOf),
        columns: columns.map(nameOf),
        cell(row, column) {
          if (rows[row] === columns[column]) return null;
          const count = counts.get(`${rows[row]} ${columns[column]}`) ?? 0;
          return { text: count ? whole(count) : "·", share: largest ? count / largest : 0, title: t("{true} found as {found}: {n}", { true: nameOf(rows[row]), found: nameOf(columns[column]), n: count }) };
        },
      }),
    pairTable(pairs.slice(0, MOST_PAIRS), pairs, nameOf),
    pairs.length > MOST_PAIRS && element("details", { class: "more-pairs" }, element("summary", {}, plural(pairs.length - MOST_PAIRS, "{n} more pair", "{n} more pairs")), pairTable(pairs.slice(MOST_PAIRS), pairs, nameOf)),
  ];
}

/** @param {Confusion[]} pairs @param {Confusion[]} all @param {(term: number) => string} nameOf */
function pairTable(pairs, all, nameOf) {
  const total = all.reduce((sum, { count }) => sum + count, 0);
  const columns = [{ name: t("Entities") }, { name: t("Share"), about: t("of all confusions listed") }, { name: t("Pixels") }];
  const rows = pairs.map((pair) => ({ name: t("{true} → {found}", { true: nameOf(pair.true), found: nameOf(pair.found) }), cells: [whole(pair.count), percent(pair.count / Math.max(1, total), 0), whole(pair.pixels)] }));
  return figureTable({ title: t("Confused names"), corner: t("True → found"), columns, rows });
}
