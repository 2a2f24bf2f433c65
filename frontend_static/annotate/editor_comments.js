/** Comments in the editor: folded away until there is one to answer; the place the address names is flown to. */
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { createComments } from "./comments.js";

/** Room around the place that the review page sent somebody to. */
const ROOM = 2;

/** @param {import("./editor.js").Editor} editor @param {HTMLElement} host */
export function createEditorComments({ api, detail, drawing, store, viewer, actions, select, say }, host) {
  const count = element("span", { class: "count" });
  const panel = element("div", { class: "comments" });
  const fold = element("details", { class: "comments-fold" }, element("summary", {}, t("Comments"), " ", count), panel);
  host.append(fold);
  const comments = createComments(panel, {
    api, viewer, say, select,
    // A reviewer's own map is about the annotation that it corrects: so are the comments.
    annotation: detail.original?.id ?? detail.id,
    stage: find("#stage"),
    map: drawing.map,
    nameOf: (number) => drawing.entities.get(number).name,
    selected: () => store.state.selected,
    reveal: () => (fold.open = true),
  });
  actions.add(...comments.actions());
  comments.onChange(() => {
    const open = comments.openRows().length;
    count.textContent = open > 0 ? String(open) : "";
  });
  fold.open = detail.state === "returned" && detail.open_comments > 0;
  comments.load().catch((error) => say(error instanceof Error ? error.message : String(error)));
  return comments;
}

/** Look where the address says: ?at=x0,y0,x1,y1 in image pixels and ?entity=number. @param {import("./editor.js").Editor} editor */
export function goWhereAsked({ viewer, select, drawing }) {
  const asked = new URLSearchParams(location.search);
  const box = (asked.get("at") ?? "").split(",").map(Number);
  const number = Number(asked.get("entity") ?? 0);
  if (number > 0 && drawing.map.area[number] > 0) select(number);
  if (box.length === 4 && box.every((value) => Number.isInteger(value) && value >= 0)) {
    viewer.fit(/** @type {import("../segmentation/label_map.js").Box} */ (box), ROOM, true);
  }
}
