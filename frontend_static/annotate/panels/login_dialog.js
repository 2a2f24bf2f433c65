/** 401 in the middle of work: log in without leaving, nothing is lost. */
import { askForm } from "../../shared/dialogs.js";
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";

/** @param {import("../../shared/api.js").Api} api @param {string} username @returns {Promise<boolean>} whether it succeeded */
export const askLogin = (api, username) =>
  askForm({
    title: t("Log in to go on"),
    body: [
      element("p", {}, t("Your session has ended. Your changes are kept on this computer and will be saved once you are back.")),
      element("div", { class: "field" }, element("label", { for: "login-name" }, t("User name")), element("input", { type: "text", id: "login-name", name: "username", autocomplete: "username", value: username, required: true })),
      element("div", { class: "field" }, element("label", { for: "login-password" }, t("Password")), element("input", { type: "password", id: "login-password", name: "password", autocomplete: "current-password", required: true, autofocus: true })),
    ],
    accept: t("Log in"),
    submit: (data) => api.logIn(String(data.get("username")), String(data.get("password"))),
  });
