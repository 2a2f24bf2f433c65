/** What the coming night will do: whether there is enough new to learn from, and where that is set. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { moment, whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";

/**
 * @typedef {object} Outlook
 * @property {boolean} retrain_nightly
 * @property {number} new_masks  accepted since the last training
 * @property {number} min_masks  as many as a night asks for
 * @property {string | null} next_night
 * @property {import("../models/champion.js").Reign} champion
 */

/** @param {Outlook} outlook @param {(() => void) | null} openSettings null: not for this person */
export function nightlyCard(outlook, openSettings) {
  const { retrain_nightly: isOn, new_masks: ready, min_masks: wanted } = outlook;
  const settings = openSettings && element("button", { type: "button", class: "button button-small", data: { key: "settings" }, onclick: openSettings }, spriteIcon("gear"), t("Settings"));
  const count = t("{ready} of {wanted} newly accepted masks", { ready: whole(ready), wanted: whole(wanted) });
  return element(
    "section",
    { class: "card padded nightly", "aria-labelledby": "nightly-name" },
    element("header", {}, element("h3", { id: "nightly-name" }, t("Nightly retraining"), element("span", { class: `badge ${isOn ? "good" : ""}` }, isOn ? t("On") : t("Off"))), settings),
    element("p", { class: "soft" }, isOn ? comingText(outlook) : t("Off: the champion only learns when somebody starts a training.")),
    element("div", { class: "nightly-count" }, element("progress", { max: Math.max(1, wanted), value: Math.min(ready, wanted), "aria-label": count }), element("span", { class: "small number" }, count)),
  );
}

/** @param {Outlook} outlook */
function comingText({ new_masks: ready, min_masks: wanted, next_night: night }) {
  const missing = wanted - ready;
  if (missing > 0) return plural(missing, "When {n} more mask is accepted, the next night trains the champion on it, and keeps the better of the two.", "When {n} more masks are accepted, the next night trains the champion on them, and keeps the better of the two.");
  return night ? t("Enough is there: the next training begins {time}.", { time: moment(night) }) : t("Enough is there for the next night.");
}
