/** The panel in which the grid is narrowed: by term, person, size, split, coverage, agreement, score, comments. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { choice, field } from "../shell/fields.js";
import { api, query, whenQuiet } from "../shell/page.js";
import { complain } from "../shell/toast.js";
import { numberOf, RANGES } from "./filters.js";

/** @typedef {import("./filters.js").Filters} Filters */
/** @typedef {{id: number, name: string}} Term */
/** @typedef {{username: string, name: string, role: string}} Member */

/** @type {() => Record<string, string>} */
export const rangeNames = () => ({
  megapixels: t("Megapixels"),
  side: t("Longer side, px"),
  coverage: t("Coverage, %"),
  agreement: t("Agreement, %"),
  score: t("Model score, %"),
});

/** @type {() => [string, string][]} */
export const splitChoices = () => [["", t("Any")], ["none", t("Without a split")], ["train", "train"], ["val", "val"], ["test", "test"]];

/**
 * @param {HTMLElement} host
 * @param {{project: number, filters: () => Filters, change: (wanted: Partial<Filters>) => void, knowTerm: (term: Term) => void}} options
 */
export function createFilterPanel(host, { project, filters, change, knowTerm }) {
  /** @type {Term[]} */
  let offered = [];
  const typed = element("input", { type: "text", list: "term-offers", autocomplete: "off" });
  const offers = element("datalist", { id: "term-offers" });
  const annotator = choice({}, []);
  const reviewer = choice({}, []);
  const split = choice({}, splitChoices());
  const comments = element("input", { type: "checkbox", name: "comments" });
  const ranges = RANGES.map(({ name }) => rangeField(name));

  /** @param {string} name */
  function rangeField(name) {
    const label = rangeNames()[name];
    /** @param {"min" | "max"} side @param {string} hint */
    const end = (side, hint) => {
      const input = element("input", { type: "number", min: 0, step: "any", placeholder: hint, "aria-label": `${label}: ${hint}` });
      input.addEventListener("change", () => change({ ranges: { ...filters().ranges, [name]: { ...filters().ranges[name], [side]: numberOf(input.value) } } }));
      return input;
    };
    const [min, max] = [end("min", t("at least")), end("max", t("at most"))];
    return { name, min, max, node: element("fieldset", { class: "range" }, element("legend", {}, label), min, max) };
  }

  const offer = whenQuiet(async () => {
    const chosen = offered.find(({ name }) => name === typed.value);
    if (chosen) return take(chosen);
    if (!typed.value.trim()) return;
    /** @type {{results: Term[]}} */
    const { results } = await api.get(`terms${query({ project, search: typed.value, page_size: 8 })}`);
    offered = results;
    offers.replaceChildren(...results.map(({ name }) => element("option", { value: name })));
  }, 120);

  /** @param {Term} term */
  function take(term) {
    typed.value = "";
    knowTerm(term);
    if (!filters().terms.includes(term.id)) change({ terms: [...filters().terms, term.id] });
  }

  async function takeTyped() {
    const name = typed.value.trim().toLowerCase();
    if (!name) return;
    /** @type {{results: Term[]}} */
    const { results } = await api.get(`terms${query({ project, search: name, page_size: 1 })}`);
    if (results.length) take(results[0]);
    else complain(t("The vocabulary has no term like “{name}”.", { name: typed.value }));
  }

  typed.addEventListener("input", () => {
    const chosen = offered.find(({ name }) => name === typed.value);
    if (chosen) take(chosen);
    else offer();
  });
  typed.addEventListener("keydown", (event) => {
    if (event.key === "Enter") takeTyped().catch(complain);
  });
  annotator.addEventListener("change", () => change({ annotator: annotator.value }));
  reviewer.addEventListener("change", () => change({ reviewer: reviewer.value }));
  split.addEventListener("change", () => change({ split: split.value }));
  comments.addEventListener("change", () => change({ comments: comments.checked ? "open" : "" }));

  host.append(
    element(
      "div",
      { class: "filter-fields" },
      field(t("Has an entity named"), typed, t("Type a few letters, then Enter.")),
      field(t("Annotator"), annotator),
      field(t("Reviewer"), reviewer),
      field(t("Split"), split),
      ...ranges.map(({ node }) => node),
      element("label", { class: "check" }, comments, element("span", {}, t("With open comments"))),
    ),
    offers,
  );

  return {
    /** @param {Member[]} members */
    setMembers(members) {
      const options = members.map(({ username, name }) => element("option", { value: username }, name || username));
      const any = () => element("option", { value: "" }, t("Anybody"));
      annotator.replaceChildren(any(), ...options);
      reviewer.replaceChildren(any(), ...members.filter(({ role }) => role !== "annotator").map(({ username, name }) => element("option", { value: username }, name || username)));
      this.show();
    },
    /** Show what is chosen now. */
    show() {
      const now = filters();
      annotator.value = now.annotator;
      reviewer.value = now.reviewer;
      split.value = now.split;
      comments.checked = now.comments === "open";
      for (const { name, min, max } of ranges) {
        min.value = String(now.ranges[name].min ?? "");
        max.value = String(now.ranges[name].max ?? "");
      }
    },
  };
}
