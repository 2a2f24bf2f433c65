/** Taking the next image to annotate and going to the editor. */
import { ApiError } from "../shared/api.js";
import { api } from "../shell/page.js";
import { note } from "../shell/toast.js";

/** @param {number} project */
export async function startNext(project) {
  try {
    const assignment = await api.post("assignments/next", { project, round: "draw" });
    location.assign(assignment.editor_url ?? `/annotate/${assignment.annotation}`);
  } catch (problem) {
    if (!(problem instanceof ApiError) || problem.code !== "nothing_to_do") throw problem;
    note(problem.message);
  }
}
