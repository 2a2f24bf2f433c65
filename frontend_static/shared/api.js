/** The HTTP API as functions: JSON in and out, CSRF, and one kind of error that carries the server's sentence. */

import { t } from "./translate.js";

const ROOT = "/api/v1/";

/** A refusal by the server, or no answer at all (status 0). */
export class ApiError extends Error {
  /** @param {number} status @param {{error?: string, code?: string, fields?: Record<string, unknown>, [key: string]: unknown}} body */
  constructor(status, body) {
    super(body.error ?? (status ? t("The server answered {status}.", { status: String(status) }) : t("The server cannot be reached.")));
    this.name = "ApiError";
    this.status = status;
    this.code = body.code ?? (status ? "error" : "offline");
    this.fields = body.fields ?? {};
    /** @type {Record<string, any>} */
    this.body = body;
  }
}

/** @param {string} [token] the page's, from its meta element, if not given */
export function createApi(token) {
  let csrfToken = token ?? document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";

  /**
   * @param {string} path below /api/v1/, or absolute
   * @param {RequestInit & {json?: unknown}} [options] json: a body to send as JSON
   * @returns {Promise<Response>} an answer with a good status
   */
  async function request(path, options = {}) {
    try {
      return await requestOnce(path, options);
    } catch (error) {
      // Logging in elsewhere changes the token, and cleared cookies take it away: fetch the new one and try once more.
      if (!(error instanceof ApiError) || !isAboutCsrf(error)) throw error;
      csrfToken = (await asJson("session")).csrf_token;
      return requestOnce(path, options);
    }
  }

  /** @param {string} path @param {RequestInit & {json?: unknown}} options */
  async function requestOnce(path, { json, ...options }) {
    const headers = new Headers(options.headers);
    headers.set("Accept", "application/json");
    const method = options.method ?? "GET";
    if (method !== "GET") headers.set("X-CSRFToken", csrfToken);
    if (json !== undefined) headers.set("Content-Type", "application/json");
    const body = json === undefined ? options.body : JSON.stringify(json);
    /** @type {Response} */
    let response;
    try {
      const url = path.startsWith("/") ? path : ROOT + path;
      response = await fetch(url, { credentials: "same-origin", ...options, method, headers, body });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(0, {});
    }
    if (response.ok) return response;
    throw new ApiError(response.status, await errorBody(response));
  }

  /** @param {string} path @param {RequestInit & {json?: unknown}} [options] @returns {Promise<any>} */
  async function asJson(path, options) {
    const response = await request(path, options);
    return response.status === 204 ? null : response.json();
  }

  return {
    request,
    /** @param {string} path @param {RequestInit} [options] */
    get: (path, options) => asJson(path, options),
    /** @param {string} path @param {unknown} [json] */
    post: (path, json = {}) => asJson(path, { method: "POST", json }),
    /** @param {string} path @param {unknown} json */
    patch: (path, json) => asJson(path, { method: "PATCH", json }),
    /** @param {string} path */
    remove: (path) => asJson(path, { method: "DELETE" }),
    /** @param {string} path @param {FormData} form */
    upload: (path, form) => asJson(path, { method: "POST", body: form }),
    /** Log in again without leaving the page. @param {string} username @param {string} password */
    async logIn(username, password) {
      await asJson("session", { method: "POST", json: { username, password } });
      csrfToken = (await asJson("session")).csrf_token;
    },
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {ApiError} error */
const isAboutCsrf = ({ status, code, message }) => status === 403 && /csrf/i.test(`${code} ${message}`);

/** @param {Response} response */
async function errorBody(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}
