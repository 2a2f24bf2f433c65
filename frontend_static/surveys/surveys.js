/** A project's surveys: the list, what one can take part in, and the way to a new one. */
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { day } from "../shell/formats.js";
import { api, pageData, query } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { refill } from "../shell/refill.js";
import { watchRequests } from "../shell/requests.js";
import { complain } from "../shell/toast.js";
import { askSurvey } from "./new_survey.js";
import { kindName, setsText, stateBadge } from "./survey_words.js";

/** @typedef {import("./survey_words.js").SurveyRow} SurveyRow */

const PAGE_SIZE = 25;
const { project, canReview, canAdminister } = pageData();
const host = find("#surveys");
const create = /** @type {HTMLButtonElement | null} */ (document.querySelector("#create-survey"));
let page = 1;

function refresh() {
  return fillOrFail(host, refresh, async () => {
    show(await api.get(`surveys${query({ project, page, page_size: PAGE_SIZE })}`));
  });
}

/** @param {{count: number, results: SurveyRow[]}} answer */
function show({ count, results }) {
  refill(host, results.length ? element("ul", { class: "survey-list" }, ...results.map(canReview ? card : openCard)) : nothing());
  renderPager(find("#pager"), {
    count, page, pageSize: PAGE_SIZE,
    show(target) {
      page = target;
      refresh();
    },
  });
}

function nothing() {
  const about = t("A survey shows people pictures under their masks and asks how satisfied they are, from 0 to 10, or which of two sets of masks is better, without telling which is which. Members and, by a link, people without an account can answer.");
  if (!canReview) return emptyState({ title: t("Nothing to answer"), text: t("Surveys that are open appear here.") });
  return emptyState({
    title: t("No surveys yet"),
    text: canAdminister ? about : `${about} ${t("An admin of the project can make one.")}`,
    actions: [canAdminister && element("button", { type: "button", class: "button button-primary", onclick: () => make().catch(complain) }, t("Make the first survey"))],
  });
}

/** @param {SurveyRow} survey */
function card(survey) {
  const { id, name, kind, state, sets, images, joined, finished, answers, created_at: created, error } = survey;
  const figures = [plural(joined, "{n} participant", "{n} participants"), t("{n} finished", { n: finished }), plural(answers, "{n} answer", "{n} answers")];
  return element(
    "li",
    { class: "card survey-row" },
    element(
      "div",
      {},
      element("h3", {}, element("a", { href: `/projects/${project}/surveys/${id}` }, name), stateBadge(state)),
      element("p", { class: "soft" }, `${kindName(kind)} · ${setsText(sets)}`),
      error && element("p", { class: "survey-error" }, error),
    ),
    element(
      "div",
      { class: "survey-figures" },
      element("p", {}, joined ? figures.join(" · ") : t("No answers yet")),
      element("p", { class: "soft small" }, [images > 0 && plural(images, "{n} image", "{n} images"), day(created)].filter(Boolean).join(" · ")),
    ),
    state === "open" && element("a", { class: "button button-small", href: survey.part_url }, t("Take part")),
  );
}

/** What an annotator may know. @param {SurveyRow} survey */
const openCard = ({ title, kind, state, images, part_url: href }) =>
  element(
    "li",
    { class: "card survey-row" },
    element("div", {}, element("h3", {}, title || t("Survey"), stateBadge(state)), element("p", { class: "soft" }, `${kindName(kind)} · ${plural(images, "{n} image", "{n} images")}`)),
    state === "open" && element("a", { class: "button button-primary button-small", href }, t("Take part")),
  );

async function make() {
  const made = await askSurvey(project);
  if (made) location.assign(`/projects/${project}/surveys/${made}`);
}

watchRequests(find("#requests"), { project, kinds: ["survey"], onChange: refresh });
if (create) {
  create.addEventListener("click", () => make().catch(complain));
  create.disabled = false;
}
refresh();
