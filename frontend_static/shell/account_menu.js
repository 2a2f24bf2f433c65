/** The account menu: opening and closing, appearance, settings, a new API token. */
import { askForm, createDialog, shown } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { field, textInput, textOf } from "./fields.js";
import { moment } from "./formats.js";
import { api } from "./page.js";
import { prefer } from "./preferences.js";
import { openSettings } from "./settings.js";
import { complain, note } from "./toast.js";

export function startAccountMenu() {
  const menu = find("#account-menu");
  const opener = find("button", menu);
  const panel = find("#account-panel", menu);

  /** @param {boolean} open */
  const setOpen = (open) => {
    panel.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
  };
  opener.addEventListener("click", () => setOpen(Boolean(panel.hidden)));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    setOpen(false);
    opener.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) setOpen(false);
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) setOpen(false);
  });
  panel.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.name === "theme") prefer({ theme: event.target.value }).catch(complain);
  });
  find("#open-settings", panel).addEventListener("click", () => {
    setOpen(false);
    opener.focus();
    openSettings().catch(complain);
  });
  find("#new-token", panel).addEventListener("click", () => {
    setOpen(false);
    createToken().catch(complain);
  });
}

async function createToken() {
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
  if (issued) await showToken(issued.token, issued.expires_at);
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
