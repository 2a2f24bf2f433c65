/** Uploading one large file: how far it is, and stopping it. fetch tells neither. */
import { ApiError } from "./api.js";

/**
 * @param {string} address @param {FormData} form @param {string} csrfToken
 * @param {{signal?: AbortSignal, onProgress?: (share: number) => void}} [options] share: of what is sent, 0 to 1
 * @returns {Promise<any>} the JSON answer; rejects with an ApiError, or with an AbortError when stopped
 */
export function uploadFile(address, form, csrfToken, { signal, onProgress = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", address);
    sending.responseType = "json";
    sending.setRequestHeader("Accept", "application/json");
    sending.setRequestHeader("X-CSRFToken", csrfToken);
    sending.upload.addEventListener("progress", ({ loaded, total }) => total > 0 && onProgress(loaded / total));
    sending.addEventListener("load", () => (sending.status < 300 ? resolve(sending.response) : reject(new ApiError(sending.status, sending.response ?? {}))));
    sending.addEventListener("error", () => reject(new ApiError(0, {})));
    sending.addEventListener("abort", () => reject(new DOMException("Stopped.", "AbortError")));
    signal?.addEventListener("abort", () => sending.abort(), { once: true });
    sending.send(form);
  });
}

/** A first name for what a file holds: the file's, without its ending. Pure. @param {string} fileName @param {string[]} endings with their dot */
export function nameOfFile(fileName, endings) {
  const ending = endings.find((one) => fileName.toLowerCase().endsWith(one)) ?? "";
  return fileName.slice(0, fileName.length - ending.length).replaceAll("_", " ").trim();
}
