/** What every page starts: the account menu, if someone is logged in. */
import { startAccountMenu } from "./account_menu.js";

if (document.querySelector("#account-menu")) startAccountMenu();
