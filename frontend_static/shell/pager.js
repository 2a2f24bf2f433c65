/** Page by page through a list of the API. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { spriteIcon } from "./icons.js";

/**
 * @param {HTMLElement} host is emptied and filled
 * @param {{count: number, page: number, pageSize: number, show: (page: number) => void}} options
 */
export function renderPager(host, { count, page, pageSize, show }) {
  host.replaceChildren();
  const last = Math.max(1, Math.ceil(count / pageSize));
  if (last === 1) return;
  /** @param {string} label @param {string} icon @param {number} target */
  const step = (label, icon, target) =>
    element(
      "button",
      { type: "button", class: "button", disabled: target < 1 || target > last, onclick: () => show(target) },
      icon === "chevron-left" && spriteIcon(icon),
      label,
      icon === "chevron-right" && spriteIcon(icon),
    );
  const from = (page - 1) * pageSize + 1;
  host.append(
    element(
      "div",
      { class: "pager" },
      step(t("Previous"), "chevron-left", page - 1),
      element("span", { class: "soft number" }, t("{from}–{to} of {count}", { from, to: Math.min(count, page * pageSize), count })),
      step(t("Next"), "chevron-right", page + 1),
    ),
  );
}
