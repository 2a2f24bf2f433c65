/** One consistency study: how far it is, its protocol, and what came of it. */
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { failedState } from "../shell/empty.js";
import { moment } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, latest, pageData } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { watchRequests } from "../shell/requests.js";
import { protocolCard } from "./protocol.js";
import { showReport } from "./report.js";
import { studyButtons } from "./study_actions.js";
import { studyProgress } from "./study_progress.js";
import { isRunning, sizeText, studyBadge } from "./study_words.js";

/** @typedef {import("./study_words.js").StudyRow} StudyRow */

const POLL_MS = 15_000;
const { project, canAdminister } = pageData();
const id = Number(find("#page").dataset.study);
const [head, progress, report, protocol] = ["#study-head", "#study-progress", "#study-report", "#study-protocol"].map((place) => find(place));
let known = "";
let timer = 0;

const load = latest((signal) => api.get(`studies/${id}`, { signal }));

async function refresh() {
  clearTimeout(timer);
  try {
    /** @type {StudyRow | undefined} */
    const study = await load();
    if (!study) return;
    await show(study);
    if (isRunning(study.state)) again();
  } catch (problem) {
    known = "";
    refill(head, failedState(problem, refresh));
  }
  find("#study").setAttribute("aria-busy", "false");
}

function again() {
  timer = window.setTimeout(() => (document.hidden || document.querySelector("dialog[open]") ? again() : refresh()), POLL_MS);
}

/** Made anew only when something has changed. @param {StudyRow} study */
async function show(study) {
  const told = JSON.stringify(study);
  if (told === known) return;
  known = told;
  refill(head, header(study));
  refill(progress, studyProgress(study));
  refill(protocol, protocolCard(study));
  if (study.report_sha256 && (canAdminister || study.state === "closed")) await showReport(report, study);
  else refill(report, await noReport(study));
}

/** @param {StudyRow} study */
function header(study) {
  const { name, state, created_by: by, created_at: created, opened_at: opened, closed_at: closed } = study;
  const when = [by ? t("Planned {date} by {person}", { date: moment(created), person: by }) : t("Planned {date}", { date: moment(created) }), opened && t("opened {date}", { date: moment(opened) }), closed && t("closed {date}", { date: moment(closed) })];
  return element(
    "header",
    { class: "study-head" },
    element("div", {}, element("h2", {}, name, studyBadge(state)), element("p", {}, sizeText(study)), element("p", { class: "soft small" }, when.filter(Boolean).join(" · "))),
    canAdminister && element("div", { class: "actions" }, ...studyButtons(study, changed)),
  );
}

/** @param {boolean} leaves the page shows nothing any more */
function changed(leaves) {
  if (leaves) location.assign(`/projects/${project}/studies`);
  else {
    requests.look();
    refresh();
  }
}

/** Why there is no report. @param {StudyRow} study */
async function noReport({ state, request }) {
  /** @type {Record<string, string>} */
  const why = {
    planned: t("The study has not begun. An admin of the project opens it."),
    cancelled: t("The study was cancelled; it has no report."),
    closed: request ? t("The report is being worked out; it appears here by itself.") : t("Nobody had drawn anything when the study was closed: there is no report."),
  };
  const last = state === "closed" && request ? await api.get(`requests/${request}`).catch(() => null) : null;
  if (last?.state === "failed" || last?.state === "cancelled") {
    return element("div", { class: "notice bad", role: "alert" }, spriteIcon("warning"), element("p", {}, last.error || t("The report was not worked out. Work it out again.")));
  }
  return element("p", { class: "soft" }, why[state] ?? t("The report is worked out when the study is closed: figures that are seen earlier could guide the work."));
}

const requests = watchRequests(find("#requests"), { project, kinds: ["study"], onChange: (finished) => finished.length && refresh() });
refresh();
