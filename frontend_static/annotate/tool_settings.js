/** Settings of the tools: each tool declares its own, the editor's state keeps them. */

/** @typedef {string | number | boolean} SettingValue */
/**
 * @typedef {object} Setting
 * @property {string} id  "wand.tolerance"
 * @property {"range" | "choice" | "check"} kind
 * @property {string} label @property {string} [title]
 * @property {SettingValue} start
 * @property {number} [min] @property {number} [max] @property {number} [step]
 * @property {(value: number) => string} [text]  how a range's value reads
 * @property {{value: string, label: string}[]} [choices]
 * @property {(get: (id: string) => SettingValue) => boolean} [isShown]
 */
/** @typedef {ReturnType<typeof createToolSettings>} ToolSettings */

/** @param {import("./editor_state.js").EditorStore} store */
export function createToolSettings(store) {
  /** @type {Map<string, Setting>} */
  const declared = new Map();

  /** @param {string} id @returns {SettingValue} */
  function get(id) {
    const setting = declared.get(id);
    if (!setting) throw new Error(`There is no setting ${id}.`);
    const kept = store.state.settings[id];
    return isValid(setting, kept) ? kept : setting.start;
  }

  return {
    get,
    number: (/** @type {string} */ id) => Number(get(id)),
    text: (/** @type {string} */ id) => String(get(id)),
    isOn: (/** @type {string} */ id) => get(id) === true,
    /** @param {string} id @param {SettingValue} value kept within its bounds */
    set(id, value) {
      const { min = -Infinity, max = Infinity } = declared.get(id) ?? {};
      const bounded = typeof value === "number" ? Math.max(min, Math.min(max, value)) : value;
      if (bounded !== get(id)) store.set({ settings: { ...store.state.settings, [id]: bounded } });
    },
    /** @param {Setting[]} settings */
    declare(settings) {
      for (const setting of settings) declared.set(setting.id, setting);
    },
    /** Hear of every change of a setting or of the write mask. @param {() => void} listener */
    onChange: (listener) => store.watch(["settings", "paintMode"], listener),
  };
}

/** Whether a value from an earlier visit still means something. @param {Setting} setting @param {SettingValue | undefined} value @returns {value is SettingValue} */
function isValid({ kind, min = -Infinity, max = Infinity, choices = [] }, value) {
  if (kind === "check") return typeof value === "boolean";
  if (kind === "choice") return choices.some((choice) => choice.value === value);
  return typeof value === "number" && value >= min && value <= max;
}
