/**
 * The web chat as a channel: a message is sent when it lies in the store, marked, for the page to fetch. The page
 * asks again by itself, so listeners only make it quicker. The one thing remembered here, and only in memory, is the
 * last word to somebody whose records are gone.
 */
import type { Outgoing } from '../core/decision.ts';
import type { Chat } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import type { Channel, Outcome } from './channel.ts';

export type LastWord = { seq: number; message: Outgoing };

const lastWordsLast: Millis = 10 * 60_000;

export class WebChannel implements Channel {
  readonly name = 'web';
  readonly pace = null;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #lastWords = new Map<string, LastWord[]>();

  async send(): Promise<Outcome> {
    return { kind: 'sent', ref: null };
  }

  /** What is erased in the store is gone from the page with its next look. */
  async wipe(): Promise<Outcome> {
    return { kind: 'sent', ref: null };
  }

  sent(chat: Chat, seq: number, message: Outgoing): void {
    if (message.purpose === 'farewell') this.#keep(chat.address, { seq, message });
    for (const listener of this.#listeners.get(chat.address) ?? []) listener();
  }

  /** Resolves when something is sent to this address, or after `patience` ms. */
  news(address: string, patience: Millis): Promise<void> {
    return new Promise((resolve) => {
      const all = this.#listeners.get(address) ?? new Set();
      this.#listeners.set(address, all);
      const done = () => {
        clearTimeout(timer);
        all.delete(done);
        if (all.size === 0) this.#listeners.delete(address);
        resolve();
      };
      const timer = setTimeout(done, patience);
      all.add(done);
    });
  }

  /** What was said to this address after its person was forgotten. */
  lastWords(address: string): LastWord[] {
    return this.#lastWords.get(address) ?? [];
  }

  #keep(address: string, word: LastWord): void {
    this.#lastWords.set(address, [...this.lastWords(address), word]);
    setTimeout(() => this.#lastWords.delete(address), lastWordsLast).unref();
  }
}
