/** The few figures one looks for first. */
import { element } from "../shared/dom.js";

/** @param {[name: string, value: string, about: string][]} rows */
export const headline = (rows) =>
  element("dl", { class: "facts survey-headline" }, ...rows.map(([name, value, about]) => element("div", {}, element("dt", {}, name), element("dd", {}, value), element("dd", { class: "about" }, about))));
