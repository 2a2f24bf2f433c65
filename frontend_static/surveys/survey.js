/** One survey: where it stands, its link, who has answered, and what they say. */
import { askChoice } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { failedState } from "../shell/empty.js";
import { moment, whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, latest, pageData } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { watchRequests } from "../shell/requests.js";
import { busyWhile } from "../shell/toast.js";
import { askTexts, textsRead } from "./texts.js";
import { linkCard } from "./link_card.js";
import { showResults } from "./results.js";
import { kindName, setsText, stateBadge } from "./survey_words.js";

/** @typedef {import("./survey_words.js").SurveyRow} SurveyRow */

const POLL_MS = 8000;
const { project, survey: id, canAdminister } = pageData();
const [head, link, results] = ["#survey-head", "#survey-link", "#survey-results"].map((name) => find(name));
let known = "";
let linkState = "";
let timer = 0;

/** Results are worked out anew only when the survey's row tells of something new. */
const load = latest(async (signal) => {
  const survey = await api.get(`surveys/${id}`, { signal });
  const told = JSON.stringify(survey) === known ? null : await api.get(`surveys/${id}/results`, { signal });
  return { survey, told };
});

async function refresh() {
  clearTimeout(timer);
  try {
    const answer = await load();
    if (!answer) return;
    if (answer.told) show(answer.survey, answer.told);
    if (answer.survey.state === "open") refreshLater();
  } catch (problem) {
    head.replaceChildren(failedState(problem, refresh));
  }
  find("#survey").setAttribute("aria-busy", "false");
}

function refreshLater() {
  timer = window.setTimeout(() => (document.hidden ? refreshLater() : refresh()), POLL_MS);
}

/** @param {SurveyRow} survey @param {import("./results.js").Results} told */
function show(survey, told) {
  known = JSON.stringify(survey);
  refill(head, header(survey), ...notices(survey), facts(survey), ...textsRead(survey));
  const now = JSON.stringify([survey.state, survey.has_link, survey.link_expires_at]);
  if (canAdminister && now !== linkState) link.replaceChildren(...(survey.state === "preparing" || survey.state === "failed" ? [] : [linkCard(survey, refresh)]));
  linkState = now;
  showResults(results, survey, told);
}

/** @param {SurveyRow} survey */
function header(survey) {
  const { name, state, kind, created_by: by, created_at: created, opened_at: opened, closed_at: closed } = survey;
  const when = [kindName(kind), t("made {date}", { date: moment(created) }), by && t("by {person}", { person: by }), opened && t("opened {date}", { date: moment(opened) }), closed && t("closed {date}", { date: moment(closed) })];
  return element(
    "header",
    { class: "survey-head" },
    element("div", {}, element("h2", {}, name, stateBadge(state)), element("p", { class: "soft small" }, when.filter(Boolean).join(" · "))),
    element("div", { class: "actions" }, ...actions(survey)),
  );
}

/** @param {SurveyRow} survey @returns {import("../shared/dom.js").Child[]} */
function actions(survey) {
  const { state, answers, part_url: part } = survey;
  const files = answers > 0 && [
    element("a", { class: "button", href: `/api/v1/surveys/${id}/answers.csv`, download: "" }, spriteIcon("download"), "CSV"),
    element("a", { class: "button", href: `/api/v1/surveys/${id}/results.json`, download: "" }, spriteIcon("download"), "JSON"),
  ];
  return [
    ...(files || []),
    state === "open" && element("a", { class: "button", href: part }, t("Take part")),
    canAdminister && answers === 0 && act(t("Change the texts"), "", () => askTexts(survey)),
    canAdminister && state === "failed" && act(t("Prepare again"), "button-primary", () => api.post(`surveys/${id}/prepare`)),
    canAdminister && state === "ready" && act(t("Open the survey"), "button-primary", () => api.post(`surveys/${id}/open`)),
    canAdminister && state === "closed" && act(t("Open again"), "", () => api.post(`surveys/${id}/open`)),
    canAdminister && state === "open" && act(t("Close"), "", () => api.post(`surveys/${id}/close`)),
    canAdminister && ["ready", "closed", "failed"].includes(state) && act(t("Delete"), "", () => remove(survey)),
  ];
}

/** @param {string} label @param {string} look @param {() => Promise<unknown>} work */
function act(label, look, work) {
  const button = element("button", { type: "button", class: `button ${look}` }, label);
  button.addEventListener("click", () => busyWhile(button, async () => {
    await work();
    await refresh();
  }));
  return button;
}

/** @param {SurveyRow} survey */
async function remove({ name, answers }) {
  const chosen = await askChoice({
    title: t("Delete this survey?"),
    body: [element("p", {}, answers ? t("“{name}”, its {n} answers and its pictures are gone for ever. Download the answers first if you may need them.", { name, n: answers }) : t("“{name}” and its pictures are gone for ever.", { name }))],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Delete"), value: "delete", kind: "danger" }],
  });
  if (chosen !== "delete") return;
  await api.remove(`surveys/${id}`);
  location.assign(`/projects/${project}/surveys`);
}

/** @param {SurveyRow} survey @returns {HTMLElement[]} */
function notices({ state, error, images, size }) {
  const few = images > 0 && images < size;
  return [
    ...(state === "failed" ? [notice("bad", error || t("The pictures could not be painted."))] : []),
    ...(state === "ready" ? [notice("good", t("The pictures are painted. Look at them below, then open the survey and send its link."))] : []),
    ...(few ? [notice("warn", t("Only {images} of the {size} images asked for have all the masks.", { images, size }))] : []),
  ];
}

/** @param {string} tone @param {string} sentence */
const notice = (tone, sentence) => element("div", { class: `notice ${tone}` }, spriteIcon(tone === "good" ? "check" : "warning"), element("p", {}, sentence));

/** @param {SurveyRow} survey */
function facts(survey) {
  const { images, joined, finished, answers, identical_checks: identical, broken_checks: broken, max_participants: most, sets, seed, inputs_sha256: sha } = survey;
  /** @type {[string, string][]} */
  const rows = [
    [t("Images"), whole(images)],
    [t("Attention checks"), whole(identical + broken)],
    [t("Participants"), t("{n} of {most}", { n: joined, most })],
    [t("Finished"), whole(finished)],
    [t("Answers"), whole(answers)],
  ];
  return element(
    "div",
    { class: "survey-facts" },
    element("dl", { class: "facts" }, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
    element("p", { class: "soft small" }, t("Asked about: {sets}. Images drawn with seed {seed}.", { sets: setsText(sets), seed: String(seed) }), " ", sha && element("span", { class: "mono", title: t("SHA-256 of every image and map it shows") }, sha.slice(0, 12))),
  );
}

watchRequests(find("#requests"), { project, kinds: ["survey"], onChange: refresh });
refresh();
