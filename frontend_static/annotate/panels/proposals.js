/** The model's proposals as a list: what each would add, and all above a score at once. */
import { element } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";
import { keyLabel } from "../keymap.js";
import { percentText, pixelsText } from "../format.js";

/** More rows than this are not shown; the slider narrows the list. */
const MOST_ROWS = 200;
const STEPS = 100;

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../proposals.js").Proposals} parts.proposals
 * @param {import("../commands.js").Actions} parts.actions
 * @param {() => boolean} parts.mayEdit
 * @param {(number: number) => void} parts.fit  show a proposal
 * @param {(least: number) => void} parts.acceptAll
 * @param {(number: number) => void} parts.accept @param {(number: number) => void} parts.reject
 */
export function createProposalsPanel(host, { proposals, actions, mayEdit, fit, acceptAll, accept, reject }) {
  const toggle = element("button", { type: "button", class: "button proposals-toggle", "aria-expanded": "false", onclick: () => actions.run("proposal.show") });
  const model = element("select", { id: "proposals-model", "aria-label": t("Model whose proposals are shown") });
  const slider = element("input", { type: "range", id: "proposals-score", min: 0, max: STEPS, value: 50 });
  const shown = element("output", { for: "proposals-score", class: "option-value" });
  const all = element("button", { type: "button", class: "button button-primary", onclick: () => acceptAll(least()) });
  const back = element("button", { type: "button", class: "button", onclick: () => proposals.wantBack() }, t("Show rejected ones again"));
  const list = element("ul", { class: "proposals-list", role: "listbox", tabindex: 0, "aria-label": t("Proposals by score: Enter accepts, Backspace rejects") });
  const rest = element("p", { class: "proposals-rest" });
  const body = element(
    "div",
    { class: "proposals-body", hidden: true },
    model,
    element("div", { class: "option" }, element("label", { for: "proposals-score" }, t("Score at least")), slider, shown),
    all, list, rest, back,
  );
  host.append(element("div", { class: "proposals-head" }, toggle), body);
  let frame = 0;

  const least = () => Number(slider.value) / STEPS;
  /** @type {import("../proposals.js").Proposal[]} */
  let rows = [];

  function show() {
    frame = 0;
    const { predictions } = proposals;
    host.hidden = predictions().length === 0;
    const isOpen = proposals.isShown();
    body.hidden = !isOpen;
    toggle.setAttribute("aria-expanded", String(isOpen));
    toggle.title = keyLabel(actions.get("proposal.show")?.keys[0] ?? "");
    toggle.textContent = isOpen ? t("Hide the model's proposals") : t("Show the model's proposals");
    if (!isOpen) return;
    model.hidden = predictions().length < 2;
    model.replaceChildren(...predictions().map(({ id, model: name, mask_count: count }) => element("option", { value: id, selected: id === proposals.prediction() }, `${name} (${count})`)));
    const open = proposals.open();
    rows = open.filter(({ score }) => score >= least());
    shown.textContent = least().toFixed(2);
    slider.setAttribute("aria-valuetext", least().toFixed(2));
    all.textContent = plural(rows.length, "Accept {n} into unlabelled pixels", "Accept all {n} into unlabelled pixels");
    all.hidden = rows.length === 0;
    all.disabled = !mayEdit();
    list.replaceChildren(...rows.slice(0, MOST_ROWS).map(row));
    const current = proposals.current();
    if (rows.some(({ number }) => number === current)) list.setAttribute("aria-activedescendant", `proposal-${current}`);
    else list.removeAttribute("aria-activedescendant");
    const hidden = open.length - Math.min(rows.length, MOST_ROWS);
    rest.textContent = open.length === 0 ? t("Every proposal is decided.") : hidden > 0 ? plural(hidden, "{n} more below this score", "{n} more below this score") : "";
    back.hidden = proposals.rejectedCount() === 0;
  }

  /** @param {import("../proposals.js").Proposal} proposal */
  function row({ number, score, area, free }) {
    const facts = [pixelsText(area), free === null ? "" : free === area ? t("all unlabelled") : t("{share} unlabelled", { share: percentText(free, area) })];
    return element(
      "li",
      { role: "option", id: `proposal-${number}`, class: "proposals-row", "aria-selected": String(number === proposals.current()), data: { number } },
      element("strong", {}, score.toFixed(2)),
      element("span", {}, facts.filter(Boolean).join(" · ")),
    );
  }

  /** @param {Event} event */
  const numberOf = (event) => Number(/** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-number]"))?.dataset.number ?? 0);

  /** @param {1 | -1} direction */
  function step(direction) {
    const at = rows.findIndex(({ number }) => number === proposals.current());
    const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + direction))];
    if (next) choose(next.number);
  }

  /** @param {number} number */
  function choose(number) {
    proposals.point(number);
    fit(number);
    document.getElementById(`proposal-${number}`)?.scrollIntoView({ block: "nearest" });
  }

  /** Decide the chosen one and go on to the next. @param {(number: number) => void} decide */
  function decide(decide) {
    const number = proposals.current();
    const at = rows.findIndex((one) => one.number === number);
    if (at < 0 || !mayEdit()) return;
    const next = rows[at + 1] ?? rows[at - 1];
    decide(number);
    if (next) choose(next.number);
  }

  slider.addEventListener("input", show);
  model.addEventListener("change", () => void proposals.load(Number(model.value)));
  list.addEventListener("pointermove", (event) => proposals.point(numberOf(event)));
  list.addEventListener("click", (event) => numberOf(event) && choose(numberOf(event)));
  list.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter") decide(accept);
    else if (event.key === "Backspace" || event.key === "Delete") decide(reject);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  proposals.onChange(() => {
    frame ||= requestAnimationFrame(show);
  });
  show();
  return { step, accept: () => decide(accept), reject: () => decide(reject), least };
}
