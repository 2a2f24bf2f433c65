/** How far the project is; each state is also a filter of the grid. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { percent, whole } from "../shell/formats.js";
import { refill } from "../shell/refill.js";
import { mosaicBar, totalOf, WORK_STATES } from "../shell/work_states.js";

/**
 * @param {HTMLElement} host
 * @param {{counts: Record<string, number>, chosen: string, choose: (state: string) => void}} options
 */
export function renderProgress(host, { counts, chosen, choose }) {
  const total = totalOf(counts);
  const accepted = counts.accepted ?? 0;
  host.hidden = total === 0;
  if (host.hidden) return;
  const chips = [{ state: "", label: t("All"), count: total }, ...WORK_STATES.map((entry) => ({ ...entry, count: counts[entry.state] ?? 0 }))];
  refill(
    host,
    element(
      "p",
      { class: "progress-line number" },
      element("strong", {}, percent(accepted / total, 0)),
      element("span", { class: "soft" }, plural(total, "{accepted} of {n} image accepted", "{accepted} of {n} images accepted", { accepted })),
    ),
    mosaicBar(counts),
    element(
      "div",
      { class: "filter-chips", role: "group", "aria-label": t("Show images") },
      ...chips
        .filter(({ state, count }) => count || !state || state === chosen)
        .map(({ state, label, count }) =>
          element(
            "button",
            { type: "button", class: "chip", "aria-pressed": state === chosen ? "true" : "false", data: { key: label }, onclick: () => choose(state) },
            state && element("i", { class: `tone-${state}`, "aria-hidden": "true" }),
            label,
            element("span", { class: "count" }, whole(count)),
          ),
        ),
    ),
  );
}
