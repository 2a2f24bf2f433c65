/** A project's consistency studies: the list, and the way to a new one. */
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { day } from "../shell/formats.js";
import { api, pageData, query } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { refill } from "../shell/refill.js";
import { watchRequests } from "../shell/requests.js";
import { busyWhile } from "../shell/toast.js";
import { askStudy } from "./new_study.js";
import { isRunning, partsBar, partsNow, partsText, sizeText, studyBadge } from "./study_words.js";

/** @typedef {import("./study_words.js").StudyRow} StudyRow */

const PAGE_SIZE = 25;
const { project, canAdminister } = pageData();
const host = find("#studies");
let page = 1;

function refresh() {
  return fillOrFail(host, refresh, async () => {
    const [answer, { by_state: counts }] = await Promise.all([api.get(`studies${query({ project, page, page_size: PAGE_SIZE })}`), api.get(`projects/${project}`)]);
    show(answer, counts.accepted ?? 0);
  });
}

/** @param {{count: number, results: StudyRow[]}} answer @param {number} accepted */
function show({ count, results }, accepted) {
  refill(host, results.length ? element("ul", { class: "study-list" }, ...results.map(card)) : nothing(accepted));
  renderPager(find("#pager"), {
    count, page, pageSize: PAGE_SIZE,
    show(target) {
      page = target;
      refresh();
    },
  });
  if (!create) return;
  create.disabled = accepted === 0;
  create.title = accepted === 0 ? t("A study is drawn from accepted images; there is none yet.") : "";
}

/** @param {number} accepted images */
function nothing(accepted) {
  const about = t("A study lets further annotators draw a random sample of accepted images again, blind and some months later, and measures how far they agree with the first.");
  const way = accepted ? (canAdminister ? "" : t("An admin of the project can plan one.")) : t("It needs accepted images: annotate, submit and review some first.");
  return emptyState({
    title: t("No studies yet"),
    text: [about, way].filter(Boolean).join(" "),
    actions: [canAdminister && accepted > 0 && element("button", { type: "button", class: "button button-primary", onclick: () => create?.click() }, t("Plan the first study"))],
  });
}

/** @param {StudyRow} study */
function card(study) {
  const { id, name, state, created_at: created, closed_at: closed, report_sha256: report } = study;
  const when = closed ? t("Closed {date}", { date: day(closed) }) : t("Planned {date}", { date: day(created) });
  return element(
    "li",
    { class: "card study-card" },
    element(
      "div",
      {},
      element("h3", {}, element("a", { href: `/projects/${project}/studies/${id}` }, name), studyBadge(state)),
      element("p", { class: "soft small" }, [sizeText(study), when, report && t("report ready")].filter(Boolean).join(" · ")),
    ),
    isRunning(state) && element("div", { class: "study-progress" }, element("p", { class: "small number" }, partsText(partsNow(study))), partsBar(partsNow(study), t("Progress of {study}", { study: name }))),
  );
}

async function plan() {
  const made = await askStudy(project);
  if (made) location.assign(`/projects/${project}/studies/${made}`);
}

const create = /** @type {HTMLButtonElement | null} */ (document.querySelector("#create-study"));
create?.addEventListener("click", () => create && busyWhile(create, plan));
watchRequests(find("#requests"), { project, kinds: ["study"], onChange: (finished) => finished.length && refresh() });
refresh();
