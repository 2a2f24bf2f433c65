/** Random UUIDs, also where the page came over plain HTTP and browsers withhold crypto.randomUUID. */
import { hex } from "../segmentation/digest.js";

/** @returns {string} version 4 */
export function newUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
