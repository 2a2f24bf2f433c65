/** Proposals in hand: what is under the pointer is marked; Enter or a click takes it, Backspace turns it down. */
import { t } from "../shared/translate.js";
import { numberAt } from "./tools/tool.js";

/**
 * @param {import("./tools/tool.js").Bench} bench @param {import("./proposals.js").Proposals} proposals
 * @returns {import("./tools/tool.js").Tool}
 */
export function createProposalsTool(bench, proposals) {
  const isOpen = (/** @type {number} */ number) => number > 0 && proposals.open().some((proposal) => proposal.number === number);

  /** The proposal at a place that is not decided yet, or 0. @param {import("./tools/tool.js").Point} point */
  function under(point) {
    const map = proposals.map();
    const number = map ? numberAt(map, point) : 0;
    return number === proposals.current() || isOpen(number) ? number : 0;
  }

  function accept() {
    const number = proposals.current();
    if (!isOpen(number)) return;
    const taken = proposals.take([number], bench.mayTake(0), "accept_proposal");
    if (taken === 0) bench.say(t("Nothing changed: what lies inside may not be painted over."));
    proposals.point(0);
  }

  function reject() {
    const number = proposals.current();
    if (isOpen(number)) proposals.reject([number]);
    proposals.point(0);
  }

  return {
    id: "proposals",
    label: t("Proposals"),
    hint: t("Point at a dashed outline: click or Enter accepts it, Alt+click or Backspace rejects it"),
    keys: ["shift+q"],
    icon: "M5 9V6a1 1 0 0 1 1-1h3M15 5h3a1 1 0 0 1 1 1v3M19 15v3a1 1 0 0 1-1 1h-3M9 19H6a1 1 0 0 1-1-1v-3M9 12l2.2 2.2L15.5 10",
    cursor: "pointer",
    edits: true,
    paints: true,
    keepsEnter: true,
    buttons: [{ action: "proposal.accept", label: t("Accept") }, { action: "proposal.reject", label: t("Reject") }],
    enter() {
      proposals.show(true).catch((error) => bench.say(error instanceof Error ? error.message : String(error)));
      if (!proposals.prediction()) bench.say(t("No model has predicted this image yet."));
    },
    leave: () => proposals.point(0),
    move: (point) => proposals.point(under(point)),
    down(point, event) {
      proposals.point(under(point));
      if (event.altKey) reject();
      else accept();
    },
    isBusy: () => proposals.current() > 0,
    cancel: () => proposals.point(0),
    finish: accept,
    stepBack: reject,
  };
}
