/** The versions a dialog offers: the champion, then the newest that are not retired. */
import { api, query } from "../shell/page.js";
import { stageIn } from "./version.js";

/** @typedef {import("./version.js").VersionRow} VersionRow */

const MOST_OFFERED = 100;

/** The project's champion, else the shared one. @param {number} project @param {AbortSignal} [signal] @returns {Promise<VersionRow | null>} */
export async function championOf(project, signal) {
  const { results } = await api.get(`model-versions${query({ project, stage: "champion" })}`, { signal });
  return /** @type {VersionRow[]} */ (results).find((version) => stageIn(version, project) === "champion") ?? null;
}

/** @param {number} project @returns {Promise<{champion: VersionRow | null, versions: VersionRow[]}>} the champion comes first */
export async function usableVersions(project) {
  const [champion, { results }] = await Promise.all([championOf(project), api.get(`model-versions${query({ project, page_size: MOST_OFFERED })}`)]);
  const others = /** @type {VersionRow[]} */ (results).filter(({ id, stage }) => stage !== "retired" && id !== champion?.id);
  return { champion, versions: [...(champion ? [champion] : []), ...others] };
}
