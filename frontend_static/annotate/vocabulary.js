/** The project's terms as the naming step uses them: loaded once, grown by new names. */
import { ApiError } from "../shared/api.js";
import { nearNames } from "./near_names.js";
import { knownTerm, spellingOf, suggest } from "./suggestions.js";

/** @typedef {import("./suggestions.js").Term} Term */
/** @typedef {ReturnType<typeof createVocabulary>} Vocabulary */

const RECENT = 9;

/** @param {{api: import("../shared/api.js").Api, project: number, annotation: number}} parts */
export function createVocabulary({ api, project, annotation }) {
  /** @type {Term[]} */
  let terms = [];
  /** @type {Map<number, Term>} */
  let byId = new Map();
  /** @type {Term[]} used in this project, last first */
  let recent = [];
  const recentKey = `tessera.names.${project}`;

  /** @param {Record<string, any>} row @param {string | null} parent @returns {Term} */
  const termOf = ({ id, name, kind, aliases, definition, status, uses }, parent) => ({
    id, name, kind, aliases: aliases ?? [], parent, definition: definition ?? "", status, uses: uses ?? 0,
  });

  /** @param {Term} term */
  function keep(term) {
    if (byId.has(term.id)) return;
    terms.push(term);
    byId.set(term.id, term);
  }

  return {
    async load() {
      /** @type {{columns: string[], rows: any[][]}} */
      const { columns, rows } = await api.get(`annotations/${annotation}/vocabulary`);
      const named = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
      const names = new Map(named.map(({ id, name }) => [id, name]));
      terms = named.map((row) => termOf(row, names.get(row.parent) ?? null));
      byId = new Map(terms.map((term) => [term.id, term]));
      // Ten thousand names are spelled out before somebody types, not at the first key.
      if ("requestIdleCallback" in globalThis) requestIdleCallback(() => terms.forEach(spellingOf));
      recent = remembered(recentKey).flatMap((id) => byId.get(id) ?? []);
    },
    all: () => terms,
    /** @param {number} id */
    get: (id) => byId.get(id),
    /** @param {string} query @param {number} [limit] */
    suggest: (query, limit) => suggest(query, terms, limit),
    /** Known names that a new one may have meant. @param {string} name */
    near: (name) => nearNames(name, terms),
    /** Names other terms are kinds of, those that match first by use. @param {string} typed @returns {string[]} */
    parents(typed) {
      const names = new Set(terms.flatMap(({ parent }) => parent ?? []));
      const parents = terms.filter(({ name }) => names.has(name));
      return suggest(typed, parents, parents.length).map(({ term }) => term.name);
    },
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
        const row = await api.post("terms", { project, name });
        keep(termOf(row, row.parent_name));
        return byId.get(row.id) ?? null;
      } catch (error) {
        if (error instanceof ApiError && error.status === 0) return null;
        throw error;
      }
    },
    /** @param {Term} term @param {number} [masks] how many were given it */
    noteUse(term, masks = 1) {
      term.uses += masks;
      recent = [term, ...recent.filter(({ id }) => id !== term.id)].slice(0, RECENT);
      localStorage.setItem(recentKey, JSON.stringify(recent.map(({ id }) => id)));
    },
  };
}

/** @param {string} key @returns {number[]} */
function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]");
  } catch {
    return [];
  }
}
