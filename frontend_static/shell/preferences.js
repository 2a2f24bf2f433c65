/** How this person wants the product: read from the page, changed at once, kept with the account. */
import { api } from "./page.js";

/** @typedef {{preset: "tessera" | "cvat", changed: Record<string, string[]>}} KeyChoice */
/** @typedef {{language: string, theme: string, motion: "system" | "reduced", keys: Partial<KeyChoice>}} Preferences */

const YEAR_S = 31_536_000;

/** @type {Preferences} */
const current = { language: "", theme: "dark", motion: "system", keys: {}, ...inPage() };

/** What the server wrote into the page. @returns {Partial<Preferences>} */
function inPage() {
  const text = globalThis.document?.querySelector('meta[name="preferences"]')?.getAttribute("content");
  return text ? JSON.parse(text) : {};
}

/** @returns {Readonly<Preferences>} */
export const preferences = () => current;

/** @returns {KeyChoice} */
export const keyChoice = () => ({ preset: "tessera", changed: {}, ...current.keys });

/** Show and keep a change. @param {Partial<Preferences>} changes @returns {Promise<void>} */
export async function prefer(changes) {
  Object.assign(current, changes);
  show(changes);
  if (document.body.dataset.user) await api.patch("me", { preferences: changes });
}

/** @param {Partial<Preferences>} changes */
function show({ theme, motion, language }) {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else if (theme) dataset.theme = theme;
  if (motion === "reduced") dataset.motion = motion;
  else if (motion) delete dataset.motion;
  // Pages before the log-in know nobody: cookies tell them.
  if (theme) remember("theme", theme);
  if (language !== undefined) remember("language", language);
}

/** @param {string} name @param {string} value "" forgets it */
function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${value ? YEAR_S : 0}; samesite=lax`;
}

/** Whether things should appear in place instead of moving there. */
export const reducesMotion = () => current.motion === "reduced" || matchMedia("(prefers-reduced-motion: reduce)").matches;
