/** What the server wrote into the page for its modules. */
import { createApi } from "../shared/api.js";
import { find } from "../shared/dom.js";

export const api = createApi();

const RANK = ["annotator", "reviewer", "curator", "admin"];

/** The page's own data attributes; numbers as numbers. */
export function pageData() {
  const { project, role, image, release, run, report, comparison, survey } = find("#page").dataset;
  const rank = RANK.indexOf(role ?? "");
  return {
    project: Number(project),
    image: Number(image),
    release: Number(release),
    run: Number(run),
    report: Number(report),
    comparison: Number(comparison),
    survey: Number(survey),
    user: document.body.dataset.user ?? "",
    canReview: rank >= 1,
    canCurate: rank >= 2,
    canAdminister: rank >= 3,
  };
}

/** @param {Record<string, string | number | undefined>} values @returns {string} "?a=1&b=2" of those that are not empty */
export function query(values) {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return `?${new URLSearchParams(kept.map(([name, value]) => [name, String(value)]))}`;
}

/**
 * The latest call wins: an answer that was overtaken by a later call is dropped.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @returns {() => Promise<T | undefined>}
 */
export function latest(load) {
  /** @type {AbortController | undefined} */
  let running;
  return async () => {
    running?.abort();
    const own = new AbortController();
    running = own;
    try {
      const answer = await load(own.signal);
      return own.signal.aborted ? undefined : answer;
    } catch (problem) {
      if (own.signal.aborted) return undefined;
      throw problem;
    }
  };
}

/** @param {() => void} act @param {number} [wait] ms of quiet */
export function whenQuiet(act, wait = 250) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(act, wait);
  };
}
