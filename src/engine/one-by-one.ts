/**
 * Lets pieces of work with the same key happen one after the other, in the order in which they came, while others go
 * on side by side. It spares a busy chat from trying against itself, and keeps two first messages from claiming two
 * addresses. It holds nothing that a crash could lose: whoever waits here has been told nothing yet.
 */
export class OneByOne {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` when all that came before it under `key` is over, however that ended. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const over = mine.then(
      () => {},
      () => {},
    );
    this.#last.set(key, over);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key);
    }
  }
}
