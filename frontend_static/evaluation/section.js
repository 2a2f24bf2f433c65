/** A titled part of a page. */
import { element } from "../shared/dom.js";

/** @param {string} id @param {string} title @param {...(import("../shared/dom.js").Child)} children */
export const section = (id, title, ...children) => element("section", { class: "section", id, "aria-labelledby": `${id}-name` }, element("h2", { id: `${id}-name` }, title), ...children);
