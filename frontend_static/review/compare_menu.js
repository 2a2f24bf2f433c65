/** What an annotation can be compared with: other people's work on the image, proposals, its own earlier revisions. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { placeOf, placeText } from "./sides.js";

/** @typedef {import("./sides.js").Place} Place */
/** @typedef {{id: number, author: {kind: string, name: string}, state: string, revision: number, mask_count: number, changed_at: string}} Row */

const MOST = 200;

/** @returns {Record<string, string>} */
const states = () => ({
  draft: t("being drawn"), submitted: t("waiting for review"), returned: t("returned"), accepted: t("accepted"), replaced: t("replaced"), frozen: t("proposal"),
});

/** @param {Row} row */
const labelOf = ({ author, state }) => `${author.name} (${states()[state] ?? state})`;

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {Record<string, any>} parts.detail  of the annotation under review
 * @param {Place | null} parts.chosen
 * @param {(place: Place | null, title: string) => void} parts.choose
 */
export async function createCompareMenu(host, { api, detail, chosen, choose }) {
  const { results } = await api.get(`annotations?image=${detail.image.id}&page_size=${MOST}&ordering=id`);
  const others = /** @type {Row[]} */ (results).filter(({ id }) => id !== detail.id);
  const menu = element("select", { id: "compare-with", "aria-label": t("Compare with") });
  host.append(element("div", { class: "option" }, element("label", { for: "compare-with" }, t("Compare with")), menu));
  let current = chosen && placeText(chosen);

  /** @param {Row} row */
  const option = (row) => element("option", { value: String(row.id) }, labelOf(row));

  function fill() {
    const people = others.filter(({ author }) => author.kind === "person");
    const models = others.filter(({ author }) => author.kind === "model");
    const place = placeOf(current);
    const isListed = place && place.revision === null && others.some(({ id }) => id === place.annotation);
    menu.replaceChildren(
      element("option", { value: "" }, t("Nothing")),
      ...group(t("People"), people.map(option)),
      ...group(t("Proposals"), models.map(option)),
      ...group(t("This annotation"), [
        place && !isListed && element("option", { value: placeText(place) }, titleOf(place)),
        detail.revision > 1 && element("option", { value: "revision" }, t("Earlier revision…")),
      ]),
    );
    menu.value = current ?? "";
  }

  /** @param {Place} place */
  function titleOf({ annotation, revision }) {
    const row = others.find(({ id }) => id === annotation);
    const name = row ? labelOf(row) : annotation === detail.id ? detail.author.name : `#${annotation}`;
    return revision === null ? name : `${name}, ${t("revision {n}", { n: revision })}`;
  }

  async function askRevision() {
    const input = element("input", { type: "number", name: "revision", id: "compare-revision", min: 1, max: detail.revision, required: true, value: Math.max(1, detail.revision - 1) });
    /** @type {Place | null} */
    let place = null;
    await askForm({
      title: t("Compare with an earlier revision"),
      body: [element("div", { class: "field" }, element("label", { for: "compare-revision" }, t("Revision, 1 to {n}", { n: detail.revision })), input)],
      accept: t("Compare"),
      submit: () => (place = { annotation: detail.id, revision: Number(input.value) }),
    });
    return place;
  }

  /** @param {Place | null} place */
  function take(place) {
    current = place && placeText(place);
    fill();
    choose(place, place ? titleOf(place) : "");
  }

  menu.addEventListener("change", async () => {
    const { value } = menu;
    menu.value = current ?? "";
    const place = value === "revision" ? await askRevision() : placeOf(value);
    if (place || value === "") take(place);
  });
  fill();
  return {
    take,
    titleOf,
    /** Whether a model made it. @param {Place | null} place */
    isPrediction: (place) => others.some(({ id, author }) => id === place?.annotation && author.kind === "model"),
  };
}

/** @param {string} label @param {(HTMLElement | false | null | undefined)[]} options */
function group(label, options) {
  const there = options.filter((option) => option instanceof HTMLElement);
  return there.length > 0 ? [element("optgroup", { label }, ...there)] : [];
}
