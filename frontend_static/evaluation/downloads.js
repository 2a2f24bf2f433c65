/** The files of a report, in a menu. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { spriteIcon } from "../shell/icons.js";

/** @param {number} report */
export function reportDownloads(report) {
  const root = `/api/v1/evaluation-reports/${report}`;
  /** @type {[string, string][]} */
  const files = [
    [t("Everything, JSON"), `${root}/report.json`],
    [t("Figures, CSV"), `${root}/report.csv`],
    [t("Figures by image, CSV"), `${root}/images.csv`],
  ];
  const panel = element("div", { class: "menu-panel download-panel" }, ...files.map(([label, href]) => element("a", { class: "menu-item", href, download: "" }, spriteIcon("download"), label)));
  const menu = element("details", { class: "menu download-menu" }, element("summary", { class: "button" }, spriteIcon("download"), t("Download"), spriteIcon("chevron-down")), panel);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) menu.open = false;
  });
  return menu;
}
