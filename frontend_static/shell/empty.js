/** What a list shows when there is nothing in it: why, and what to do about it. */
import { element } from "../shared/dom.js";

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

/** A failed load, in place of the list. @param {unknown} problem @param {() => void} retry */
export function failedState(problem, retry) {
  const sentence = problem instanceof Error ? problem.message : String(problem);
  return element(
    "div",
    { class: "notice bad", role: "alert" },
    element("p", { class: "grow" }, sentence),
    element("button", { type: "button", class: "button button-small", onclick: retry }, "Try again"),
  );
}
