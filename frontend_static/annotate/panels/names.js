/** The naming box: type two or three letters, Enter, and the next unnamed entity comes up. */
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";
import { keyLabel } from "../keymap.js";
import { QUICK_NAMES, otherOf } from "../naming.js";
import { normalise } from "../suggestions.js";

/** @typedef {import("../suggestions.js").Term} Term */
/** @typedef {{label: string, note: string, choose: () => void}} Row */

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../drawing.js").Drawing} parts.drawing
 * @param {import("../editor_state.js").EditorStore} parts.store
 * @param {import("../vocabulary.js").Vocabulary} parts.vocabulary
 * @param {import("../naming.js").Naming} parts.naming
 * @param {() => void} parts.leave  give the focus back to the canvas
 */
export function createNames(host, { drawing, store, vocabulary, naming, leave }) {
  const label = element("label", { for: "entity-name", class: "names-label" });
  const input = element("input", {
    type: "text", id: "entity-name", autocomplete: "off", spellcheck: "false", maxlength: 100, role: "combobox",
    "aria-autocomplete": "list", "aria-controls": "name-suggestions", "aria-expanded": "false",
  });
  const list = element("ul", { id: "name-suggestions", role: "listbox", "aria-label": t("Suggestions"), class: "name-suggestions" });
  const quick = element("div", { class: "quick-names" });
  const hint = element("p", { class: "names-hint" });
  host.append(label, input, list, quick, hint);
  /** @type {Row[]} */
  let rows = [];
  let at = 0;
  /** Choosing the supercategory for "…_other". */
  let picksOther = false;

  /** @returns {Row[]} */
  function candidates() {
    const typed = normalise(input.value);
    if (picksOther) {
      const kinds = vocabulary.parents(typed).slice(0, 10);
      return kinds.map((kind) => ({ label: otherOf(kind), note: t("some other {kind}", { kind }), choose: () => naming.withText(otherOf(kind)) }));
    }
    return vocabulary.suggest(input.value).map(({ term, alias }) => ({
      label: term.name,
      note: (alias && `alias: ${alias}`) || term.parent || (term.status === "pending" ? t("proposed") : ""),
      choose: () => naming.withTerm(term),
    }));
  }

  function refresh() {
    rows = candidates();
    at = 0;
    draw();
  }

  function draw() {
    list.replaceChildren(
      ...rows.map(({ label: text, note }, i) =>
        element(
          "li",
          { role: "option", id: `suggestion-${i}`, "aria-selected": String(i === at), onpointerdown: (/** @type {Event} */ event) => event.preventDefault(), onclick: () => choose(i) },
          element("span", {}, text),
          element("small", {}, note),
        ),
      ),
    );
    input.setAttribute("aria-expanded", String(rows.length > 0));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    if (rows.length > 0) input.setAttribute("aria-activedescendant", `suggestion-${at}`);
    else input.removeAttribute("aria-activedescendant");
    const typed = input.value.trim();
    const isNew = typed && !picksOther && !vocabulary.find(typed);
    hint.textContent = picksOther ? t("Other kind of what?") : isNew ? t("Ctrl+Enter: use “{typed}” as a new name", { typed }) : t("Enter: take it, Esc: back to the image");
    drawQuick();
  }

  function drawQuick() {
    const reserved = QUICK_NAMES.map(({ key, name }) => chip(key, name, () => naming.withText(name)));
    const other = chip("alt+o", "…_other", startOther);
    const recent = vocabulary.recent().map((term, i) => chip(`alt+${i + 1}`, term.name, () => naming.withTerm(term)));
    quick.replaceChildren(...reserved, other, ...recent);
  }

  /** @param {string} key @param {string} name @param {() => void} run */
  const chip = (key, name, run) =>
    element("button", { type: "button", class: "quick-name", tabindex: -1, title: keyLabel(key), onclick: run }, element("kbd", {}, keyLabel(key)), name);

  /** @param {number} i */
  function choose(i) {
    const row = rows[i];
    picksOther = false;
    row?.choose();
  }

  function startOther() {
    picksOther = true;
    input.value = "";
    input.focus();
    refresh();
  }

  function showSelected() {
    const { selected } = store.state;
    const { name } = drawing.entities.get(selected);
    picksOther = false;
    label.textContent = selected ? t("Name of #{number}", { number: selected }) : t("Select an entity to name it");
    input.disabled = selected === 0 || Boolean(store.state.readOnly);
    input.value = name;
    input.select();
    refresh();
    if (name) rows = [];
    draw();
  }

  input.addEventListener("input", refresh);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (rows.length === 0) refresh();
      else at = (at + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length;
      draw();
    } else if (event.key === "Enter" && event.ctrlKey) {
      naming.withText(input.value);
    } else if (event.key === "Enter") {
      if (rows.length > 0 && input.value.trim()) choose(at);
      else if (input.value.trim()) naming.withText(input.value);
    } else if (event.key === "Escape") {
      if (picksOther) showSelected();
      else leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  store.watch(["selected", "readOnly"], showSelected);
  drawing.entities.onChange((numbers) => {
    if (numbers.includes(store.state.selected) && document.activeElement !== input) showSelected();
  });

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
