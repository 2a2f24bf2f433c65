/** Who works in a project; admins add people, change roles and remove people. */
import { askChoice, askForm } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { fillOrFail } from "../shell/empty.js";
import { choice, field, textInput, textOf } from "../shell/fields.js";
import { day } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, pageData, query } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { ROLES } from "../shell/roles.js";
import { complain, note } from "../shell/toast.js";

/** @typedef {{id: number, user: number, username: string, name: string, role: string, created_at: string}} MemberRow */

const { project, user, canAdminister } = pageData();
const host = find("#members");

function refresh() {
  return fillOrFail(host, refresh, async () => {
    const answer = await api.get(`memberships${query({ project, page_size: 200 })}`);
    refill(host, table(answer.results));
  });
}

/** @param {MemberRow[]} rows */
function table(rows) {
  const head = [t("Person"), t("Role"), t("Member since")].map((name) => element("th", { scope: "col" }, name));
  if (canAdminister) head.push(element("th", { scope: "col" }, element("span", { class: "visually-hidden" }, t("Actions"))));
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      { class: "members" },
      element("caption", { class: "visually-hidden" }, t("Members of this project")),
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...rows.map(line)),
    ),
  );
}

/** @param {MemberRow} row */
function line(row) {
  const name = row.name || row.username;
  return element(
    "tr",
    {},
    element(
      "th",
      { scope: "row" },
      element(
        "span",
        { class: "member" },
        element("span", { class: "avatar", "aria-hidden": "true" }, row.username.slice(0, 1).toUpperCase()),
        name,
        name !== row.username && element("span", { class: "soft small" }, row.username),
        row.username === user && element("span", { class: "badge plain" }, t("you")),
      ),
    ),
    element("td", {}, canAdminister ? roleChoice(row) : labelOf(row.role)),
    element("td", { class: "soft" }, day(row.created_at)),
    canAdminister && element("td", { class: "right" }, removeButton(row)),
  );
}

/** @param {string} role */
const labelOf = (role) => ROLES.find(([value]) => value === role)?.[1] ?? role;

/** @param {MemberRow} row */
function roleChoice(row) {
  const select = choice({ class: "inline-select", "aria-label": t("Role of {person}", { person: row.username }) }, ROLES, row.role);
  select.addEventListener("change", async () => {
    select.disabled = true;
    try {
      await api.patch(`memberships/${row.id}`, { role: select.value });
      note(t("{person} has a new role: {role}.", { person: row.username, role: labelOf(select.value) }));
      row.role = select.value;
    } catch (problem) {
      select.value = row.role;
      complain(problem);
    }
    select.disabled = false;
  });
  return select;
}

/** @param {MemberRow} row */
function removeButton(row) {
  return element(
    "button",
    { type: "button", class: "button button-small button-quiet", "aria-label": t("Remove {person}", { person: row.username }), onclick: () => remove(row).catch(complain) },
    spriteIcon("trash"),
    element("span", {}, t("Remove")),
  );
}

/** @param {MemberRow} row */
async function remove(row) {
  const answer = await askChoice({
    title: t("Remove {person}?", { person: row.username }),
    body: [element("p", {}, t("Their annotations stay in the project; they can no longer see it."))],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Remove"), value: "remove", kind: "danger" }],
  });
  if (answer !== "remove") return;
  await api.remove(`memberships/${row.id}`);
  note(t("{person} is no longer a member.", { person: row.username }));
  await refresh();
}

async function add() {
  const added = await askForm({
    title: t("Add member"),
    body: [
      field(t("User name"), textInput("username", { required: true, maxlength: 150, autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
        t("The person needs an account on this installation.")),
      field(t("Role"), choice({ name: "role" }, ROLES, "annotator")),
    ],
    accept: t("Add member"),
    submit: (data) => api.post("memberships", { project, username: textOf(data, "username"), role: data.get("role") }),
  });
  if (!added) return;
  note(t("The member is added."));
  await refresh();
}

document.querySelector("#add-member")?.addEventListener("click", () => add().catch(complain));
refresh();
