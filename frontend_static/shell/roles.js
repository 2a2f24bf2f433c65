/** The four roles, by rank, as people read them. */
import { t } from "../shared/translate.js";

/** @type {[role: string, name: string][]} */
export const ROLES = [["annotator", t("Annotator")], ["reviewer", t("Reviewer")], ["curator", t("Curator")], ["admin", t("Admin")]];

/** @param {string} role */
export const roleName = (role) => ROLES.find(([known]) => known === role)?.[1] ?? role;
