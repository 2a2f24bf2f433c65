/** One training run: how far it is, what it learned from, its curves, the verdict, and where it does worst. */
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { rollBack } from "../models/version_actions.js";
import { duration } from "../dashboard/durations.js";
import { failedState } from "../shell/empty.js";
import { moment, percent } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, latest, pageData, query } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { createCurves } from "./curves.js";
import { runFacts, runSettings } from "./run_facts.js";
import { isOpen, runBadge, stepLine } from "./run_state.js";
import { cancelButton, progressBar, runName, took } from "./runs_list.js";
import { verdict } from "./verdict.js";
import { worstImages } from "./worst_images.js";

/** @typedef {import("./runs_list.js").RunRow} RunRow */

const POLL_MS = 2500;
const { project, run: id, user, canCurate, canAdminister } = pageData();
const head = find("#run-head");
const body = find("#run-body");
const after = find("#run-after");
const curves = createCurves(find("#curves"));
let rowsShown = 0;
let timer = 0;

const load = latest((signal) => Promise.all([api.get(`training-runs/${id}`, { signal }), api.get(`training-runs/${id}/metrics`, { signal })]));

async function refresh() {
  clearTimeout(timer);
  try {
    const answers = await load();
    if (!answers) return;
    const [run, metrics] = answers;
    show(run, metrics.rows);
    if (isOpen(run)) again();
    else await showAfter(run);
  } catch (problem) {
    body.replaceChildren(failedState(problem, refresh));
  }
  find("#run").setAttribute("aria-busy", "false");
}

function again() {
  timer = window.setTimeout(() => (document.hidden ? again() : refresh()), POLL_MS);
}

/** @param {RunRow} run @param {import("./curves.js").MetricRow[]} rows */
function show(run, rows) {
  refill(head, header(run));
  refill(body, ...(isOpen(run) ? [underWay(run, rows.at(-1))] : []), ...(run.state === "failed" ? [failure(run)] : []), ...(run.images ? [runFacts(run)] : []));
  refill(find("#run-settings"), section("settings", t("How it was trained"), runSettings(run)));
  find("#curves-section").hidden = rows.length === 0;
  if (rows.length === rowsShown) return;
  rowsShown = rows.length;
  curves.show(rows);
}

/** @param {RunRow} run */
function header(run) {
  const about = [
    run.created_by ? t("asked for by {name}", { name: run.created_by }) : t("started by itself"),
    t("Begun {date}", { date: moment(run.created_at) }),
    run.finished_at && t("took {time}", { time: took(run) }),
  ];
  return element(
    "header",
    { class: "run-title" },
    element("div", {}, element("h2", {}, runName(run), runBadge(run.state)), element("p", { class: "soft small" }, about.filter(Boolean).join(" · "))),
    isOpen(run) && (canCurate || run.created_by === user) && element("div", { class: "actions" }, cancelButton(run, refresh)),
  );
}

/** @param {RunRow} run @param {import("./curves.js").MetricRow | undefined} last row of its log */
const underWay = (run, last) =>
  element(
    "div",
    { class: "card padded run-progress" },
    stepLine(run.state),
    progressBar(run),
    element("p", { class: "soft small number" }, [percent(run.request?.progress ?? 0, 0), run.request?.state === "queued" && t("Waiting for a worker"), run.state === "training" && last && stepText(run, last)].filter(Boolean).join(" · ")),
  );

/** @param {RunRow} run @param {import("./curves.js").MetricRow} last */
function stepText(run, { step, seconds_per_step: seconds }) {
  const steps = Number(run.config.steps) || 0;
  if (steps <= step) return t("Step {n}", { n: step });
  const left = seconds ? ` · ${t("about {time} of training left", { time: duration((steps - step) * seconds * 1000) })}` : "";
  return t("Step {n} of {total}", { n: step, total: steps }) + left;
}

/** @param {RunRow} run */
const failure = (run) =>
  element("div", { class: "notice bad", role: "alert" }, spriteIcon("warning"), element("p", {}, run.reason || run.request?.error || t("The training ended without a result.")));

/** Verdict and worst images: what is known when it is over. @param {RunRow} run */
async function showAfter(run) {
  const isJudged = run.state === "promoted" || run.state === "kept";
  const { results: versions } = canAdminister && run.state === "promoted" ? await api.get(`model-versions${query({ project, stage: "champion" })}`) : { results: [] };
  const isStillChampion = versions.some((/** @type {import("../models/version.js").VersionRow} */ version) => version.id === run.candidate?.id);
  const worst = isJudged ? await api.get(`training-runs/${id}/worst`) : [];
  const pieces = [
    isJudged && verdict(run, isStillChampion ? () => rollBack(project).then(refresh) : null),
    worst.length > 0 && section("worst", t("Worst images"), element("p", { class: "soft" }, t("Of the images both were judged by, each scored alone. Press a picture to compare all three.")), ...worstImages(id, worst)),
  ];
  after.replaceChildren(...pieces.filter((piece) => piece !== false));
}

/** @param {string} name @param {string} title @param {...Node} children */
const section = (name, title, ...children) => element("section", { class: "section", "aria-labelledby": `${name}-name` }, element("h2", { id: `${name}-name` }, title), ...children);

refresh();
