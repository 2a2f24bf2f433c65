/** The annotators of a project: alarms first, then everyone's figures, one person's charts, and the honeypots. */
import { createSpanChoice } from "../dashboard/span.js";
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { emptyState, failedState } from "../shell/empty.js";
import { moment } from "../shell/formats.js";
import { api, latest, pageData, query } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { alarmList } from "./alarms.js";
import { createHoneypots } from "./honeypots.js";
import { peopleTable } from "./people_table.js";
import { personView } from "./person.js";

/**
 * @typedef {object} PersonRow
 * @property {string} username
 * @property {string} name
 * @property {number} images
 * @property {number} masks
 * @property {number} pixels
 * @property {number} active_ms
 * @property {number} judged
 * @property {number} drawn
 * @property {number | null} images_per_hour
 * @property {number | null} masks_per_hour
 * @property {number | null} megapixels_per_hour
 * @property {number | null} strokes_per_mask
 * @property {number | null} operations_per_mask
 * @property {number | null} accepted
 * @property {number | null} returned
 * @property {number} compared
 * @property {number | null} reviewer_pq
 * @property {number} proposed
 * @property {number | null} kept
 * @property {number | null} edited
 * @property {number | null} rejected
 * @property {number} [honeypots]
 * @property {number | null} [honeypots_passed]
 * @property {number | null} [honeypot_pq]
 * @property {{images: number, pq: number} | null} [study]
 * @property {number} [open_alarms]
 */
/** @typedef {import("./alarms.js").AlarmRow} AlarmRow */
/** @typedef {{first: string, last: string, sees_people: boolean, counted_at: string | null, people: PersonRow[], everyone?: PersonRow,
 *   alarms?: AlarmRow[]}} Overview */

const { project, user, canReview } = pageData();
const host = find("#quality");
const details = find("#person");
const choice = createSpanChoice(() => refresh(), 90);
const honeypots = canReview ? createHoneypots(find("#honeypots")) : null;
/** @type {Overview | undefined} */
let shown;

const load = latest((signal) => api.get(`projects/${project}/quality${query({ ...choice.span() })}`, { signal }));
const loadPerson = latest((signal) => api.get(`projects/${project}/quality/people/${encodeURIComponent(chosen())}${query({ ...choice.span() })}`, { signal }));
/** @param {string} name */
const csv = (name) => `/api/v1/projects/${project}/quality/${name}.csv${query({ ...choice.span() })}`;

/** Whose charts are shown: in the address, so that a reload keeps them; annotators see their own. */
const chosen = () => (canReview ? (new URLSearchParams(location.search).get("person") ?? "") : user);

async function refresh() {
  host.setAttribute("aria-busy", "true");
  try {
    const answer = await load();
    if (!answer) return;
    shown = answer;
    show(answer);
    await showPerson();
  } catch (problem) {
    host.replaceChildren(failedState(problem, refresh));
    details.replaceChildren();
  }
  host.setAttribute("aria-busy", "false");
}

/** @param {Overview} answer */
function show(answer) {
  if (!answer.people.length && !answer.alarms?.length) {
    host.replaceChildren(emptyState({
      title: t("Nothing to judge in these days"),
      text: t("Figures appear as soon as work is submitted: how fast it goes, what reviewers say of it, and how alike it is to what is known to be right."),
    }));
    return;
  }
  refill(
    host,
    ...(answer.alarms ? [alarmList(answer.alarms, { csv: csv("alarms"), changed: refresh, choose })] : []),
    peopleTable(answer, { csv: csv("annotators"), daysCsv: csv("days"), chosen: chosen(), choose: canReview ? choose : null }),
    element("p", { class: "soft small" }, answer.counted_at ? t("Verdicts are counted every quarter of an hour, submissions at once; last {time}.", { time: moment(answer.counted_at) }) : t("Verdicts are counted every quarter of an hour, submissions at once.")),
  );
}

/** @param {string} username "": nobody */
async function choose(username) {
  const given = { ...Object.fromEntries(new URLSearchParams(location.search)), person: username };
  history.pushState(null, "", query(given));
  if (shown) show(shown);
  await showPerson();
  if (username) details.querySelector("h3")?.focus();
}

async function showPerson() {
  const username = chosen();
  if (!username || !shown?.people.length) {
    details.replaceChildren();
    return;
  }
  details.setAttribute("aria-busy", "true");
  try {
    const answer = await loadPerson();
    if (answer) details.replaceChildren(personView(answer, canReview ? () => choose("") : null));
  } catch (problem) {
    details.replaceChildren(failedState(problem, showPerson));
  }
  details.setAttribute("aria-busy", "false");
}

addEventListener("popstate", () => {
  if (shown) show(shown);
  showPerson();
});
refresh();
honeypots?.refresh();
