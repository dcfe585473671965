/**
 * Notices that Telegram could not be asked for longer than it keeps taps, the program's own absence included, and has
 * the questions that lay open asked again. The last good moment is a note in the store, so that a restart remembers.
 */
import type { Millis } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Engine } from './engine.ts';
import { notes } from './program.ts';

/** Telegram forgets a tap that nobody took for so long; messages it keeps for a day. */
const tapsLast: Millis = 150_000;
const noteEvery: Millis = 60_000;

export type OutageParts = { store: Store; engine: Engine; clock: Clock };

export class Outage {
  readonly #parts: OutageParts;
  /** The last good moment in real ms; null on the very first start, undefined until the note is read. */
  #last: Millis | null | undefined;
  #noted: Millis = 0;

  constructor(parts: OutageParts) {
    this.#parts = parts;
  }

  /** Told whenever everything that waited at Telegram is taken. */
  async caughtUp(): Promise<void> {
    const { store, engine, clock } = this.#parts;
    if (this.#last === undefined) {
      const note = await store.note(notes.polled);
      this.#last = note === null ? null : Number(note);
    }
    const now = clock.real();
    // Noted only afterwards: whoever is not asked because of a crash is asked by the next start.
    if (this.#last !== null && now - this.#last >= tapsLast) await engine.askAgain('telegram', tapsLast);
    this.#last = now;
    if (Math.abs(now - this.#noted) < noteEvery) return;
    await store.setNote(notes.polled, String(now));
    this.#noted = now;
  }
}
