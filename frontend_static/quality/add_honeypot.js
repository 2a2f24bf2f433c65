/** Choosing accepted images whose annotations are to be trusted. */
import { createDialog, shown } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { field, textInput } from "../shell/fields.js";
import { api, latest, query, whenQuiet } from "../shell/page.js";
import { busyWhile, note } from "../shell/toast.js";

/** @typedef {{annotation: number, image: number, file_name: string, annotator: string, masks: number}} Candidate */

const SHOWN = 12;

/** @param {number} project @param {() => void} changed */
export async function askHoneypot(project, changed) {
  const dialog = createDialog(t("Add honeypots"));
  const search = textInput("search", { type: "search", autocomplete: "off" });
  const list = element("ul", { class: "candidates", "aria-busy": "true" });
  const more = element("p", { class: "soft small", "aria-live": "polite" });
  let added = 0;

  const load = latest((signal) => api.get(`honeypots/candidates${query({ project, search: search.value.trim(), page_size: SHOWN })}`, { signal }));

  async function fill() {
    try {
      const answer = await load();
      if (!answer) return;
      list.replaceChildren(...answer.results.map(candidate));
      const rest = answer.count - answer.results.length;
      more.textContent = answer.count ? (rest > 0 ? plural(rest, "{n} more: type a part of its name.", "{n} more: type a part of their names.") : "") : t("No accepted image of this name is free: every one is or was a honeypot, or none is accepted yet.");
    } catch (problem) {
      more.textContent = problem instanceof Error ? problem.message : String(problem);
    }
    list.removeAttribute("aria-busy");
  }

  /** @param {Candidate} row */
  function candidate(row) {
    const button = element("button", { type: "button", class: "button button-small", "aria-label": t("Trust {name}", { name: row.file_name }) }, t("Trust"));
    const item = element(
      "li",
      {},
      element("img", { src: `/api/v1/images/${row.image}/thumbnail`, alt: "", loading: "lazy" }),
      element("span", { class: "grow" }, element("a", { href: `/annotate/${row.annotation}`, target: "_blank", rel: "noopener" }, row.file_name), element("small", { class: "soft" }, `${row.annotator} · ${plural(row.masks, "{n} mask", "{n} masks")}`)),
      button,
    );
    button.addEventListener("click", () =>
      busyWhile(button, async () => {
        await api.post("honeypots", { project, annotation: row.annotation });
        added += 1;
        item.remove();
        if (!list.children.length) await fill();
        search.focus();
      }),
    );
    return item;
  }

  search.addEventListener("input", whenQuiet(fill));
  dialog.append(
    element("div", { class: "dialog-body" }, element("p", {}, t("Trust an annotation only if it is right to the pixel: everybody who gets the image is measured by it.")), field(t("File name"), search), list, more),
    element("div", { class: "dialog-actions" }, element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, t("Done"))),
  );
  fill();
  await shown(dialog);
  if (!added) return;
  note(plural(added, "{n} honeypot added.", "{n} honeypots added."));
  changed();
}
