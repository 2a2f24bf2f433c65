/** What came of a run, in plain words, with the difference drawn. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { percent } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { busyWhile } from "../shell/toast.js";
import { points } from "./figures.js";
import { figuresTable } from "./figures_table.js";
import { differencePlot } from "./difference_plot.js";

/** @typedef {import("./runs_list.js").RunRow} RunRow */

/** @param {RunRow} run @param {(() => Promise<unknown>) | null} rollBack null where it is not to be offered */
export function verdict(run, rollBack) {
  const { champion, candidate, difference, interval, probability, images, resamples } = run.figures;
  const isPromoted = run.state === "promoted";
  return element(
    "section",
    { class: "section", "aria-labelledby": "verdict-name" },
    element("h2", { id: "verdict-name" }, t("Verdict")),
    element(
      "div",
      { class: `card padded verdict ${isPromoted ? "good" : ""}` },
      element("div", { class: "verdict-head" }, element("h3", {}, isPromoted ? t("The candidate became champion") : t("The champion stays")), rollBack && rollBackButton(rollBack)),
      run.reason && element("p", {}, run.reason),
      champion && candidate && element("dl", { class: "verdict-scores" }, score(t("Champion"), champion.AP), score(t("Candidate"), candidate.AP)),
      Boolean(resamples) && typeof difference === "number" && interval && differencePlot({ difference, interval }, [t("champion better"), t("candidate better")]),
      element(
        "p",
        { class: "soft small" },
        [
          typeof images === "number" && plural(images, "Judged by {n} image that neither of them was trained on.", "Judged by {n} images that neither of them was trained on."),
          resamples && typeof probability === "number" && t("In {share} of the resamples of these images the candidate is better.", { share: percent(probability, 0) }),
        ].filter(Boolean).join(" "),
      ),
    ),
    champion && candidate && element("div", { class: "verdict-figures" }, figuresTable(champion, candidate)),
  );
}

/** @param {string} name @param {number | null | undefined} value */
const score = (name, value) => element("div", {}, element("dt", {}, name), element("dd", {}, points(value), element("small", { class: "soft" }, "APᵉ")));

/** @param {() => Promise<unknown>} act */
function rollBackButton(act) {
  const button = element("button", { type: "button", class: "button" }, spriteIcon("undo"), t("Roll back"));
  button.addEventListener("click", () => busyWhile(button, act));
  return button;
}
