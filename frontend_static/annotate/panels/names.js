/** The naming box: type two or three letters, Enter, and the next unnamed entity comes up. */
import { element } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";
import { pixelsText } from "../format.js";
import { keyLabel } from "../keymap.js";
import { LONGEST_NAME, otherOf, QUICK_NAMES } from "../naming.js";
import { createSimilarChips } from "./similar_chips.js";
import { createTermCard } from "./term_card.js";

/** @typedef {import("../suggestions.js").Term} Term */
/** @typedef {{label: string, note: string, term: Term | null, isNear?: boolean, choose: () => void}} Row */

const MOST_ROWS = 8;
/** Shorter words are near to too many others. */
const SHORTEST_DOUBTED = 3;

/** @type {Record<import("../near_names.js").Difference, string>} */
const DIFFERENCES = { spacing: t("other spelling"), plural: t("singular or plural"), spelling: t("a letter or two differ") };

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../drawing.js").Drawing} parts.drawing
 * @param {import("../editor_state.js").EditorStore} parts.store
 * @param {import("../vocabulary.js").Vocabulary} parts.vocabulary
 * @param {import("../naming_step.js").NamingStep} parts.step
 * @param {import("../commands.js").Actions} parts.actions
 * @param {import("../../shared/api.js").Api} parts.api
 * @param {number} parts.image
 * @param {ReturnType<typeof import("./thumbnails.js").createThumbnails>} parts.thumbnails
 * @param {() => void} parts.leave  give the focus back to the canvas
 */
