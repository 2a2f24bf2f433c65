/** The project's terms as the naming step uses them: loaded once, grown by new names. */
import { ApiError } from "../shared/api.js";
import { knownTerm, suggest } from "./suggestions.js";

/** @typedef {import("./suggestions.js").Term} Term */
/** @typedef {ReturnType<typeof createVocabulary>} Vocabulary */

const PAGE_SIZE = 200;
const RECENT = 9;

/** @param {{api: import("../shared/api.js").Api, project: number}} parts */
export function createVocabulary({ api, project }) {
  /** @type {Term[]} */
  let terms = [];
  /** @type {Term[]} used in this session, last first */
  let recent = [];

  /** @param {Record<string, any>[]} rows @returns {Term[]} */
  function read(rows) {
    const names = new Map(rows.map(({ id, name }) => [id, name]));
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      kind: row.kind,
      aliases: row.aliases ?? [],
      parent: row.parent_name ?? names.get(row.parent) ?? null,
      definition: row.definition ?? "",
      status: row.status,
      uses: row.uses ?? 0,
    }));
  }

  return {
    async load() {
      /** @param {number} page */
      const pageOf = (page) => api.get(`terms?project=${project}&page_size=${PAGE_SIZE}&page=${page}`);
      const first = await pageOf(1);
      const more = Math.max(0, Math.ceil(first.count / PAGE_SIZE) - 1);
      const others = await Promise.all(Array.from({ length: more }, (_, i) => pageOf(i + 2)));
      terms = read([first, ...others].flatMap(({ results }) => results));
    },
    all: () => terms,
    /** @param {string} query */
    suggest: (query) => suggest(query, terms),
    /** Names other terms are kinds of. @returns {string[]} */
    parents: () => [...new Set(terms.flatMap(({ parent }) => parent ?? []))].sort(),
    recent: () => recent,
    /** @param {string} name */
    find: (name) => knownTerm(name, terms),
    /**
     * The term of a typed name; one not known yet is proposed to the curator.
     * @param {string} name @returns {Promise<Term | null>} null while the server cannot be reached
     */
    async termFor(name) {
      const known = knownTerm(name, terms);
      if (known) return known;
      try {
        const [term] = read([await api.post("terms", { project, name })]);
        if (!terms.some(({ id }) => id === term.id)) terms.push(term);
        return term;
      } catch (error) {
        if (error instanceof ApiError && error.status === 0) return null;
        throw error;
      }
    },
    /** @param {Term} term */
    noteUse(term) {
      term.uses++;
      recent = [term, ...recent.filter(({ id }) => id !== term.id)].slice(0, RECENT);
    },
  };
}
