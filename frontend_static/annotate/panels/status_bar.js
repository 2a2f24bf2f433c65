/** The line at the foot: size, position, zoom, what is under the cursor. */
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../../segmentation/label_map.js").LabelMap} parts.map
 * @param {import("../entities.js").Entities} parts.entities
 * @param {import("../viewer.js").Viewer} parts.viewer
 * @param {import("../editor_state.js").EditorStore} parts.store
 */
export function createStatusBar(host, { map, entities, viewer, store }) {
  const [position, zoom, under, active] = Array.from({ length: 4 }, () => element("span", { class: "status-item" }));
  host.append(
    element("span", { class: "status-item" }, `${map.width} × ${map.height}`),
    position,
    zoom,
    under,
    active,
    element("span", { class: "spacer" }),
    element("span", { class: "status-item", data: { tip: t("Keys"), keys: "work.help" } }, t("F1 keys")),
  );

  /** @param {number} number */
  const nameOf = (number) => (number === 0 ? t("unlabelled") : `#${number} ${entities.get(number).name || t("unnamed")}`);

  function show() {
    const { cursor, hover, selected } = store.state;
    position.textContent = cursor ? `${Math.round(cursor[0])}, ${Math.round(cursor[1])}` : "–";
    zoom.textContent = `${(viewer.scale() * 100).toFixed(viewer.scale() < 0.1 ? 1 : 0)} %`;
    under.textContent = cursor ? t("under cursor: {entity}", { entity: nameOf(hover) }) : "";
    active.textContent = selected ? t("active: {entity}", { entity: nameOf(selected) }) : t("no active entity");
  }
  store.watch(["cursor", "hover", "selected"], show);
  viewer.onMoved(show);
  entities.onChange(show);
  show();
}
