/** The person's API tokens: list, name, revoke, and a new one. */
import { askChoice, askForm } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { field, textInput, textOf } from "../shell/fields.js";
import { ago, day } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { createToken } from "../shell/new_token.js";
import { api } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { complain, note } from "../shell/toast.js";

/** @typedef {{id: number, name: string, created_at: string, expires_at: string, last_used_at: string | null}} TokenRow */

const host = find("#tokens");

function refresh() {
  return fillOrFail(host, refresh, async () => {
    /** @type {{results: TokenRow[]}} */
    const { results } = await api.get("tokens");
    refill(host, results.length ? table(results) : nothing());
  });
}

const nothing = () =>
  emptyState({ title: t("No tokens yet"), text: t("A program that reads or writes through the API needs one. The API reference shows what it can ask for."), picture: false });

/** @param {TokenRow[]} rows */
function table(rows) {
  const heads = [t("Name"), t("Made"), t("Last used"), t("Expires")].map((name) => element("th", { scope: "col" }, name));
  heads.push(element("th", { scope: "col" }, element("span", { class: "visually-hidden" }, t("Actions"))));
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      {},
      element("caption", { class: "visually-hidden" }, t("Your API tokens")),
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows.map(line)),
    ),
  );
}

/** @param {TokenRow} row */
function line(row) {
  const name = row.name || t("Without a name");
  const hasExpired = Date.parse(row.expires_at) < Date.now();
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    element("td", {}, day(row.created_at)),
    element("td", {}, row.last_used_at ? ago(row.last_used_at) : t("Never")),
    element("td", {}, hasExpired ? element("span", { class: "badge bad" }, t("Expired")) : day(row.expires_at)),
    element(
      "td",
      { class: "right" },
      element(
        "span",
        { class: "actions" },
        button("edit", t("Rename"), t("Rename {name}", { name }), () => rename(row)),
        button("trash", t("Revoke"), t("Revoke {name}", { name }), () => revoke(row, name)),
      ),
    ),
  );
}

/** @param {string} icon @param {string} label @param {string} title @param {() => Promise<void>} act */
const button = (icon, label, title, act) =>
  element("button", { type: "button", class: "button button-small button-quiet", "aria-label": title, onclick: () => act().catch(complain) }, spriteIcon(icon), label);

/** @param {TokenRow} row */
async function rename(row) {
  const renamed = await askForm({
    title: t("Rename token"),
    body: [field(t("Name"), textInput("name", { value: row.name, maxlength: 100, required: true }))],
    accept: t("Save"),
    submit: (data) => api.patch(`tokens/${row.id}`, { name: textOf(data, "name") }),
  });
  if (renamed) await refresh();
}

/** @param {TokenRow} row @param {string} name */
async function revoke(row, name) {
  const answer = await askChoice({
    title: t("Revoke {name}?", { name }),
    body: [element("p", {}, t("Programs that use it are refused from now on. This cannot be undone."))],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Revoke"), value: "revoke", kind: "danger" }],
  });
  if (answer !== "revoke") return;
  await api.remove(`tokens/${row.id}`);
  note(t("The token is revoked."));
  await refresh();
}

async function create() {
  if (await createToken()) await refresh();
}

find("#create-token").addEventListener("click", () => create().catch(complain));
if (location.hash === "#new") create().catch(complain);
refresh();
