/** What can be done on the review page, with its keys: the editor's, as far as they only look, and those of comparing. */
import { t } from "../shared/translate.js";
import { showHelp } from "../annotate/panels/help.js";
import { openSettings } from "../shell/settings.js";
import { viewActions } from "../annotate/view_actions.js";
import { walkActions } from "../annotate/walk_actions.js";
import { modes } from "./layout.js";

/** @typedef {import("../annotate/commands.js").Action} Action */

/** Keys that mean something else here: J walks the disagreements and 1 decides for A. @type {Record<string, string[]>} */
const OTHER_KEYS = { "gap.next": ["g"], "gap.previous": ["shift+g"], "view.actual": ["shift+0"] };

/** @returns {[string, string][]} */
const pointer = () => [[t("Drag"), t("Move the view")], [t("Wheel"), t("Zoom at the cursor")], [t("Click"), t("Select the entity")]];

/** @param {Action} action @returns {Action} */
const withOtherKeys = (action) => (OTHER_KEYS[action.id] ? { ...action, id: `review.${action.id}`, keys: OTHER_KEYS[action.id] } : action);

/**
 * @param {Omit<Parameters<typeof walkActions>[0], never> & {
 *   compare: import("./layout.js").CompareStore, walk: (direction: 1 | -1) => void, layout: {nudge: (direction: 1 | -1) => void},
 *   desk: import("./desk.js").Desk, actions: () => import("../annotate/commands.js").Actions, history: () => {step: (direction: 1 | -1) => void},
 * }} parts
 * @returns {Action[]}
 */
export function reviewActions({ compare, walk, layout, desk, actions, history, ...looking }) {
  const isComparing = () => compare.state.isComparing;
  const isCurtain = () => isComparing() && compare.state.mode === "curtain";
  const group = t("Compare");
  return [
    { id: "revision.older", label: t("Older revision"), group: t("Review"), keys: ["pagedown"], run: () => history().step(1) },
    { id: "revision.newer", label: t("Newer revision"), group: t("Review"), keys: ["pageup"], run: () => history().step(-1) },
    { id: "work.help", label: t("All keys"), group: t("Review"), keys: ["f1"], everywhere: true, run: () => void showHelp(actions(), pointer()) },
    { id: "work.settings", label: t("Settings and keys"), group: t("Review"), keys: ["shift+f1"], everywhere: true, run: () => void openSettings("keys") },
    { id: "disagreement.next", label: t("Next disagreement"), group, keys: ["j"], run: () => walk(1) },
    { id: "disagreement.previous", label: t("Previous disagreement"), group, keys: ["k"], run: () => walk(-1) },
    ...modes().map(({ id, label, keys }) => ({ id: `compare.${id}`, label, group, keys, enabled: isComparing, run: () => compare.set({ mode: id }) })),
    { id: "compare.swap", label: t("Show the other map (blinking: hold Tab)"), group, keys: ["x"], enabled: isComparing, run: () => compare.set({ isSwapped: !compare.state.isSwapped }) },
    { id: "compare.hatch", label: t("Hatch differences"), group, keys: ["w"], enabled: isComparing, run: () => compare.set({ hatch: !compare.state.hatch }) },
    { id: "compare.mine", label: t("My map or the annotator's, on the left"), group, keys: ["m"], enabled: () => desk.own() !== null, run: () => compare.set({ left: desk.isMine() ? "theirs" : "mine" }) },
    { id: "curtain.left", label: t("Curtain to the left"), group, keys: ["left"], enabled: isCurtain, run: () => layout.nudge(-1) },
    { id: "curtain.right", label: t("Curtain to the right"), group, keys: ["right"], enabled: isCurtain, run: () => layout.nudge(1) },
    ...walkActions(looking).map(withOtherKeys),
    ...viewActions(looking).map(withOtherKeys),
  ];
}
