/** One evaluation report: how far it is; then its figures, curves, tables by size, term and source, images, and how to do it again. */
import { askChoice } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { fillOrFail } from "../shell/empty.js";
import { moment, percent } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, latest, pageData } from "../shell/page.js";
import { busyWhile } from "../shell/toast.js";
import { breakdowns } from "./breakdowns.js";
import { headline } from "./headline.js";
import { countedProblems, problemList } from "./left_out.js";
import { reportDownloads } from "./downloads.js";
import { reportImages } from "./report_images.js";
import { reportPlots } from "./report_plots.js";
import { isOpen, whatOf, whichImages, workBadge } from "./report_row.js";
import { reproduce } from "./reproduce.js";
import { section } from "./section.js";
import { figureTables } from "./tables.js";

/** @typedef {import("./report_row.js").ReportRow & {figures: import("./figures.js").ReportFigures, names: import("./figures.js").Names}} Report */

const POLL_MS = 2000;
const { project, report: id, user, canCurate } = pageData();
const host = find("#report");
let timer = 0;

const load = latest((signal) => api.get(`evaluation-reports/${id}`, { signal }));

function refresh() {
  clearTimeout(timer);
  return fillOrFail(host, refresh, async () => {
    /** @type {Report | undefined} */
    const report = await load();
    if (report) await show(report);
  });
}

function again() {
  timer = window.setTimeout(() => (document.hidden ? again() : refresh()), POLL_MS);
}

/** @param {Report} report */
async function show(report) {
  if (isOpen(report)) {
    const work = report.request ? await api.get(`requests/${report.request}`) : null;
    host.replaceChildren(head(report), underWay(report, work));
    again();
    return;
  }
  const rest = report.state === "succeeded" ? content(report) : [failure(report), section("reproduce", t("What was asked for"), reproduce(report))];
  host.replaceChildren(head(report), ...rest);
}

/** @param {Report} report */
function head(report) {
  const about = [report.created_by && t("asked for by {name}", { name: report.created_by }), moment(report.finished_at ?? report.created_at)];
  const remove = element("button", { type: "button", class: "button button-quiet" }, spriteIcon("trash"), t("Delete"));
  remove.addEventListener("click", () => busyWhile(remove, () => askDelete(report)));
  return element(
    "header",
    { class: "report-head" },
    element(
      "div",
      {},
      element("h2", {}, report.name, workBadge(report.state)),
      element("p", {}, [whatOf(report), whichImages(report)].filter(Boolean).join(" · ")),
      element("p", { class: "soft small" }, about.filter(Boolean).join(" · ")),
    ),
    element("div", { class: "actions" }, ...(report.state === "succeeded" ? [canCurate && element("a", { class: "button", href: `/projects/${project}/evaluation?compare=${id}` }, t("Compare")), reportDownloads(id)] : []), canCurate && !isOpen(report) && remove),
  );
}

/** @param {Report} report */
async function askDelete(report) {
  const answer = await askChoice({
    title: t("Delete this report?"),
    body: [element("p", {}, t("Its figures and pictures go. The annotations and predictions it compared stay; the same report can be made again."))],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Delete"), value: "delete", kind: "danger" }],
  });
  if (answer !== "delete") return;
  await api.remove(`evaluation-reports/${report.id}`);
  location.assign(`/projects/${project}/evaluation`);
}

/** @param {Report} report @param {import("../long_work/long_work.js").RequestRow | null} work */
function underWay(report, work) {
  const mayCancel = work && (canCurate || report.created_by === user);
  const cancel = element("button", { type: "button", class: "button button-small" }, t("Cancel"));
  cancel.addEventListener("click", () => busyWhile(cancel, () => api.post(`requests/${work?.id}/cancel`).then(refresh)));
  return element(
    "div",
    { class: "card padded report-progress" },
    element("div", { class: "request-line" }, element("strong", {}, t("The figures are being worked out")), element("span", { class: "soft small number" }, progressText(work)), mayCancel && cancel),
    element("progress", { max: 1, value: work?.progress ?? 0, "aria-label": t("Progress of the report") }),
    element("p", { class: "soft small" }, t("You can leave this page: the work goes on, and the report will be here.")),
  );
}

/** @param {import("../long_work/long_work.js").RequestRow | null} work */
const progressText = (work) => (!work || work.state === "queued" ? t("Waiting for a worker") : [percent(work.progress, 0), work.message].filter(Boolean).join(" · "));

/** @param {Report} report */
function failure(report) {
  if (report.state === "cancelled") return element("div", { class: "notice warn" }, spriteIcon("warning"), element("p", {}, t("This report was called off before it was ready.")));
  return element("div", { class: "notice bad", role: "alert" }, spriteIcon("warning"), element("p", {}, report.error || t("The report could not be worked out.")));
}

/** @param {Report} report */
function content(report) {
  const { figures, names } = report;
  /** @param {number} term */
  const nameOf = (term) => names[term]?.name ?? (term ? `#${term}` : t("without a name"));
  const parts = [
    section("figures", t("Figures"), flattered(report), headline(figures), element("p", { class: "soft small table-note" }, amounts(figures)), ...figureTables(figures)),
    (figures.curves || figures.calibration) && section("curves", t("Curves"), reportPlots(id, figures)),
    ...breakdowns(report, nameOf),
    section("images", t("Images"), element("p", { class: "soft" }, t("Each scored alone. Press a picture to look at all three large, side by side or blinking.")), reportImages(id, { hasBoundary: figures.boundary !== null, nameOf })),
    section("left-out", t("What was left out"), leftOut([...report.left_out, ...countedProblems(figures.counts)])),
    section("reproduce", t("How to come to the same figures"), reproduce(report)),
  ].filter((part) => part instanceof HTMLElement);
  return [contents(parts), ...parts];
}

/** Said before any figure, since it makes them too good. @param {Report} report */
function flattered({ left_out, images }) {
  const begun = left_out.find(({ kind }) => kind === "begun_from_found");
  if (!begun) return null;
  return element(
    "div",
    { class: "notice warn" },
    spriteIcon("warning"),
    element("p", {}, t("On {begun} of {images} images what is true began as this model's own proposals. Its figures are better for that; another model's are not.", { begun: begun.count, images })),
  );
}

/** @param {import("./report_row.js").Problem[]} problems */
const leftOut = (problems) => (problems.length ? problemList(problems) : element("p", { class: "soft" }, t("Nothing: every image and every mask of both sides was measured.")));

/** @param {import("./figures.js").ReportFigures} figures */
const amounts = (figures) =>
  t("{images}, {true}, {found}. Figures are shares of 100; intervals hold 95 % of the resamples of images.", {
    images: plural(figures.images, "{n} image", "{n} images"),
    true: plural(figures.true_entities, "{n} true entity", "{n} true entities"),
    found: plural(figures.found_entities, "{n} found", "{n} found"),
  });

/** Links to the parts of the page. @param {HTMLElement[]} parts */
const contents = (parts) =>
  element("nav", { class: "report-contents", "aria-label": t("On this page") }, ...parts.map((part) => element("a", { class: "chip", href: `#${part.id}` }, part.querySelector("h2")?.textContent)));

refresh();
