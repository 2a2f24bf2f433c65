/** 401 in the middle of work: log in without leaving, nothing is lost. */
import { askForm } from "../../shared/dialogs.js";
import { element } from "../../shared/dom.js";

/** @param {import("../../shared/api.js").Api} api @param {string} username @returns {Promise<boolean>} whether it succeeded */
export const askLogin = (api, username) =>
  askForm({
    title: "Log in to go on",
    body: [
      element("p", {}, "Your session has ended. Your changes are kept on this computer and will be saved once you are back."),
      element("div", { class: "field" }, element("label", { for: "login-name" }, "User name"), element("input", { type: "text", id: "login-name", name: "username", autocomplete: "username", value: username, required: true })),
      element("div", { class: "field" }, element("label", { for: "login-password" }, "Password"), element("input", { type: "password", id: "login-password", name: "password", autocomplete: "current-password", required: true, autofocus: true })),
    ],
    accept: "Log in",
    submit: (data) => api.logIn(String(data.get("username")), String(data.get("password"))),
  });