export function createNames(host, { drawing, store, vocabulary, step, actions, api, image, thumbnails, leave }) {
  const { naming, chosen, propagation, similarity } = step;
  const { map, entities } = drawing;
  const label = element("label", { for: "entity-name", class: "names-label" });
  const progress = element("span", { class: "names-progress" });
  const bar = element("meter", { class: "names-meter", min: 0, max: 1, "aria-label": t("Named") });
  const input = element("input", {
    type: "text", id: "entity-name", autocomplete: "off", spellcheck: "false", maxlength: 2 * LONGEST_NAME, role: "combobox",
    "aria-autocomplete": "list", "aria-controls": "name-suggestions", "aria-expanded": "false", "aria-describedby": "names-hint",
  });
  const guesses = element("div", { class: "name-guesses", role: "group", "aria-label": t("The model's suggestions") });
  const list = element("ul", { id: "name-suggestions", role: "listbox", "aria-label": t("Suggestions"), class: "name-suggestions" });
  const hint = element("p", { class: "names-hint", id: "names-hint", "aria-live": "polite" });
  const namesakes = element("button", { type: "button", class: "names-namesakes", hidden: true, onclick: () => actions.run("name.namesakes") });
  const similar = element("div", {});
  const quick = element("div", { class: "quick-names", role: "group", "aria-label": t("Quick names") });
  const order = element(
    "select",
    { id: "next-order", class: "names-order", onchange: () => store.set({ nextOrder: order.value === "space" ? "space" : "area" }) },
    element("option", { value: "area" }, t("largest first")),
    element("option", { value: "space" }, t("as one reads")),
  );
  const fit = element("input", { type: "checkbox", id: "auto-fit", onchange: () => store.set({ autoFit: fit.checked }) });
  const ways = element("div", { class: "names-ways" }, element("label", { for: "next-order" }, t("Next")), order, element("label", { for: "auto-fit", class: "names-fit" }, fit, t("Zoom to it")));
  host.append(element("div", { class: "names-head" }, label, progress), bar, element("div", { class: "names-field" }, input, guesses), list, hint, namesakes, similar, quick, ways);
  // Beside the panel, not in it: what scrolls would cut it off.
  const card = createTermCard(host.parentElement ?? host, { api, image });
  createSimilarChips(similar, { propagation, thumbnails, show: (number) => store.set({ hover: number }), key: () => keyLabel(actions.get("name.propagate")?.keys[0] ?? "") });

  /** @type {Row[]} */
  let rows = [];
  /** The row that Enter takes; -1 while nothing is typed. */
  let at = -1;
  /** Choosing the supercategory for "…_other". */
  let picksOther = false;
  /** A new word that is near to a known one: asked about once before it is taken. */
  let doubted = "";

  /** @returns {Row[]} */
  function candidates() {
    const typed = input.value.trim();
    if (picksOther) {
      return vocabulary.parents(typed).slice(0, 10).map((kind) => ({ label: otherOf(kind), note: t("some other {kind}", { kind }), term: null, choose: () => naming.withText(otherOf(kind)) }));
    }
    const found = vocabulary.suggest(typed, MOST_ROWS).map(({ term, alias }) => rowOf(term, [alias && t("alias: {alias}", { alias }), term.parent, term.status === "pending" && t("proposed")]));
    const isNew = typed.length >= SHORTEST_DOUBTED && !vocabulary.find(typed);
    const near = isNew ? vocabulary.near(typed).filter(({ term }) => !found.some((row) => row.term === term)) : [];
    return [...found, ...near.map(({ term, kind }) => ({ ...rowOf(term, [t("did you mean this? {difference}", { difference: DIFFERENCES[kind] })]), isNear: true }))].slice(0, MOST_ROWS);
  }

  /** @param {Term} term @param {(string | null | false)[]} notes @returns {Row} */
  const rowOf = (term, notes) => ({ label: term.name, note: notes.filter(Boolean).join(" · "), term, choose: () => naming.withTerm(term) });

  function refresh() {
    rows = candidates();
    at = rows.length > 0 && (input.value.trim() || picksOther) ? 0 : -1;
    doubted = "";
    draw();
  }

  function draw() {
    list.replaceChildren(...rows.map(option));
    input.setAttribute("aria-expanded", String(rows.length > 0));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    if (at >= 0) input.setAttribute("aria-activedescendant", `suggestion-${at}`);
    else input.removeAttribute("aria-activedescendant");
    rest();
    drawHint();
    drawGuesses();
    drawQuick();
  }

  /** @param {Row} row @param {number} i */
  function option({ label: text, note, term, isNear }, i) {
    return element(
      "li",
      {
        role: "option", id: `suggestion-${i}`, class: isNear ? "near" : null, "aria-selected": String(i === at),
        onpointerdown: (/** @type {Event} */ event) => event.preventDefault(), onclick: () => choose(i),
        onpointerenter: () => card.rest(term), onpointerleave: rest,
      },
      element("span", { class: "suggestion-name" }, text),
      element("small", {}, note),
    );
  }

  /** The card follows what the keyboard is on, once something is typed or walked to. */
  function rest() {
    card.rest(document.activeElement === input ? (rows[at]?.term ?? null) : null);
  }

  function drawHint() {
    const typed = input.value.trim();
    const isNew = Boolean(typed) && !picksOther && !vocabulary.find(typed);
    const [near] = doubted ? vocabulary.near(typed) : [];
    hint.dataset.tone = near ? "warn" : "";
    if (near) hint.textContent = t("Did you mean {name}? Enter takes it, Ctrl+Enter keeps “{typed}” as a new name", { name: near.term.name, typed });
    else if (picksOther) hint.textContent = t("Other kind of what?");
    else if (isNew) hint.textContent = t("Ctrl+Enter: use “{typed}” as a new name", { typed });
    else if (similarity.readiness() === "asking") hint.textContent = t("The model is looking at the masks…");
    else hint.textContent = t("Enter: take it, Esc: back to the image");
  }

  function drawGuesses() {
    const { selected, readOnly } = store.state;
    const isOpen = selected > 0 && !readOnly && !entities.get(selected).name && !input.value && !picksOther;
    const shown = isOpen ? similarity.guessesFor(selected) : [];
    guesses.hidden = shown.length === 0;
    guesses.replaceChildren(
      ...shown.flatMap(({ term: id, share }, i) => {
        const term = vocabulary.get(id);
        if (!term) return [];
        const title = t("The model's guess, {share} %", { share: Math.round(100 * share) });
        return element(
          "button",
          { type: "button", class: "name-guess", tabindex: -1, title, onclick: () => step.takeGuess(i), onpointerenter: () => card.rest(term), onpointerleave: rest },
          element("kbd", {}, String(i + 1)),
          term.name,
        );
      }),
    );
  }

  function drawQuick() {
    const keyOf = (/** @type {string} */ id) => actions.get(id)?.keys[0] ?? "";
    const reserved = QUICK_NAMES.map(({ name }) => chip(keyOf(`name.${name}`), name, () => naming.withText(name)));
    const other = chip(keyOf("name.other"), "…_other", startOther);
    const recent = vocabulary.recent().map((term, i) => chip(keyOf(`name.recent.${i + 1}`), term.name, () => naming.withTerm(term)));
    quick.replaceChildren(...reserved, other, ...recent);
  }

  /** @param {string} key @param {string} name @param {() => void} run */
  const chip = (key, name, run) =>
    element("button", { type: "button", class: "quick-name", tabindex: -1, title: name, disabled: input.disabled, onclick: run }, key && element("kbd", {}, keyLabel(key)), element("span", {}, name));

  function drawProgress() {
    const numbers = map.numbers();
    const named = numbers.length - step.unnamed().length;
    progress.textContent = t("{named} of {all} named", { named, all: numbers.length });
    bar.value = numbers.length > 0 ? named / numbers.length : 0;
    order.value = store.state.nextOrder;
    fit.checked = store.state.autoFit;
  }

  /** @param {number} i */
  function choose(i) {
    const row = rows[i];
    picksOther = false;
    row?.choose();
  }

  /** Free text: where it is nearly a known name, the person is asked once. */
  function takeText() {
    const typed = input.value.trim();
    if (!typed) return;
    const isDoubtful = typed.length >= SHORTEST_DOUBTED && doubted !== typed && !vocabulary.find(typed) && vocabulary.near(typed).length > 0;
    if (isDoubtful) {
      doubted = typed;
      drawHint();
      return;
    }
    doubted = "";
    void naming.withText(input.value);
  }

  function takeBest() {
    const typed = input.value.trim();
    const [near] = doubted && doubted === typed ? vocabulary.near(typed) : [];
    if (near) naming.withTerm(near.term);
    else if (rows[at]) choose(at);
    else if (typed) takeText();
  }

  function startOther() {
    picksOther = true;
    input.value = "";
    input.focus();
    refresh();
  }

  function showSelected() {
    const { selected, readOnly } = store.state;
    const { name } = entities.get(selected);
    const count = chosen.numbers().length;
    picksOther = false;
    if (selected === 0) label.textContent = t("Select an entity to name it");
    else if (count > 1) label.textContent = plural(count, "Name of {n} entities", "Name of {n} entities");
    else label.replaceChildren(t("Name of #{number}", { number: selected }), element("small", {}, pixelsText(map.area[selected])));
    input.disabled = selected === 0 || Boolean(readOnly);
    input.value = name;
    if (document.activeElement === input) input.select();
    card.hide();
    refresh();
    if (name) {
      rows = [];
      at = -1;
    }
    draw();
    drawProgress();
    const alike = name && count === 1 ? map.numbers().filter((number) => entities.get(number).name === name).length : 0;
    namesakes.hidden = alike < 2 || Boolean(readOnly);
    namesakes.replaceChildren(t("All {n} called {name}", { n: alike, name }), element("kbd", {}, keyLabel(actions.get("name.namesakes")?.keys[0] ?? "")));
  }

  /** What the field does with a key itself. @param {KeyboardEvent} event @returns {boolean} whether it was for it */
  function answer(event) {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const isPlain = !ctrlKey && !metaKey && !altKey;
    if ((key === "ArrowDown" || key === "ArrowUp") && isPlain && !shiftKey) {
      if (rows.length === 0) rows = candidates();
      const way = key === "ArrowDown" ? 1 : -1;
      if (rows.length > 0) at = at < 0 ? (way > 0 ? 0 : rows.length - 1) : (at + way + rows.length) % rows.length;
      draw();
      return true;
    }
    if (key === "Enter" && (ctrlKey || metaKey)) takeText();
    else if (key === "Enter" && !shiftKey && !altKey) takeBest();
    else if (key === "Escape") {
      if (picksOther || doubted) showSelected();
      else if (chosen.numbers().length > 1) chosen.only(store.state.selected);
      else leave();
    } else return /^[1-3]$/.test(key) && isPlain && input.value === "" && !picksOther && step.takeGuess(Number(key) - 1);
    return true;
  }

  input.addEventListener("input", refresh);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !answer(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("blur", () => card.hide());

  /** Where only masks are drawn, nobody sees the names. */
  const isInUse = () => store.state.step === "names";
  store.watch(["selected", "chosen", "readOnly", "step"], () => isInUse() && showSelected());
  store.watch(["nextOrder", "autoFit"], drawProgress);
  similarity.onChange(() => {
    drawHint();
    drawGuesses();
  });
  actions.onKeys(drawQuick);
  entities.onChange((numbers) => {
    if (!isInUse()) return;
    drawProgress();
    if (numbers.includes(store.state.selected) && document.activeElement !== input) showSelected();
  });
  showSelected();

  return {
    /** Ready to type. */
    focus() {
      showSelected();
      input.focus();
      input.select();
    },
    refresh: showSelected,
    startOther,
  };
}
