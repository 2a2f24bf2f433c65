/** Where the active entity came from, and what it has cost. */
import { element } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";
import { percentText } from "../format.js";

/** @param {number} ms */
function timeText(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? t("{n} s", { n: seconds }) : t("{m} min {s} s", { m: Math.floor(seconds / 60), s: seconds % 60 });
}

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../drawing.js").Drawing} parts.drawing @param {import("../editor_state.js").EditorStore} parts.store
 */
export function createEntityDetails(host, { drawing, store }) {
  const line = element("p", { class: "entity-details-line" });
  host.append(line);

  function show() {
    const number = store.state.selected;
    const { provenance, score, changedShare, strokes, activeMs, source } = drawing.entities.get(number);
    host.hidden = number === 0 || drawing.map.area[number] === 0;
    if (host.hidden) return;
    const origin =
      provenance === "human"
        ? t("Drawn by a person")
        : source?.number === 0
          ? t("From the model's choices for a click")
          : t("Proposed by the model");
    const changed = changedShare === null ? t("edited since") : t("{share} of its pixels changed", { share: percentText(changedShare, 1) });
    line.textContent = [
      `#${number}`,
      origin,
      score !== null && provenance !== "human" && t("score {score}", { score: score.toFixed(2) }),
      provenance === "edited" && changed,
      plural(strokes, "{n} stroke", "{n} strokes"),
      activeMs > 0 && timeText(activeMs),
    ].filter(Boolean).join(" · ");
  }
  store.watch(["selected"], show);
  drawing.onChange(() => setTimeout(show));
  show();
}
