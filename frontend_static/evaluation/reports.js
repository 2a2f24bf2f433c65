/** A project's evaluation reports: the list, asking for one, comparing two, and the files uploaded to be judged. */
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { api, latest, pageData, query } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { refill } from "../shell/refill.js";
import { watchRequests } from "../shell/requests.js";
import { busyWhile, complain, note } from "../shell/toast.js";
import { createCompareBar } from "./compare_bar.js";
import { comparisonList } from "./comparison_list.js";
import { askReport } from "./new_report.js";
import { reportCards } from "./report_cards.js";
import { isOpen } from "./report_row.js";
import { specOf } from "./set_choice.js";
import { createUploads } from "./uploads.js";

/** @typedef {import("./report_row.js").ReportRow} ReportRow */

const PAGE_SIZE = 20;
const POLL_MS = 2000;
const { project, user, canCurate } = pageData();
const host = find("#reports");
let page = 1;
let timer = 0;

const bar = createCompareBar(find("#compare-bar"), project, () => refresh());
const uploads = createUploads(find("#uploads"), { project, canCurate, judge: (upload) => ask({ found: { kind: "upload", upload } }) });
const load = latest((signal) =>
  Promise.all([
    api.get(`evaluation-reports${query({ project, page, page_size: PAGE_SIZE })}`, { signal }),
    api.get(`requests${query({ project, kind: "evaluate", page_size: 50 })}`, { signal }),
    api.get(`evaluation-comparisons${query({ project, page_size: 10 })}`, { signal }),
  ]),
);

function refresh() {
  clearTimeout(timer);
  return fillOrFail(host, refresh, async () => {
    const answers = await load();
    if (answers) show(...answers);
  });
}

/**
 * @param {{count: number, results: ReportRow[]}} answer @param {{results: import("../long_work/long_work.js").RequestRow[]}} requests
 * @param {{results: import("./comparison_list.js").ComparisonRow[]}} comparisons
 */
function show({ count, results }, requests, comparisons) {
  const work = new Map(requests.results.map((row) => [row.id, row]));
  refill(host, results.length ? reportCards(results, { work, mayCompare: canCurate, isTicked: bar.has, tick: bar.tick, mayCancel: (report) => canCurate || report.created_by === user, cancel }) : nothing());
  renderPager(find("#pager"), { count, page, pageSize: PAGE_SIZE, show: turnTo });
  refill(find("#comparisons"), ...comparisonList(comparisons.results));
  if (results.some(isOpen) || comparisons.results.some(isOpen)) again();
}

function again() {
  timer = window.setTimeout(() => (document.hidden ? again() : refresh()), POLL_MS);
}

/** @param {number} target */
function turnTo(target) {
  page = target;
  refresh();
}

function nothing() {
  const begin = canCurate && element("button", { type: "button", class: "button button-primary", onclick: () => ask() }, t("Work out the first report"));
  return emptyState({
    title: t("No reports yet"),
    text: [t("A report measures one set of masks against another that is taken for true: a model against accepted annotations, an annotator, a release, or a file from elsewhere. Figures, curves and the images it goes wrong on are kept, and the same inputs give the same report."), canCurate ? "" : t("A curator of the project can ask for one.")].join(" "),
    actions: [begin],
  });
}

/** @param {Parameters<typeof askReport>[1]} [wanted] */
async function ask(wanted) {
  try {
    if (await askReport(project, wanted)) await refresh();
  } catch (problem) {
    complain(problem);
  }
}

/** @param {ReportRow} report */
async function cancel(report) {
  try {
    await api.post(`requests/${report.request}/cancel`);
    note(t("{title}: called off.", { title: report.name }));
    await refresh();
  } catch (problem) {
    complain(problem);
  }
}

/** Connected when the page works. @param {string} selector @param {() => Promise<unknown> | void} act */
function connect(selector, act) {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector(selector));
  if (!button) return;
  button.disabled = false;
  button.addEventListener("click", () => busyWhile(button, async () => act()));
}

connect("#new-report", () => ask());
connect("#upload", () => uploads.ask());
watchRequests(find("#requests"), { project, kinds: ["predict"], onChange: () => undefined });
refresh();

// Links from elsewhere: a set to be judged, a report to be compared.
const given = new URLSearchParams(location.search);
const [judge, compare] = [given.get("judge"), given.get("compare")];
if (judge || compare) history.replaceState(null, "", location.pathname);
if (judge && canCurate) ask({ found: specOf(judge) });
if (compare && canCurate) api.get(`evaluation-reports/${Number(compare)}`).then((report) => (bar.tick(report, true), refresh())).catch(complain);
