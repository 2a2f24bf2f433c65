/** What can be done with the model: its choices for a click, and its proposals. */
import { plural, t } from "../shared/translate.js";

/** @typedef {import("./commands.js").Action} Action */

/** How much of the surroundings is shown around a proposal. */
const ROOM = 1.8;

/** @param {Uint8Array} allow @returns {Uint8Array} */
function onlyUnlabelled(allow = new Uint8Array(65536)) {
  allow[0] = 1;
  return allow;
}

/**
 * What the proposals panel and the keys share.
 * @param {object} parts
 * @param {import("./proposals.js").Proposals} parts.proposals @param {import("./tools/tool.js").Bench} parts.bench
 * @param {import("./numbers.js").Numbers} parts.numbers @param {import("./viewer.js").Viewer} parts.viewer
 */
export function createDeciding({ proposals, bench, numbers, viewer }) {
  return {
    /** @param {number} number */
    accept(number) {
      const taken = proposals.take([number], bench.mayTake(0), "accept_proposal");
      if (taken === 0) bench.say(t("Nothing changed: what lies inside may not be painted over."));
    },
    /** @param {number} number */
    reject: (number) => proposals.reject([number]),
    /** Every one from a score on, into what is unlabelled, as one command. @param {number} least */
    async acceptAll(least) {
      const chosen = proposals.open().filter(({ score }) => score >= least).map(({ number }) => number);
      await numbers.reserve(chosen.length + 1).catch(() => {});
      const taken = proposals.take(chosen, onlyUnlabelled(), "accept_proposals");
      bench.say(
        taken === 0
          ? t("Nothing changed: there are no unlabelled pixels in these proposals.")
          : plural(taken, "{n} proposal accepted; undo takes it back.", "{n} proposals accepted; one undo takes them back."),
      );
    },
    /** @param {number} number */
    fit(number) {
      const box = proposals.map()?.boxOf(number);
      if (box) viewer.fit(box, ROOM);
    },
  };
}

/** @param {import("./editor.js").Editor} editor @returns {Action[]} */
export function modelActions({ tools, currentTool, proposals, deciding, proposalsPanel, store, say }) {
  const ai = /** @type {ReturnType<typeof import("./tools/ai.js").createAi>} */ (tools.find(({ id }) => id === "ai"));
  const isChoosing = () => currentTool() === ai && (ai.isBusy?.() ?? false);
  const hasCurrent = () => proposals.isShown() && proposals.current() > 0;

  function toggle() {
    if (proposals.predictions().length === 0) say(t("No model has predicted this image yet."));
    else proposals.show(!proposals.isShown()).catch((error) => say(error instanceof Error ? error.message : String(error)));
    if (!proposals.isShown() && store.state.tool === "proposals") store.set({ tool: "brush" });
  }
  const group = t("Model");
  return [
    { id: "ai.next", label: t("Next choice for the AI click"), group, keys: ["alt+q"], enabled: isChoosing, run: () => ai.step(1) },
    { id: "ai.previous", label: t("Previous choice for the AI click"), group, keys: ["alt+shift+q"], enabled: isChoosing, run: () => ai.step(-1) },
    { id: "proposal.show", label: t("Show or hide the model's proposals"), group, keys: ["alt+p"], run: toggle },
    { id: "proposal.next", label: t("Next proposal by score"), group, keys: ["alt+n"], enabled: proposals.isShown, run: () => proposalsPanel().step(1) },
    { id: "proposal.previous", label: t("Previous proposal by score"), group, keys: ["alt+shift+n"], enabled: proposals.isShown, run: () => proposalsPanel().step(-1) },
    { id: "proposal.accept", label: t("Accept the marked proposal"), group, keys: ["alt+enter"], edits: true, enabled: hasCurrent, run: () => proposalsPanel().accept() },
    { id: "proposal.reject", label: t("Reject the marked proposal"), group, keys: ["alt+del"], edits: true, enabled: hasCurrent, run: () => proposalsPanel().reject() },
    { id: "proposal.accept_all", label: t("Accept all proposals from the chosen score on"), group, keys: ["alt+shift+enter"], edits: true, enabled: proposals.isShown, run: () => void deciding.acceptAll(proposalsPanel().least()) },
  ];
}
