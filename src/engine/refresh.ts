/**
 * Keeps the lists of meetings up to date while the program runs: shows what another process took in, and asks each
 * source again when its time has come, one after the other. It exists because a list that nobody refreshes sends
 * people to closed doors. It must never ask a source more often than every hour, whatever the clock does.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Listing, Source } from '../core/listing.ts';
import type { Millis } from '../core/time.ts';
import type { Log } from '../log.ts';
import type { Asked } from '../sources/lists/ask.ts';
import type { Validators } from '../sources/lists/fetch.ts';
import { type Store, StoreDown } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Lists } from './lists.ts';

type AskedSource = Source & { url: string };

export type RefreshParts = {
  lists: Lists;
  store: Store;
  clock: Clock;
  log: Log;
  /** Fetches and reads a source; it answers and never throws. Null: nobody is asked. */
  ask: ((source: AskedSource, validators: Validators, signal: AbortSignal) => Promise<Asked>) | null;
};

const beat: Millis = 5_000;
const leaseName = 'lists';
/** Longer than a fetch may take. */
const leaseLasts: Millis = 300_000;
const seldom: Millis = 3_600_000;

export class Refresh {
  readonly #parts: RefreshParts;
  readonly #holder = randomBytes(9).toString('base64url');
  /** When a source was last asked, in real time: the program's clock may be set forward. */
  readonly #asked = new Map<string, Millis>();
  #running: Promise<void> | null = null;
  readonly #stopping = new AbortController();

  constructor(parts: RefreshParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    try {
      await this.#parts.store.letGo(leaseName, this.#holder);
    } catch (error) {
      // It runs out by itself.
      if (!(error instanceof StoreDown)) throw error;
    }
  }

  /** One look at all lists. */
  async look(): Promise<void> {
    const { lists, clock, log, ask } = this.#parts;
    if (await lists.show()) log.info({ event: 'lists-shown' }, 'the lists of meetings have changed');
    if (!ask) return;
    const now = clock.now();
    const due = (await lists.all()).filter(({ next }) => next !== null && next <= now);
    for (const listing of due) {
      const asked = this.#asked.get(listing.source.id);
      if (asked !== undefined && clock.real() - asked < seldom) continue;
      if (this.#stopping.signal.aborted || !(await this.#mayAsk())) return;
      this.#asked.set(listing.source.id, clock.real());
      await this.#refresh(listing, ask);
    }
  }

  async #mayAsk(): Promise<boolean> {
    const { store, clock } = this.#parts;
    return (await store.lease(leaseName, this.#holder, leaseLasts, clock.real())) !== null;
  }

  async #refresh({ source, validators }: Listing, ask: NonNullable<RefreshParts['ask']>): Promise<void> {
    const { lists, log } = this.#parts;
    if (source.url === null) return;
    const chance = randomInt(1000) / 1000;
    const { signal } = this.#stopping;
    const edition = await ask({ ...source, url: source.url }, validators, signal);
    if (signal.aborted) return;
    const about = { listId: source.id };
    if (edition.kind === 'failed') {
      await lists.miss(source, edition.why, chance);
      log.warn({ event: 'list-failed', ...about }, 'a list of meetings could not be refreshed');
    } else if (edition.kind === 'same') {
      await lists.keep(source, chance);
    } else {
      const { verdict } = await lists.take(source, edition.reading.accepted, {
        validators: edition.validators,
        chance,
      });
      if (verdict === 'held') {
        log.warn(
          { event: 'list-held', ...about },
          'a new list of meetings is not believed until a person says yes',
        );
      }
      await lists.show();
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        this.#parts.log.error(
          { event: 'lists-failed', err: error },
          'the lists of meetings could not be looked at',
        );
      }
      await setTimeout(beat, undefined, { signal, ref: false }).catch(() => {});
    }
  }
}
