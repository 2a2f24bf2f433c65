/** What one can answer: eleven scores, or A, B and no difference. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";

/** @typedef {import("./answer_keeper.js").Answer} Answer */
/** @typedef {{score?: number, choice?: string}} Verdict */

const SCORES = Array.from({ length: 11 }, (_, score) => score);

/** @param {"satisfaction" | "preference"} kind @param {(verdict: Verdict) => void} choose */
export const createAnswerBar = (kind, choose) => (kind === "preference" ? preferenceBar(choose) : scoreBar(choose));

/** @param {(verdict: Verdict) => void} choose */
function scoreBar(choose) {
  const buttons = SCORES.map((score) => choiceButton(String(score), () => choose({ score })));
  const node = element(
    "div",
    { class: "score-bar", role: "group", "aria-label": t("How satisfied are you with this division?") },
    element("div", { class: "score-buttons" }, ...buttons),
    element("p", { class: "score-ends", "aria-hidden": "true" }, element("span", {}, t("not at all")), element("span", {}, t("completely"))),
  );
  /** @type {Record<string, () => void>} */
  const keys = Object.fromEntries(SCORES.slice(0, 10).map((score) => [String(score), () => choose({ score })]));
  return {
    node,
    keys: { ...keys, t: () => choose({ score: 10 }) },
    /** @param {Answer | null} answer */
    show: (answer) => press(buttons, answer ? (answer.score ?? -1) : -1),
  };
}

/** @param {(verdict: Verdict) => void} choose */
function preferenceBar(choose) {
  const sides = [
    { choice: "left", label: t("A is better"), keys: ["1", "a", "ArrowLeft"] },
    { choice: "same", label: t("No difference"), keys: ["0", "ArrowDown"] },
    { choice: "right", label: t("B is better"), keys: ["2", "b", "ArrowRight"] },
  ];
  const buttons = sides.map(({ choice, label }) => choiceButton(label, () => choose({ choice })));
  const node = element("div", { class: "side-bar", role: "group", "aria-label": t("Which division is better?") }, ...buttons);
  /** @type {Record<string, () => void>} */
  const keys = Object.fromEntries(sides.flatMap(({ choice, keys: own }) => own.map((key) => [key, () => choose({ choice })])));
  return {
    node,
    keys,
    /** @param {Answer | null} answer */
    show: (answer) => press(buttons, sides.findIndex(({ choice }) => choice === answer?.choice)),
  };
}

/** @param {string} label @param {() => void} act */
const choiceButton = (label, act) => element("button", { type: "button", class: "button choice-button", "aria-pressed": "false", onclick: act }, label);

/** @param {HTMLButtonElement[]} buttons @param {number} chosen */
const press = (buttons, chosen) => buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === chosen)));
