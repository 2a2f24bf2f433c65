/** A project's models: the champion, what the nights do, the training runs and all versions. */
import { editProject } from "../projects/edit_project.js";
import { askPredict } from "../images/predict.js";
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { emptyState, failedState } from "../shell/empty.js";
import { api, latest, pageData, query } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { refill } from "../shell/refill.js";
import { watchRequests } from "../shell/requests.js";
import { busyWhile, complain } from "../shell/toast.js";
import { knownFigures } from "../training/figures.js";
import { nightlyCard } from "../training/nightly.js";
import { isOpen } from "../training/run_state.js";
import { runsList } from "../training/runs_list.js";
import { askTrain } from "../training/train_now.js";
import { championCard, noChampion } from "./champion.js";
import { askImport } from "./import_version.js";
import { championOf } from "./usable_versions.js";
import { askPromote, askRetire, rollBack } from "./version_actions.js";
import { versionList } from "./version_list.js";

/** @typedef {import("./version.js").VersionRow} VersionRow */
/** @typedef {import("../training/runs_list.js").RunRow} RunRow */

const RUNS_SHOWN = 10;
const VERSIONS_SHOWN = 20;
const POLL_MS = 2500;
const { project, user, canCurate, canAdminister } = pageData();
const host = find("#models");
const view = { runs: 1, versions: 1 };
/** @type {ReturnType<typeof createParts> | null} */
let parts = null;
let timer = 0;

/** @param {AbortSignal} [signal] */
const loadRuns = (signal) => api.get(`training-runs${query({ project, page: view.runs, page_size: RUNS_SHOWN })}`, { signal });

const load = latest((signal) =>
  Promise.all([
    championOf(project, signal),
    api.get(`model-versions${query({ project, page: view.versions, page_size: VERSIONS_SHOWN })}`, { signal }),
    loadRuns(signal),
    api.get(`training-runs/outlook${query({ project })}`, { signal }),
  ]),
);

async function refresh() {
  clearTimeout(timer);
  try {
    const answers = await load();
    if (!answers) return;
    show(...answers);
  } catch (problem) {
    parts = null;
    host.replaceChildren(failedState(problem, refresh));
  }
  host.setAttribute("aria-busy", "false");
}

/**
 * @param {VersionRow | null} champion @param {{count: number, results: VersionRow[]}} versions
 * @param {{count: number, results: RunRow[]}} runs @param {import("../training/nightly.js").Outlook} outlook
 */
function show(champion, versions, runs, outlook) {
  const others = versions.results.filter(({ id }) => id !== champion?.id);
  const inFront = champion && withFigures(champion, runs.results);
  parts ??= createParts();
  parts.champion([inFront, outlook.champion], () => (inFront ? championCard(project, inFront, outlook.champion, championActions()) : noChampion(canAdminister ? importOne : null)));
  parts.nightly(outlook, () => nightlyCard(outlook, canAdminister ? () => editProject(project).catch(complain) : null));
  parts.runs(runs, () => (runs.results.length ? runsList(project, runs.results, { mayCancel, changed: refresh }) : noRuns(champion)));
  parts.versions([others, champion], () => (others.length ? versionList(project, others, actionsBeside(champion), busyWhile) : noVersions(champion)));
  renderPager(find("#runs-pager"), { count: runs.count, page: view.runs, pageSize: RUNS_SHOWN, show: turn("runs") });
  renderPager(find("#versions-pager"), { count: versions.count, page: view.versions, pageSize: VERSIONS_SHOWN, show: turn("versions") });
  connectHeader(runs.results.some(isOpen));
  if (runs.results.some(isOpen)) again();
}

/** The four parts of the page; each is made anew only when what it shows has changed, so that what somebody opened stays open. */
function createParts() {
  const [champion, nightly, runs, versions] = Array.from({ length: 4 }, () => element("div", {}));
  host.replaceChildren(
    champion,
    nightly,
    section("runs", t("Training runs"), runs, pagerHost("runs", t("Pages of training runs"))),
    section("versions", t("Other versions"), versions, pagerHost("versions", t("Pages of versions"))),
  );
  return { champion: shownOnChange(champion), nightly: shownOnChange(nightly), runs: shownOnChange(runs), versions: shownOnChange(versions) };
}

