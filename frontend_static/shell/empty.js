/** What a list shows when there is nothing in it, or when it could not be loaded: why, and what to do about it. */
import { ApiError } from "../shared/api.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";

const LOGO = new URL("../logo.svg", import.meta.url).href;

/** @param {{title: string, text: string, actions?: (Node | false)[], picture?: boolean}} options */
export function emptyState({ title, text, actions = [], picture = true }) {
  return element(
    "div",
    { class: "empty" },
    picture && element("img", { src: LOGO, alt: "" }),
    element("h2", {}, title),
    element("p", {}, text),
    actions.some(Boolean) && element("div", { class: "actions" }, ...actions),
  );
}

/** A failed load, in place of the list: what happened, and the way on. @param {unknown} problem @param {() => void} retry */
export function failedState(problem, retry) {
  const hasEnded = problem instanceof ApiError && problem.status === 401;
  const sentence = problem instanceof Error ? problem.message : String(problem);
  const here = encodeURIComponent(location.pathname + location.search);
  return element(
    "div",
    { class: "notice bad", role: "alert" },
    element("p", { class: "grow" }, hasEnded ? t("Your session has ended.") : sentence),
    hasEnded
      ? element("a", { class: "button button-small", href: `/login?next=${here}` }, t("Log in again"))
      : element("button", { type: "button", class: "button button-small", onclick: retry }, t("Try again")),
  );
}

/**
 * Load and show what belongs in a place; if that fails, say so there. The place is no longer busy then.
 * @param {HTMLElement} host @param {() => void} retry @param {() => Promise<void>} show
 */
export async function fillOrFail(host, retry, show) {
  try {
    await show();
  } catch (problem) {
    host.replaceChildren(failedState(problem, retry));
  }
  host.setAttribute("aria-busy", "false");
}
