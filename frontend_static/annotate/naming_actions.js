/** The actions of the naming step, with their keys. */
import { plural, t } from "../shared/translate.js";
import { QUICK_NAMES } from "./naming.js";

/** @typedef {import("./commands.js").Action} Action */

const RECENT = 9;
const GUESSES = 3;

/** @param {import("./editor.js").Editor} editor @returns {Action[]} */
export function namingActions({ naming, namingStep, vocabulary, names, store, stepTo, say }) {
  const { chosen, propagation } = namingStep;
  const inNames = () => store.state.step === "names" && store.state.selected > 0;
  const group = t("Names");

  /** @param {string} id @param {string} label @param {string[]} keys @param {() => void} run @param {Partial<Action>} [more] @returns {Action} */
  const action = (id, label, keys, run, more = {}) => ({ id: `name.${id}`, label, group, keys, run, step: "names", everywhere: true, enabled: inNames, ...more });
  /** @param {string} id @param {string} label @param {string[]} keys @param {() => void} run @param {Partial<Action>} [more] */
  const edit = (id, label, keys, run, more = {}) => action(id, label, keys, run, { edits: true, keepsMap: true, ...more });

  function chooseNamesakes() {
    const count = namingStep.chooseNamesakes();
    if (count === 0) say(t("This entity has no name yet."));
    else say(plural(count, "{n} entity of this name: the next name goes to it.", "{n} entities of this name: the next name goes to all of them."));
    names().focus();
  }

  const recent = Array.from({ length: RECENT }, (_, i) =>
    edit(`recent.${i + 1}`, t("The name used last (Alt+2 to Alt+9: before)"), [`alt+${i + 1}`], () => naming.withTerm(vocabulary.recent()[i]), {
      unlisted: i > 0,
      enabled: () => inNames() && vocabulary.recent().length > i,
    }),
  );
  const guesses = Array.from({ length: GUESSES }, (_, i) =>
    edit(`guess.${i + 1}`, t("The model's first suggestion (in the empty field also 1, 2, 3)"), [`alt+shift+${i + 1}`], () => void namingStep.takeGuess(i), { unlisted: i > 0 }),
  );
  return [
    ...QUICK_NAMES.map(({ key, name, label }) => edit(name, label, [key], () => void naming.withText(name))),
    edit("other", t("…_other: some other kind of a supercategory"), ["alt+o"], () => names().startOther()),
    ...recent,
    ...guesses,
    edit("propagate", t("Give the name also to the similar entities ticked"), ["shift+enter"], () => void propagation.take(), { enabled: () => propagation.current() !== null }),
    action("propagate.all", t("Tick all similar entities, or none"), ["alt+a"], propagation.toggleAll, { enabled: () => propagation.current() !== null }),
    edit("clear", t("Take the name away"), ["alt+backspace"], () => naming.clear()),
    action("namesakes", t("Choose all entities of this name, to rename them"), ["alt+r"], chooseNamesakes),
    action("all", t("Choose all entities"), ["ctrl+a"], chosen.all, { everywhere: false }),
    { id: "step.masks", label: t("Step Masks"), group: t("Work"), keys: ["f2"], everywhere: true, run: () => stepTo("masks") },
    { id: "step.names", label: t("Step Names"), group: t("Work"), keys: ["f3"], everywhere: true, run: () => stepTo("names") },
  ];
}
