/** What a survey is called and where it stands, in words. */
import { element } from "../shared/dom.js";
import { LANGUAGE, t } from "../shared/translate.js";

/** @typedef {"satisfaction" | "preference"} SurveyKind */
/** @typedef {"preparing" | "ready" | "open" | "closed" | "failed"} SurveyState */
/**
 * @typedef {{id: number, project: number, kind: SurveyKind, state: SurveyState, title: string, images: number, part_url: string, name: string,
 *   error: string, request: number | null, definition: string, consent: string, asks_name: boolean, split: string, size: number, seed: number,
 *   identical_checks: number, broken_checks: number, allowed_failures: number, max_participants: number, sets: {label: string}[],
 *   inputs_sha256: string, joined: number, finished: number, answers: number, has_link: boolean, link_expires_at: string | null,
 *   created_by: string | null, created_at: string, opened_at: string | null, closed_at: string | null}} SurveyRow
 */

const ALTERNATIVES = new Intl.ListFormat(LANGUAGE, { type: "disjunction" });
const TONES = { preparing: "info", ready: "violet", open: "good", closed: "", failed: "bad" };

/** @param {SurveyState} state */
export const stateName = (state) =>
  ({ preparing: t("Being prepared"), ready: t("Ready to open"), open: t("Open"), closed: t("Closed"), failed: t("Failed") })[state];

/** @param {SurveyState} state */
export const stateBadge = (state) => element("span", { class: `badge ${TONES[state]}` }, stateName(state));

/** @param {SurveyKind} kind */
export const kindName = (kind) => (kind === "satisfaction" ? t("Satisfaction, 0 to 10") : t("Preference, A or B"));

/** @param {{label: string}[]} sets */
export const setsText = (sets) => ALTERNATIVES.format(sets.map(({ label }) => label));
