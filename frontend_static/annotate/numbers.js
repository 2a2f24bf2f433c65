/** Numbers for new entities: leased from the server in blocks, so that none is ever given twice, even offline. */

const BLOCK = 256;
/** Ask for the next block while so many are left. */
const LOW = 48;
/** The server gives no more at once. */
const LARGEST_BLOCK = 4096;
const MOST_TRIES = 16;

/** @typedef {ReturnType<typeof createNumbers>} Numbers */

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {(number: number) => boolean} [parts.isUsed]  a killed browser forgets what it noted last in its local storage
 * @param {Storage} [parts.storage]
 */
export function createNumbers({ api, annotation, isUsed = () => false, storage = localStorage }) {
  const key = `tessera.numbers.${annotation}`;
  /** @type {{next: number, last: number}[]} */
  let blocks = read();
  /** @type {Promise<void> | null} */
  let asking = null;

  function read() {
    try {
      return JSON.parse(storage.getItem(key) ?? "[]");
    } catch {
      return [];
    }
  }

  const left = () => blocks.reduce((sum, { next, last }) => sum + last - next + 1, 0);

  /** Lease another block if few numbers are left. A failure is no harm: the next call asks again. */
  async function ensure() {
    if (left() > LOW) return;
    await ask(BLOCK);
  }

  /** @param {number} count */
  async function ask(count) {
    asking ??= api
      .post(`annotations/${annotation}/numbers`, { count })
      .then(({ first, last }) => {
        blocks.push({ next: first, last });
        storage.setItem(key, JSON.stringify(blocks));
      })
      .finally(() => (asking = null));
    await asking;
  }

  return {
    ensure,
    /** Have so many numbers at hand; rejects without a connection. @param {number} count */
    async reserve(count) {
      for (let tries = 0; left() < count && tries < MOST_TRIES; tries++) await ask(Math.min(LARGEST_BLOCK, Math.max(BLOCK, count - left())));
    },
    left,
    /** @returns {number | null} null if there is none, which happens only after a long time without connection */
    take() {
      for (const block of blocks) while (block.next <= block.last && isUsed(block.next)) block.next++;
      blocks = blocks.filter(({ next, last }) => next <= last);
      const [block] = blocks;
      if (!block) {
        ensure().catch(() => {});
        return null;
      }
      const number = block.next++;
      blocks = blocks.filter(({ next, last }) => next <= last);
      storage.setItem(key, JSON.stringify(blocks));
      ensure().catch(() => {});
      return number;
    },
  };
}
