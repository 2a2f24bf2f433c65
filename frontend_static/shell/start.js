/** What every page starts: the account menu, if someone is logged in; the language before; on a phone, the current tab in sight. */
import { startAccountMenu } from "./account_menu.js";
import { prefer } from "./preferences.js";

if (document.querySelector("#account-menu")) startAccountMenu();
for (const tab of document.querySelectorAll(".tabs [aria-current]")) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
for (const button of document.querySelectorAll("button[data-language]")) {
  button.addEventListener("click", async () => {
    await prefer({ language: button.getAttribute("data-language") ?? "" });
    location.reload();
  });
}