/** @param {string} of @param {string} label */
const pagerHost = (of, label) => element("nav", { id: `${of}-pager`, "aria-label": label });

/** @param {HTMLElement} place */
function shownOnChange(place) {
  let known = "";
  return (/** @type {unknown} */ content, /** @type {() => Node} */ make) => {
    const told = JSON.stringify(content);
    if (told === known) return;
    known = told;
    refill(place, make());
  };
}

/** A shared version has no figures of its own: the last run here that judged it knows some. @param {VersionRow} version @param {RunRow[]} runs */
function withFigures(version, runs) {
  const run = runs.find((row) => row.champion?.id === version.id && row.figures.champion);
  return knownFigures(version.figures).length || !run ? version : { ...version, figures: run.figures.champion ?? {} };
}

function again() {
  timer = window.setTimeout(() => (document.hidden || document.querySelector("dialog[open]") ? again() : followRuns()), POLL_MS);
}

/** While a training goes on only the runs are asked for; when it ends, everything. */
async function followRuns() {
  const runs = await loadRuns().catch(() => null); // the next look tries again
  if (runs && !runs.results.some(isOpen)) return refresh();
  if (runs) parts?.runs(runs, () => runsList(project, runs.results, { mayCancel, changed: refresh }));
  again();
}

/** @param {string} id @param {string} title @param {...Node} children */
const section = (id, title, ...children) => element("section", { class: "section", "aria-labelledby": `${id}-name` }, element("h2", { id: `${id}-name` }, title), ...children);

const championActions = () => ({
  predict: canCurate ? () => askPredict({ project }).then(afterwards) : null,
  rollBack: canAdminister ? () => rollBack(project).then(refresh) : null,
});

/** @param {VersionRow | null} champion @returns {import("./version_list.js").Action[]} */
const actionsBeside = (champion) => [
  { label: t("Make champion"), when: () => canAdminister, act: (version) => askPromote(project, version, champion).then(afterwards) },
  { label: t("Pre-annotate"), when: ({ stage }) => canCurate && stage !== "retired", act: ({ id }) => askPredict({ project, version: id }).then(afterwards) },
  { label: t("Evaluate"), when: ({ stage }) => canCurate && stage !== "retired", act: ({ id }) => evaluate(id) },
  { label: t("Retire"), when: (version) => canAdminister && version.project === project && version.stage === "candidate", act: (version) => askRetire(project, version).then(afterwards) },
];

/** The dialog of a new report stands on the page of the reports. @param {number} version */
async function evaluate(version) {
  location.assign(`/projects/${project}/evaluation${query({ judge: `model:${version}` })}`);
}

/** @param {boolean} changed */
const afterwards = (changed) => {
  if (changed) refresh();
  if (changed) watch.look();
};

/** @param {RunRow} run */
const mayCancel = (run) => canCurate || run.created_by === user;

const importOne = () => askImport(project).then(afterwards).catch(complain);

/** @param {VersionRow | null} champion */
function noRuns(champion) {
  const text = t("Accept annotations: when enough are new, the next night trains the champion on them, evaluates both on images it has not seen and keeps the better one. Everything about it will be here.");
  return emptyState({ title: t("No training yet"), text: champion && canAdminister ? `${text} ${t("You can also train now.")}` : text, picture: false });
}

/** @param {VersionRow | null} champion */
function noVersions(champion) {
  const text = champion ? t("Trained and imported versions appear here, each as a candidate until it becomes champion.") : t("Imported versions appear here.");
  return emptyState({ title: t("No other versions"), text, picture: false });
}

/** @param {boolean} isTraining */
function connectHeader(isTraining) {
  const train = /** @type {HTMLButtonElement | null} */ (document.querySelector("#train"));
  if (!train || train.getAttribute("aria-busy") === "true") return;
  train.disabled = isTraining;
  train.title = isTraining ? t("A training is under way; one at a time.") : "";
  train.onclick = () => busyWhile(train, () => askTrain(project).then(afterwards));
}

/** @param {"runs" | "versions"} list */
const turn = (list) => (/** @type {number} */ page) => {
  view[list] = page;
  refresh();
};

const watch = watchRequests(find("#requests"), { project, kinds: ["import", "predict"], onChange: (finished) => finished.length && refresh() });
document.querySelector("#import")?.addEventListener("click", importOne);
refresh();
