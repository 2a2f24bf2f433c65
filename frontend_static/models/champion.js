/** The champion in front: what proposes masks in this project, and how good it is. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { emptyState } from "../shell/empty.js";
import { day } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { busyWhile } from "../shell/toast.js";
import { knownFigures, points } from "../training/figures.js";
import { made, stageBadge } from "./version.js";
import { versionDetails } from "./version_details.js";

/** @typedef {import("./version.js").VersionRow} VersionRow */
/** @typedef {{since: string | null, cause: string, actor: string | null, before: {id: number, name: string} | null}} Reign since when it is champion, and who was before */

const FIGURES_IN_FRONT = 7;

/**
 * @param {number} project @param {VersionRow} champion @param {Reign | null} reign
 * @param {{predict: (() => Promise<unknown>) | null, rollBack: (() => Promise<unknown>) | null}} actions null: not for this person
 */
export function championCard(project, champion, reign, { predict, rollBack }) {
  return element(
    "section",
    { class: "card padded champion", "aria-labelledby": "champion-name" },
    element(
      "header",
      { class: "champion-head" },
      element(
        "div",
        {},
        element("h3", { id: "champion-name" }, champion.name, stageBadge("champion")),
        element("p", { class: "soft" }, sinceText(champion, reign)),
        element("p", { class: "soft" }, champion.origin),
        element("p", { class: "soft small number" }, made(champion)),
      ),
      element(
        "div",
        { class: "actions" },
        rollBack && reign?.before && actionButton("undo", t("Roll back to {name}", { name: reign.before.name }), rollBack),
        predict && actionButton("spark", t("Pre-annotate"), predict),
      ),
    ),
    facts(champion),
    versionDetails(project, champion),
  );
}

/** @param {VersionRow} champion @param {Reign | null} reign */
function sinceText(champion, reign) {
  if (!reign?.since) return champion.project === null ? t("Comes with Tessera and proposes masks here until this project has a champion of its own.") : "";
  const date = day(reign.since);
  if (reign.cause === "trained") return t("Champion since {date}: better than the one before.", { date });
  if (reign.cause === "rolled_back") return reign.actor ? t("Champion again since {date}, rolled back by {name}.", { date, name: reign.actor }) : t("Champion again since {date}.", { date });
  return reign.actor ? t("Champion since {date}, chosen by {name}.", { date, name: reign.actor }) : t("Champion since {date}.", { date });
}

/** @param {VersionRow} champion */
function facts({ figures }) {
  const known = knownFigures(figures).slice(0, FIGURES_IN_FRONT);
  if (!known.length) return element("p", { class: "soft small" }, t("Not evaluated on this project yet: the first training measures it on the accepted images of the split val."));
  const rows = known.map(({ key, name, about }) => element("div", {}, element("dt", {}, name), element("dd", {}, points(figures[key]), element("small", { class: "soft" }, about))));
  return element("dl", { class: "facts champion-facts" }, ...rows);
}

/** @param {string} icon @param {string} label @param {() => Promise<unknown>} act */
function actionButton(icon, label, act) {
  const button = element("button", { type: "button", class: "button" }, spriteIcon(icon), label);
  button.addEventListener("click", () => busyWhile(button, act));
  return button;
}

/** Nothing proposes masks here. @param {(() => void) | null} importOne null: not for this person */
export function noChampion(importOne) {
  const text = t("A model proposes masks, so that people correct instead of drawing everything. This installation has no weights yet: import a checkpoint and make it the champion.");
  return emptyState({
    title: t("No model yet"),
    text: importOne ? text : `${text} ${t("An admin of the project can do that.")}`,
    actions: [importOne !== null && element("button", { type: "button", class: "button button-primary", onclick: importOne }, spriteIcon("upload"), t("Import a checkpoint"))],
  });
}
