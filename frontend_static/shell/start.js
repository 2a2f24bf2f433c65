/** What every page starts: the account menu, if someone is logged in; on a phone, the current tab in sight. */
import { startAccountMenu } from "./account_menu.js";

if (document.querySelector("#account-menu")) startAccountMenu();
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
