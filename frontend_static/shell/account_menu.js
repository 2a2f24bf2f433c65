/** The account menu: opening and closing, appearance, a new API token. */
import { askForm, createDialog, shown } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { field, textInput, textOf } from "./fields.js";
import { moment } from "./formats.js";
import { api } from "./page.js";
import { complain, note } from "./toast.js";

const YEAR_S = 31_536_000;

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
    if (event.target instanceof HTMLInputElement && event.target.name === "theme") chooseTheme(event.target.value);
  });
  find("#new-token", panel).addEventListener("click", () => {
    setOpen(false);
    createToken().catch(complain);
  });
}

/** The server reads the cookie, so that the first paint already has the right colours. @param {string} theme */
function chooseTheme(theme) {
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

async function createToken() {
  /** @type {{token: string, expires_at: string} | undefined} */
  let issued;
  await askForm({
    title: "New API token",
    body: [
      element("p", { class: "soft" }, "A token lets a program act in your name, with your roles. Give it a name that says where you use it."),
      field("Name", textInput("name", { maxlength: 100, placeholder: "training cluster", required: true })),
      field("Your password", element("input", { type: "password", name: "password", autocomplete: "current-password", required: true })),
    ],
    accept: "Create token",
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
  const dialog = createDialog("Your new token");
  const copy = element("button", { type: "button", class: "button button-small" }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(token);
    note("Token copied.");
  });
  dialog.append(
    element(
      "div",
      { class: "dialog-body" },
      element("p", {}, "Copy it now: it is shown this once and kept nowhere."),
      element("div", { class: "copyable" }, element("code", { id: "issued-token" }, token), copy),
      element("p", { class: "soft small" }, `Send it as “Authorization: Token …”. It expires on ${moment(expiresAt)}.`),
    ),
    element(
      "div",
      { class: "dialog-actions" },
      element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close("") }, "I have copied it"),
    ),
  );
  await shown(dialog);
}
