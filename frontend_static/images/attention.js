/** What waits for this person: work returned to them, work they have begun, annotations to review. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { spriteIcon } from "../shell/icons.js";
import { api, query } from "../shell/page.js";
import { refill } from "../shell/refill.js";

/** @typedef {{id: number, annotation: number, annotator: string, file_name: string}} AssignmentRow */
/** @typedef {{count: number, results: AssignmentRow[]}} Answer */

const MOST_LINKS = 4;

/**
 * @param {HTMLElement} host is emptied and filled
 * @param {{project: number, user: string, canReview: boolean}} viewer
 */
export async function renderAttention(host, { project, user, canReview }) {
  /** @param {string} state @param {Record<string, number>} [more] @returns {Promise<Answer>} */
  const assignments = (state, more) => api.get(`assignments${query({ project, state, ordering: "id", page_size: 50, ...more })}`);
  const [returned, open, submitted] = await Promise.all([
    assignments("returned", { mine: 1 }),
    assignments("open", { mine: 1 }),
    canReview ? assignments("submitted") : { count: 0, results: [] },
  ]);
  const toReview = submitted.results.filter(({ annotator }) => annotator !== user);
  const own = submitted.results.length - toReview.length;
  refill(
    host,
    ...[
      returned.count > 0 && notice("warn", "warning", plural(returned.count, "{n} image was returned to you:", "{n} images were returned to you:"), returned),
      open.count > 0 && notice("", "play", t("Begun or given to you:"), open),
      toReview.length > 0 && reviewNotice(submitted.count - own, toReview[0]),
    ].filter((node) => node !== false),
  );
}

/** @param {string} tone @param {string} icon @param {string} sentence @param {Answer} answer */
function notice(tone, icon, sentence, { count, results }) {
  const links = results.slice(0, MOST_LINKS).flatMap(({ annotation, file_name: name }) => [" ", element("a", { href: `/annotate/${annotation}` }, name)]);
  const rest = count - Math.min(count, MOST_LINKS);
  return element("div", { class: `notice ${tone}` }, spriteIcon(icon), element("p", { class: "grow links" }, sentence, ...links, rest > 0 && ` ${plural(rest, "and {n} more", "and {n} more")}`));
}

/** @param {number} count @param {AssignmentRow} first */
const reviewNotice = (count, first) =>
  element(
    "div",
    { class: "notice" },
    spriteIcon("check"),
    element("p", { class: "grow" }, plural(count, "{n} annotation waits for review.", "{n} annotations wait for review.")),
    element("a", { class: "button button-small", href: `/review/${first.annotation}` }, t("Review next")),
  );
