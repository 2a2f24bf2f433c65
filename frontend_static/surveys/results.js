/** What a survey's answers say: plots, participants, comments, pictures. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { pictureCards } from "../pictures/cards.js";
import { refill } from "../shell/refill.js";
import { section } from "../evaluation/section.js";
import { commentList, participantTable } from "./people.js";
import { preferencePlots } from "./preference_plots.js";
import { satisfactionPlots } from "./satisfaction_plots.js";
import { pictureItem } from "./set_pictures.js";

/** @typedef {import("./survey_words.js").SurveyRow} SurveyRow */
/** @typedef {{first: number, second: number, same: number}} Votes */
/** @typedef {{participant: string, is_member: boolean, answered: number, asked: number, is_finished: boolean, checks: number, failed: number, counts: boolean, reason: string}} PersonRow */
/** @typedef {{participant: string, image: number, file_name: string, is_check: boolean, said: string | number, first: number, second: number | null, text: string}} CommentRow */
/** @typedef {[number, number] | null} Interval */
/**
 * @typedef {{kind: string, images: number, answers: number, counted_answers: number, set_labels: string[], agreement: number | null, same_answers?: number | null,
 *   rule: {allowed_failures: number, least_answered: number}, participants: PersonRow[], comments: CommentRow[], shown: {image: number, file_name: string}[],
 *   by_image: any[], score?: any, histogram?: number[], people_histogram?: number[], by_participant?: any[],
 *   sets?: any[], pairs?: any[], tie_parameter?: number | null, is_bounded?: boolean | null, left?: {votes: number, share: number | null, interval: Interval}}} Results
 */

const SHOWN = 12;

/** @param {HTMLElement} host @param {SurveyRow} survey @param {Results} told */
export function showResults(host, survey, told) {
  const plots = survey.kind === "satisfaction" ? satisfactionPlots : preferencePlots;
  refill(
    host,
    ...(told.counted_answers ? plots(survey, told) : told.answers ? [section("results", t("Results"), element("p", { class: "soft" }, t("None of the participants counts yet: who has answered less than half, or failed attention checks, is left out.")))] : []),
    ...(told.participants.length ? [section("participants", t("Participants"), ...participantTable(told))] : []),
    ...(told.comments.length ? [section("comments", t("Comments"), commentList(told))] : []),
    ...(survey.state === "preparing" || survey.state === "failed" || told.counted_answers ? [] : [shownPictures(survey, told)]),
  );
}

/** Before anybody has answered: what will be shown. @param {SurveyRow} survey @param {Results} told */
function shownPictures(survey, told) {
  const items = told.shown.map((row) => pictureItem(survey, row, ""));
  const rest = told.shown.length - SHOWN;
  return section(
    "shown",
    t("What is shown"),
    element("p", { class: "soft" }, survey.sets.length > 1 ? t("Participants see these without names, in an order and on sides of their own.") : t("Participants see these in an order of their own.")),
    pictureCards(items, items.slice(0, SHOWN)),
    rest > 0 && element("p", { class: "soft" }, plural(rest, "And {n} more.", "And {n} more.")),
  );
}
