/**
 * Notices a store that lost something it had acknowledged: how many commits each partition has seen is noted outside the
 * store, in a small file, and a store with fewer is not the one it was. An empty volume or a failover to a replica that was
 * behind would otherwise start everybody anew without a word. It must never note less than it noted before.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Millis } from '../core/time.ts';

/** What it needs of a store that is kept elsewhere. */
export type Counted = {
  /** How many commits each partition has seen. */
  commits(): Promise<number[]>;
  claim(key: string, value: string): Promise<string>;
  claimed(key: string): Promise<string | null>;
};

/** Under this claim a store has its own name, given to it on its first day. */
export const storeName = 'store-name';
const noteEvery: Millis = 5_000;

type Noted = { store: string; commits: number[] };

/** The store is not what it was; the message says what to do. */
export class StoreWentBack extends Error {
  override readonly name = 'StoreWentBack';
}

export class LostTail {
  readonly #store: Counted;
  readonly #file: string;
  readonly #wentBack: () => void;
  #noted: Noted;
  #timer: NodeJS.Timeout | null = null;
  #told = false;

  private constructor(store: Counted, file: string, noted: Noted, wentBack: () => void) {
    this.#store = store;
    this.#file = file;
    this.#noted = noted;
    this.#wentBack = wentBack;
  }

  /** What is wrong with the store, by what the file says; null when it is the same or newer, or nothing was noted yet. */
  static async fault(store: Counted, file: string): Promise<StoreWentBack | null> {
    const noted = read(file);
    if (noted === null) return null;
    const name = await store.claimed(storeName);
    const remedy = `To go on with what is there, delete ${file}.`;
    if (noted === 'unreadable') return new StoreWentBack(`${file} can not be read. ${remedy}`);
    const total = noted.commits.reduce((sum, one) => sum + one, 0);
    if (name === null) {
      return new StoreWentBack(
        `The store in Redis is empty, but it had seen ${total} commits: see whether Redis runs on the right volume, ` +
          `and restore it. ${remedy}`,
      );
    }
    if (name !== noted.store) {
      return new StoreWentBack(
        `Redis holds another store than the one that was used here: correct REDIS_URL or DATA_DIR. ${remedy}`,
      );
    }
    const commits = await store.commits();
    const lost = noted.commits.reduce((sum, one, i) => sum + Math.max(0, one - (commits[i] ?? 0)), 0);
    if (lost === 0) return null;
    return new StoreWentBack(
      `The store in Redis went back: at least ${lost} of ${total} commits that were acknowledged are gone. Restore it, ` +
        `or make the server the primary that has them. ${remedy}`,
    );
  }

  /**
   * Notes where the store is now, and goes on noting; `wentBack` is called once when it goes back meanwhile. The file then
   * stays as it is, so that the next start asks somebody.
   */
  static async watch(store: Counted, file: string, wentBack: () => void): Promise<LostTail> {
    const name = await store.claim(storeName, randomBytes(12).toString('base64url'));
    const guard = new LostTail(store, file, { store: name, commits: [] }, wentBack);
    await guard.note();
    guard.#timer = setInterval(() => void guard.note().catch(() => {}), noteEvery).unref();
    return guard;
  }

  async note(): Promise<void> {
    const commits = await this.#store.commits();
    if (this.#told) return;
    if (this.#noted.commits.some((one, i) => one > (commits[i] ?? 0))) {
      this.#told = true;
      this.#wentBack();
      return;
    }
    const noted = { ...this.#noted, commits };
    if (JSON.stringify(noted) === JSON.stringify(this.#noted) && existsSync(this.#file)) return;
    this.#noted = noted;
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(noted)}\n`, { mode: 0o600, flush: true });
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** The last note; a store that is gone by then keeps the one before. */
  async end(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.note().catch(() => {});
  }
}

function read(file: string): Noted | 'unreadable' | null {
  if (!existsSync(file)) return null;
  try {
    const { store, commits } = JSON.parse(readFileSync(file, 'utf8'));
    const whole = typeof store === 'string' && Array.isArray(commits) && commits.every(Number.isInteger);
    return whole ? { store, commits } : 'unreadable';
  } catch {
    return 'unreadable';
  }
}
