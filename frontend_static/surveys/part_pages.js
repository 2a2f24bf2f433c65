/** What a participant sees before the first question and after the last one. */
import { ApiError } from "../shared/api.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { checkbox, field, textInput, textOf } from "../shell/fields.js";
import { spriteIcon } from "../shell/icons.js";
import { busyWhile } from "../shell/toast.js";

const LOGO = new URL("../logo.svg", import.meta.url).href;
const SECONDS_A_QUESTION = 12;

/** Text as it was written, an empty line between paragraphs. @param {string} text */
export const paragraphs = (text) => text.split(/\n\s*\n/).map((part) => element("p", {}, part));

/** @param {import("./part.js").Visit} visit @param {(said: {consent: boolean, name: string}) => Promise<void>} join */
export function welcome(visit, join) {
  if (visit.is_full) return card(element("h1", {}, t("All places are taken")), element("p", {}, t("This survey has all the participants it needs. Thank you for your interest.")));
  const begin = element("button", { type: "submit", class: "button button-primary button-large" }, t("Begin"));
  const problem = element("p", { class: "form-error", role: "alert", hidden: true });
  const form = element(
    "form",
    { class: "welcome-form" },
    visit.asks_name && field(t("Your name, if you like"), textInput("name", { maxlength: 80, autocomplete: "name" })),
    visit.consent && element("div", { class: "welcome-consent" }, ...paragraphs(visit.consent)),
    checkbox(visit.consent ? t("I have read this and agree to take part.") : t("I agree that my answers are kept and evaluated."), "consent", false),
    problem,
    begin,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = new FormData(form);
    problem.hidden = said.has("consent");
    problem.textContent = t("Tick the box above to agree first.");
    if (!said.has("consent")) return;
    busyWhile(begin, () => join({ consent: true, name: textOf(said, "name") }));
  });
  return card(
    element("h1", {}, visit.title || t("What do you think of these masks?")),
    element("p", {}, visit.kind === "preference" ? t("You see one picture twice, each time divided into coloured regions in another way. Say which division is better, or that you see no difference.") : t("You see pictures divided into coloured regions. Say from 0 to 10 how satisfied you are with each division.")),
    visit.definition && element("div", { class: "welcome-definition" }, element("h2", {}, t("What a region should be")), ...paragraphs(visit.definition)),
    element("p", { class: "soft" }, [plural(visit.questions, "{n} question", "{n} questions"), about(visit.questions), t("Every answer is saved at once: you may stop and go on later on this device.")].join(" · ")),
    form,
  );
}

/** @param {number} questions */
function about(questions) {
  const minutes = Math.max(1, Math.round((questions * SECONDS_A_QUESTION) / 60));
  return plural(minutes, "about {n} minute", "about {n} minutes");
}

/**
 * After the last question, before finishing.
 * @param {import("./part.js").Item[]} items @param {{go: (place: number) => void, finish: () => Promise<void>}} act
 */
export function review(items, { go, finish }) {
  const open = items.filter(({ answer }) => !answer);
  const done = element("button", { type: "button", class: `button button-large${open.length ? "" : " button-primary"}` }, t("Finish"));
  done.addEventListener("click", () => busyWhile(done, finish));
  const onward = element("button", { type: "button", class: `button button-large${open.length ? " button-primary" : ""}`, onclick: () => go(open.length ? open[0].place : 1) }, open.length ? t("Go to the open questions") : t("Look at the answers again"));
  return card(
    element("h1", {}, open.length ? plural(open.length, "{n} question is still open", "{n} questions are still open") : t("That was the last one")),
    element("p", {}, open.length ? plural(open.length, "You can answer it now, or finish without it. Once you finish, your answers are final.", "You can answer them now, or finish without them. Once you finish, your answers are final.") : t("All questions are answered. You can still change answers; once you finish, they are final.")),
    element("div", { class: "actions" }, onward, done),
  );
}

/** @param {string} back address of the project, of members */
export const finished = (back) =>
  card(
    element("span", { class: "survey-done", "aria-hidden": "true" }, spriteIcon("check")),
    element("h1", {}, t("Thank you")),
    element("p", {}, t("Your answers have arrived. You can close this page.")),
    back && element("a", { class: "button", href: back }, t("Back to the project")),
  );

/** @param {unknown} problem @param {() => void} retry */
export function failure(problem, retry) {
  const code = problem instanceof ApiError ? problem.code : "";
  const sentences = /** @type {Record<string, string>} */ ({
    closed: t("This survey is closed. Thank you for your interest."),
    preparing: t("This survey has not been opened yet. Come back later."),
    ready: t("This survey has not been opened yet. Come back later."),
    failed: t("This survey has not been opened yet. Come back later."),
  });
  const sentence = sentences[code] || (problem instanceof Error ? problem.message : String(problem));
  return card(
    element("h1", {}, t("Not now")),
    element("p", { role: "alert" }, sentence),
    element("button", { type: "button", class: "button", onclick: retry }, t("Try again")),
  );
}

/** @param {...import("../shared/dom.js").Child} children */
const card = (...children) => element("div", { class: "survey-card" }, element("img", { src: LOGO, alt: "", width: 40, height: 40 }), ...children);
