/** All versions a project may use: what they are, what they scored, what can be done with them. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { day } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { made, scored, stageBadge, stageIn } from "./version.js";
import { versionDetails } from "./version_details.js";

/** @typedef {import("./version.js").VersionRow} VersionRow */
/** @typedef {{label: string, icon?: string, act: (version: VersionRow) => Promise<unknown>, when: (version: VersionRow) => boolean}} Action */

/**
 * @param {number} project @param {VersionRow[]} versions @param {Action[]} actions
 * @param {(button: HTMLButtonElement, act: () => Promise<unknown>) => void} run
 */
export const versionList = (project, versions, actions, run) => element("ul", { class: "version-list" }, ...versions.map((version) => line(project, version, actions, run)));

/** @param {number} project @param {VersionRow} version @param {Action[]} actions @param {(button: HTMLButtonElement, act: () => Promise<unknown>) => void} run */
function line(project, version, actions, run) {
  const buttons = actions.filter(({ when }) => when(version)).map(({ label, icon, act }) => {
    const button = element("button", { type: "button", class: "button button-small above", "aria-label": `${label}: ${version.name}` }, icon && spriteIcon(icon), label);
    button.addEventListener("click", () => run(button, () => act(version)));
    return button;
  });
  return element(
    "li",
    { class: "card version-row" },
    element(
      "div",
      { class: "version-main" },
      element("h3", {}, version.name, stageBadge(stageIn(version, project))),
      element("p", { class: "soft small number" }, [made(version), version.project === null && t("comes with Tessera"), day(version.created_at)].filter(Boolean).join(" · ")),
    ),
    element("p", { class: "version-score number" }, scored(version) || element("span", { class: "soft" }, t("not evaluated yet"))),
    buttons.length > 0 && element("div", { class: "actions" }, ...buttons),
    versionDetails(project, version),
  );
}
