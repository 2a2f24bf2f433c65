/** Looking at one or two panes: dragging, clicking, and view options that hold for both. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { listenToPointer } from "../annotate/pointer.js";
import { numberAt } from "../annotate/tools/tool.js";

/** @typedef {import("../annotate/editor_state.js").EditorStore} EditorStore */
/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./layout.js").CompareStore} CompareStore */
/** @typedef {import("./pane.js").Pane} Pane */

/** Drag to move, click to select. @param {Desk} desk @param {EditorStore} store @param {(side: "a" | "b", number: number) => void} pick */
export function lookAround(desk, store, pick) {
  listen(desk.left, "a", store, pick);
  desk.onRight((pane) => listen(pane, "b", store, pick));
}

/** @param {Pane} pane @param {"a" | "b"} side @param {EditorStore} store @param {(side: "a" | "b", number: number) => void} pick */
function listen({ viewer, map }, side, store, pick) {
  /** @type {import("../annotate/tools/tool.js").Tool} */
  const hand = { id: "pan", label: "", hint: "", keys: [], icon: "", cursor: "grab", click: (point) => pick(side, numberAt(map, point)) };
  viewer.hud.style.cursor = hand.cursor;
  listenToPointer({
    viewer,
    tool: () => hand,
    isPanning: () => false,
    mayUse: () => true,
    pick: () => {},
    onMove: (point) => store.set({ cursor: point, hover: point && side === "a" ? numberAt(map, point) : 0 }),
    resizeBrush: () => {},
    measure: () => {},
  });
}

/** Show what the store says, now and whenever it changes. @param {Desk} desk @param {EditorStore} store @param {CompareStore} compare */
export function keepInView(desk, store, compare) {
  function refresh() {
    const { fill, outline, selected, hover, solo, gaps, hidden } = store.state;
    for (const pane of [desk.left, desk.right()]) {
      if (!pane) continue;
      const isLeft = pane === desk.left;
      pane.viewer.layer.setHidden(hidden);
      pane.viewer.show({ fill, outline, dim: false, gaps, ...(isLeft ? { selected, hover, solo: solo ? selected : 0 } : {}) });
    }
  }
  store.watch(["fill", "outline", "selected", "hover", "solo", "gaps", "hidden"], refresh);
  compare.watch(["isComparing"], refresh);
  refresh();
}

/**
 * Whose map each pane shows.
 * @param {{detail: Record<string, any>, desk: Desk, compare: CompareStore, readOnly: () => string}} parts
 */
export function showTitles({ detail, desk, compare }) {
  const leftTitle = element("button", { type: "button", class: "pane-title", title: t("My map or the annotator's, on the left"), onclick: () => compare.set({ left: desk.isMine() ? "theirs" : "mine" }) });
  const rightTitle = element("p", { class: "pane-title" });
  const stage = desk.left.host.parentElement;
  desk.left.host.append(leftTitle);
  stage?.querySelector(".pane-right")?.append(rightTitle);
  let right = "";

  function refresh() {
    const revision = desk.a()?.revision;
    const theirs = [detail.author.name, revision && t("revision {n}", { n: revision })].filter(Boolean).join(", ");
    leftTitle.textContent = desk.isMine() ? t("My map") : compare.state.isComparing ? `A · ${theirs}` : theirs;
    leftTitle.classList.toggle("mine", desk.isMine());
    leftTitle.disabled = desk.own() === null;
    rightTitle.textContent = `B · ${right}`;
    leftTitle.hidden = !compare.state.isComparing && desk.own() === null;
  }
  compare.watch(["isComparing", "left"], refresh);
  refresh();
  return {
    refresh,
    /** @param {string} title */
    setRight(title) {
      right = title;
      refresh();
    },
  };
}
