/** How many files go into one upload. */

const BATCH_FILES = 8;
const BATCH_BYTES = 64e6;

/**
 * Batches of few files and few bytes, in order; a file larger than a batch goes alone.
 * @template {{size: number}} F
 * @param {F[]} files
 * @returns {F[][]}
 */
export function inBatches(files) {
  /** @type {F[][]} */
  const batches = [];
  let room = 0;
  for (const file of files) {
    const last = batches.at(-1);
    if (last && last.length < BATCH_FILES && file.size <= room) {
      last.push(file);
      room -= file.size;
    } else {
      batches.push([file]);
      room = BATCH_BYTES - file.size;
    }
  }
  return batches;
}
