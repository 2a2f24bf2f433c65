/** The account menu: opening and closing, appearance, settings, a new API token. */
import { find } from "../shared/dom.js";
import { createToken } from "./new_token.js";
import { prefer } from "./preferences.js";
import { openSettings } from "./settings.js";
import { complain } from "./toast.js";

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
