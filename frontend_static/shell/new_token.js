/** A new API token: made from the account menu and from the page of tokens. */
import { askForm, createDialog, shown } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { field, textInput, textOf } from "./fields.js";
import { moment } from "./formats.js";
import { api } from "./page.js";
import { note } from "./toast.js";

/** Ask for a name and the password, then show the token this once. @returns {Promise<boolean>} whether one was made */
export async function createToken() {
  /** @type {{token: string, expires_at: string} | undefined} */
  let issued;
  await askForm({
    title: t("New API token"),
    body: [
      element("p", { class: "soft" }, t("A token lets a program act in your name, with your roles. Give it a name that says where you use it.")),
      field(t("Name"), textInput("name", { maxlength: 100, placeholder: t("training cluster"), required: true })),
      field(t("Your password"), element("input", { type: "password", name: "password", autocomplete: "current-password", required: true })),
    ],
    accept: t("Create token"),
    async submit(data) {
      issued = await api.post("tokens", {
        username: document.body.dataset.user,
        password: String(data.get("password")),
        name: textOf(data, "name"),
      });
    },
  });
  if (!issued) return false;
  await showToken(issued.token, issued.expires_at);
  return true;
}

/** @param {string} token @param {string} expiresAt */
async function showToken(token, expiresAt) {
  const dialog = createDialog(t("Your new token"));
  const copy = element("button", { type: "button", class: "button button-small" }, t("Copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(token);
    note(t("Token copied."));
  });
  dialog.append(
    element(
      "div",
      { class: "dialog-body" },
      element("p", {}, t("Copy it now: it is shown this once and kept nowhere.")),
      element("div", { class: "copyable" }, element("code", { id: "issued-token" }, token), copy),
      element("p", { class: "soft small" }, t("Send it as “Authorization: Token …”. It expires on {date}.", { date: moment(expiresAt) })),
    ),
    element(
      "div",
      { class: "dialog-actions" },
      element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close("") }, t("I have copied it")),
    ),
  );
  await shown(dialog);
}
