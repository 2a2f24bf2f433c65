/** The keys in the settings: search, change one by pressing it, presets, files. */
import { element } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";
import { choice as select, field } from "../../shell/fields.js";
import { prefer } from "../../shell/preferences.js";
import { complain } from "../../shell/toast.js";
import { presetNames } from "../key_presets.js";
import { comboOf, keyLabel } from "../keymap.js";
import { asPreset, hindranceOf, holderOf, importedKeys, keysInForce, OWN_KEYS, withKey, withoutKey } from "../shortcuts.js";

/** @typedef {ReturnType<import("../commands.js").Actions["keyed"]>[number]} KeyedAction */
/** @typedef {import("../shortcuts.js").KeyChoice} KeyChoice */

/** @param {import("../commands.js").Actions} actions */
export function keySettings(actions) {
  const search = element("input", { type: "search", placeholder: t("Search actions and keys") });
  const preset = select({ name: "preset" }, presetNames(), actions.choice().preset);
  const list = element("div", { class: "key-list", tabindex: 0, role: "region", "aria-label": t("Actions and their keys") });
  const status = element("p", { class: "key-status", role: "status", "aria-live": "polite" });
  const file = element("input", { type: "file", accept: "application/json,.json", hidden: true, "aria-label": t("File with keys") });
  /** The action that waits for a key. */
  let waiting = "";

  /** @param {KeyChoice} chosen @param {string} sentence */
  function use(chosen, sentence) {
    waiting = "";
    actions.rebind(chosen);
    prefer({ keys: chosen }).catch(complain);
    preset.value = chosen.preset;
    status.textContent = sentence;
    draw();
  }

  /** @param {KeyedAction} action @param {KeyboardEvent} event */
  function take(action, event) {
    if (["Shift", "Control", "Alt", "Meta", "AltGraph"].includes(event.key)) return;
    event.preventDefault();
    const key = comboOf(event);
    if (key === "esc") {
      stopWaiting(action.id);
      return;
    }
    const hindrance = hindranceOf(key);
    if (hindrance) {
      status.textContent = hindrance === "browser" ? t("{key} belongs to the browser.", { key: keyLabel(key) }) : t("{key} has a fixed meaning here.", { key: keyLabel(key) });
      return;
    }
    const holder = holderOf(actions.keyed(), actions.choice(), action, key);
    const sentence = holder
      ? t("{key} now means “{action}”; it was “{other}” before.", { key: keyLabel(key), action: action.label, other: labelOf(holder.id) })
      : t("{key} now means “{action}”.", { key: keyLabel(key), action: action.label });
    use(withKey(actions.keyed(), actions.choice(), action, key), sentence);
    focusOn(`add-${action.id}`);
  }

  /** @param {string} id */
  const labelOf = (id) => actions.get(id)?.label ?? id;
  /** @param {string} key */
  const focusOn = (key) => /** @type {HTMLElement | null} */ (list.querySelector(`[data-key="${CSS.escape(key)}"]`))?.focus();

  /** @param {string} id */
  function stopWaiting(id) {
    waiting = "";
    status.textContent = "";
    draw();
    focusOn(`add-${id}`);
  }

  /** @param {KeyedAction} action @param {string[]} keys */
  function row(action, keys) {
    const chosen = actions.choice();
    const isChanged = Object.hasOwn(chosen.changed, action.id);
    const isWaiting = waiting === action.id;
    const chips = keys.map((key) =>
      element(
        "span",
        { class: "key-chip" },
        element("kbd", {}, keyLabel(key)),
        element("button", {
          type: "button", class: "button button-quiet button-small button-icon-only",
          "aria-label": t("Take {key} from “{action}”", { key: keyLabel(key), action: action.label }),
          onclick: () => {
            use(withoutKey(actions.keyed(), chosen, action, key), t("“{action}” no longer answers to {key}.", { action: action.label, key: keyLabel(key) }));
            focusOn(`add-${action.id}`);
          },
        }, "×"),
      ),
    );
    const add = element("button", {
      type: "button", class: "button button-small", data: { key: `add-${action.id}` },
      "aria-label": isWaiting ? t("Press the key for “{action}”; Esc cancels", { action: action.label }) : t("Add a key for “{action}”", { action: action.label }),
      onclick: () => {
        waiting = action.id;
        draw();
        focusOn(`add-${action.id}`);
        status.textContent = t("Press the key for “{action}”; Esc cancels", { action: action.label });
      },
    }, isWaiting ? t("Press a key…") : t("Add key"));
    if (isWaiting) {
      add.addEventListener("keydown", (event) => take(action, event));
      add.addEventListener("blur", () => waiting === action.id && list.contains(add) && stopWaiting(""));
    }
    const reset = element("button", {
      type: "button", class: "button button-quiet button-small", "aria-label": t("Reset the keys of “{action}”", { action: action.label }),
      onclick: () => {
        use(asPreset(chosen, action.id), t("“{action}” has the preset's keys again.", { action: action.label }));
        focusOn(`add-${action.id}`);
      },
    }, t("Reset"));
    const item = element("li", { class: "key-row" }, element("span", { class: "key-label" }, action.label), ...chips, isChanged && reset, add);
    if (isChanged) item.dataset.changed = "";
    return item;
  }

  function draw() {
    const inForce = keysInForce(actions.keyed(), actions.choice());
    const sought = search.value.trim().toLowerCase();
    /** @type {Map<string, HTMLElement[]>} */
    const groups = new Map();
    for (const action of actions.keyed()) {
      const keys = inForce.get(action.id) ?? [];
      const isMeant = `${action.label} ${keys.map(keyLabel).join(" ")}`.toLowerCase().includes(sought);
      if (action.unlisted || !isMeant) continue;
      groups.set(action.group, [...(groups.get(action.group) ?? []), row(action, keys)]);
    }
    const top = list.scrollTop;
    list.replaceChildren(...[...groups].map(([name, rows]) => element("section", {}, element("h3", {}, name), element("ul", {}, ...rows))));
    if (groups.size === 0) list.append(element("p", { class: "soft settings-panel" }, t("No action or key like this.")));
    list.scrollTop = top;
  }

  function save() {
    const { preset: name, changed } = actions.choice();
    const link = element("a", { download: "tessera-keys.json", href: URL.createObjectURL(new Blob([JSON.stringify({ preset: name, changed }, null, 2)], { type: "application/json" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  async function load() {
    const [chosen] = file.files ?? [];
    file.value = "";
    if (!chosen) return;
    const found = importedKeys(await chosen.text().then(JSON.parse).catch(() => null), actions.keyed());
    if (!found) status.textContent = t("This is not a file of keys.");
    else use(found.choice, found.skipped ? plural(found.skipped, "Keys imported; {n} entry was not usable.", "Keys imported; {n} entries were not usable.") : t("Keys imported."));
  }

  search.addEventListener("input", draw);
  preset.addEventListener("change", () => use({ preset: /** @type {KeyChoice["preset"]} */ (preset.value), changed: {} }, t("The preset's keys are in force.")));
  file.addEventListener("change", () => void load());
  draw();
  return element(
    "div",
    { class: "settings-panel" },
    element(
      "div",
      { class: "key-tools" },
      field(t("Preset"), preset),
      field(t("Search"), search),
      element("button", { type: "button", class: "button", onclick: () => use({ ...OWN_KEYS, preset: actions.choice().preset }, t("The preset's keys are in force.")) }, t("Reset all")),
      element("button", { type: "button", class: "button", onclick: save }, t("Export")),
      element("button", { type: "button", class: "button", onclick: () => file.click() }, t("Import")),
      file,
    ),
    list,
    status,
  );
}
