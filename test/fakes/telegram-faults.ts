// Troubles a test can order: the ways a request to Telegram goes wrong besides a plain refusal.
// They exist because "was it sent?" has three answers, and the third (unknown) is the one programs get wrong.
// A fault strikes a counted number of requests, never by chance.
import type { Payload } from './telegram-rules.ts';
import { integer } from './telegram-rules.ts';

/**
 * - 'reset before': the connection breaks, nothing was carried out.
 * - 'answer lost': it is carried out, then the connection breaks (for the client the same sight).
 * - 'hang': no answer until `release()`; it is carried out then, whether the client still listens or not.
 * - retryAfter: 429 with that many seconds.
 * - status: a server error; with `delivered` the request was carried out all the same.
 */
export type Trouble =
  | 'reset before'
  | 'answer lost'
  | 'hang'
  | { readonly retryAfter: number }
  | { readonly status: 500 | 502 | 503 | 504; readonly delivered?: boolean };

export class Fault {
  readonly method: string;
  readonly trouble: Trouble;
  readonly #chat: number | undefined;
  readonly #until: (look: () => true | undefined, missing: () => string) => Promise<true>;
  readonly #released = Promise.withResolvers<void>();
  #left: number;
  #hits = 0;

  constructor(
    method: string,
    trouble: Trouble,
    scope: { chat?: number; times?: number },
    until: (look: () => true | undefined, missing: () => string) => Promise<true>,
  ) {
    this.method = method;
    this.trouble = trouble;
    this.#chat = scope.chat;
    this.#left = scope.times ?? 1;
    this.#until = until;
  }

  /** How many requests it has struck. */
  get hits(): number {
    return this.#hits;
  }

  /** Whether this request is struck; counts it if so. */
  strikes(method: string, payload: Payload): boolean {
    const fits =
      this.#left > 0 &&
      method === this.method &&
      (this.#chat === undefined || integer(payload.chat_id) === this.#chat);
    if (!fits) return false;
    this.#left -= 1;
    this.#hits += 1;
    return true;
  }

  /** Resolves when it has struck `times` requests. */
  async struck(times = 1): Promise<void> {
    const what = JSON.stringify(this.trouble);
    const missing = () => `the fault ${what} of ${this.method} struck ${this.#hits} requests, not ${times}`;
    await this.#until(() => this.#hits >= times || undefined, missing);
  }

  /** It strikes no further request. */
  end(): void {
    this.#left = 0;
  }

  /** Lets the requests that hang go on, now and later. */
  release(): void {
    this.#released.resolve();
  }

  /** Settles once `release` was called. */
  get released(): Promise<void> {
    return this.#released.promise;
  }
}
