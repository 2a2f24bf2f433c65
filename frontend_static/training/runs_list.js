/** A project's training runs: how far the current one is, what became of the others. */
import { askChoice } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { duration } from "../dashboard/durations.js";
import { ago, percent } from "../shell/formats.js";
import { api } from "../shell/page.js";
import { note } from "../shell/toast.js";
import { points, signed } from "./figures.js";
import { isOpen, runBadge } from "./run_state.js";

/** @typedef {import("./figures.js").Figures} Figures */
/** @typedef {import("../long_work/long_work.js").RequestRow} RequestRow */
/**
 * @typedef {object} RunRow
 * @property {number} id
 * @property {number} project
 * @property {"nightly" | "manual"} kind
 * @property {string} state
 * @property {string} reason
 * @property {RequestRow | null} request
 * @property {{id: number, name: string}} started_from
 * @property {{id: number, name: string} | null} champion  what the candidate is judged beside
 * @property {{id: number, name: string, stage?: string} | null} candidate
 * @property {{id: number, name: string} | null} release
 * @property {number} images
 * @property {number} masks
 * @property {number} left_out  images that an open study held back
 * @property {number} judged_images
 * @property {string} examples_sha256
 * @property {number} seed
 * @property {Record<string, any>} config
 * @property {Record<string, any>} outcome
 * @property {{champion?: Figures, candidate?: Figures, difference?: number, interval?: [number, number], probability?: number, images?: number, resamples?: number}} figures
 * @property {string | null} created_by
 * @property {string} created_at
 * @property {string | null} finished_at
 */

/** @param {RunRow} run */
export const runName = (run) => (run.kind === "nightly" ? t("Nightly run {n}", { n: `#${run.id}` }) : t("Run {n}", { n: `#${run.id}` }));

/** @param {number} project @param {RunRow} run */
export const runAddress = (project, run) => `/projects/${project}/training-runs/${run.id}`;

/** @param {RunRow} run */
export const took = (run) => duration(Math.max(0, Date.parse(run.finished_at ?? "") - Date.parse(run.created_at)));

/** @param {number} project @param {RunRow[]} runs @param {{mayCancel: (run: RunRow) => boolean, changed: () => void}} options */
export const runsList = (project, runs, options) => element("ul", { class: "run-list" }, ...runs.map((run) => line(project, run, options)));

/** @param {number} project @param {RunRow} run @param {{mayCancel: (run: RunRow) => boolean, changed: () => void}} options */
function line(project, run, { mayCancel, changed }) {
  const about = [
    run.created_by ? t("asked for by {name}", { name: run.created_by }) : t("started by itself"),
    ago(run.created_at),
    run.finished_at && t("took {time}", { time: took(run) }),
    run.images > 0 && plural(run.images, "{n} image", "{n} images"),
    run.masks > 0 && plural(run.masks, "{n} mask", "{n} masks"),
  ];
  return element(
    "li",
    { class: "card run-row" },
    element(
      "div",
      { class: "run-head" },
      element("h3", {}, element("a", { href: runAddress(project, run) }, runName(run))),
      runBadge(run.state),
      element("span", { class: "grow soft small number" }, isOpen(run) ? run.request?.message : outcomeOf(run)),
      isOpen(run) && mayCancel(run) && cancelButton(run, changed),
    ),
    isOpen(run) && progressBar(run),
    !isOpen(run) && run.state !== "cancelled" && run.reason && element("p", { class: run.state === "failed" ? "run-error" : "small" }, run.reason),
    element("p", { class: "soft small" }, about.filter(Boolean).join(" · ")),
  );
}

/** "APᵉ 38.1 → 40.6 (+2.5)". @param {RunRow} run */
function outcomeOf({ figures: { champion, candidate, difference } }) {
  if (!champion || !candidate) return "";
  const change = typeof difference === "number" ? ` (${signed(difference)})` : "";
  return t("APᵉ {before} → {after}", { before: points(champion.AP), after: points(candidate.AP) }) + change;
}

/** @param {RunRow} run */
export function progressBar(run) {
  const share = run.request?.progress ?? 0;
  return element("progress", { max: 1, value: share, "aria-label": t("{title}: {share}", { title: runName(run), share: percent(share, 0) }) });
}

/** @param {RunRow} run @param {() => void} changed */
export const cancelButton = (run, changed) =>
  element("button", { type: "button", class: "button button-small above", data: { key: `cancel-${run.id}` }, onclick: () => cancel(run, changed) }, t("Cancel"));

/** @param {RunRow} run @param {() => void} changed */
async function cancel(run, changed) {
  const answer = await askChoice({
    title: t("Call this training off?"),
    body: [element("p", {}, t("What it has learned so far is not used. The champion stays."))],
    choices: [{ label: t("Go on"), value: "" }, { label: t("Call off"), value: "cancel", kind: "danger" }],
  });
  if (answer !== "cancel") return;
  await api.post(`requests/${run.request?.id}/cancel`);
  note(t("{title}: called off.", { title: runName(run) }));
  changed();
}
