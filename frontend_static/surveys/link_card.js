/** The link for people without an account: made, shown this once, copied, replaced, revoked. */
import { askChoice, askForm, createDialog, shown } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { choice, field, textOf } from "../shell/fields.js";
import { moment } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api } from "../shell/page.js";
import { busyWhile, complain, note } from "../shell/toast.js";

/** @typedef {import("./survey_words.js").SurveyRow} SurveyRow */

/** @param {SurveyRow} survey @param {() => unknown} changed */
export function linkCard(survey, changed) {
  const { has_link: hasLink, link_expires_at: expires, state } = survey;
  const isOver = hasLink && expires !== null && Date.parse(expires) <= Date.now();
  const make = element("button", { type: "button", class: `button${hasLink ? "" : " button-primary"}` }, spriteIcon("external"), hasLink ? t("New link") : t("Make a link"));
  make.addEventListener("click", () => busyWhile(make, async () => (await makeLink(survey)) && changed()));
  const revoke = element("button", { type: "button", class: "button" }, t("Revoke"));
  revoke.addEventListener("click", () => busyWhile(revoke, async () => (await revokeLink(survey)) && changed()));
  return element(
    "section",
    { class: "card padded survey-link", "aria-labelledby": "link-name" },
    element(
      "div",
      { class: "grow" },
      element("h3", { id: "link-name" }, t("People without an account"), hasLink && element("span", { class: `badge ${isOver ? "bad" : "good"}` }, isOver ? t("Expired") : t("Link works"))),
      element("p", { class: "soft" }, sentence(hasLink, isOver, expires)),
      hasLink && state !== "open" && element("p", { class: "soft" }, t("Whoever follows it now is told that the survey is not open.")),
    ),
    element("div", { class: "actions" }, make, hasLink && revoke),
  );
}

/** @param {boolean} hasLink @param {boolean} isOver @param {string | null} expires */
function sentence(hasLink, isOver, expires) {
  if (!hasLink || !expires) return t("A link lets anybody who has it answer this survey, and reach nothing else of the project.");
  return isOver ? t("The link expired on {date}.", { date: moment(expires) }) : t("The link works until {date}. It was shown once; a new one ends it, and who has begun goes on.", { date: moment(expires) });
}

/** @param {SurveyRow} survey */
async function makeLink({ id, has_link: hasLink }) {
  /** @type {{url: string, expires_at: string} | null} */
  let made = null;
  await askForm({
    title: hasLink ? t("New link") : t("Make a link"),
    body: [
      hasLink && element("p", {}, t("The link there is now stops working.")),
      field(t("It works for"), choice({ name: "days" }, [["7", t("a week")], ["30", t("30 days")], ["90", t("90 days")], ["365", t("a year")]], "30")),
    ],
    accept: hasLink ? t("Replace the link") : t("Make the link"),
    async submit(data) {
      made = await api.post(`surveys/${id}/link`, { days: Number(textOf(data, "days")) });
    },
  });
  if (made) await showLink(made);
  return Boolean(made);
}

/** @param {{url: string, expires_at: string}} link */
function showLink({ url, expires_at: expires }) {
  const dialog = createDialog(t("The link"));
  const copy = element("button", { type: "button", class: "button button-small" }, spriteIcon("copy"), t("Copy"));
  copy.addEventListener("click", () => navigator.clipboard.writeText(url).then(() => note(t("Link copied.")), complain));
  const close = element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, t("I have copied it"));
  dialog.append(
    element(
      "div",
      { class: "dialog-body" },
      element("p", {}, t("Copy it now: it is shown this once, and only its fingerprint is kept.")),
      element("div", { class: "copyable" }, element("code", { id: "survey-url" }, url), copy),
      element("p", { class: "soft small" }, t("It works until {date}.", { date: moment(expires) })),
    ),
    element("div", { class: "dialog-actions" }, close),
  );
  return shown(dialog);
}

/** @param {SurveyRow} survey */
async function revokeLink({ id }) {
  const chosen = await askChoice({
    title: t("Revoke the link?"),
    body: [element("p", {}, t("It then leads nowhere, also for who has begun. Answers stay. You can make a new link at any time."))],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Revoke"), value: "revoke", kind: "danger" }],
  });
  if (chosen !== "revoke") return false;
  await api.remove(`surveys/${id}/link`);
  note(t("The link leads nowhere now."));
  return true;
}
