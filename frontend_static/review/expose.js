/** window.tessera of the review page: what tests may look at. Nothing in it changes anything. */
import { mapSha256 } from "../segmentation/digest.js";

/** @param {import("../segmentation/label_map.js").LabelMap} map */
const hashOf = (map) => mapSha256(map.width, map.height, [...map.tiles]);

/**
 * @param {object} parts
 * @param {import("./desk.js").Desk} parts.desk
 * @param {import("../annotate/editor_state.js").EditorStore} parts.store
 * @param {import("./layout.js").CompareStore} parts.compare
 * @param {() => number} parts.revision
 * @param {{all: () => import("../segmentation/disagreements.js").Disagreement[], current: () => import("../segmentation/disagreements.js").Disagreement | undefined}} parts.list
 * @param {() => import("./decisions.js").Decisions} parts.decisions
 */
export function exposeForTests({ desk, store, compare, revision, list, decisions }) {
  const { left } = desk;
  Object.defineProperty(window, "tessera", {
    value: Object.freeze({
      mapSha256: () => hashOf(left.map),
      otherSha256: () => hashOf(/** @type {import("./pane.js").Pane} */ (desk.right()).map),
      numbers: left.map.numbers,
      area: (/** @type {number} */ number) => left.map.area[number],
      revision,
      clientOf: left.viewer.clientOf,
      views: () => [left.viewer.view(), desk.right()?.viewer.view()],
      state: () => ({ ...store.state, ...compare.state }),
      disagreements: () => list.all().map((item) => ({ ...item, decision: decisions().get(item.key) })),
      current: () => list.current()?.key,
      ownMap: () => desk.own()?.annotation ?? null,
      isSaved: () => desk.own()?.autosave.isClean() ?? true,
      saveStatus: () => desk.own()?.autosave.status() ?? null,
    }),
  });
}
