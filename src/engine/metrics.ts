/**
 * What an operator can watch: how much goes through, how fast, and what waits too long. The figures are totals under a
 * few fixed names; nothing in them may tell who somebody is, what was said, or how many people a clinic has.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { freshness } from '../core/listing.ts';
import type { Millis } from '../core/time.ts';
import { type Store, StoreDown } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import type { Clock } from './clock.ts';
import type { Lists } from './lists.ts';

const seconds = (ms: Millis): number => ms / 1000;
const looksAtOnce = 100;

export class Metrics {
  readonly #registry = new Registry();
  readonly #turns = new Counter({
    name: 'blimed_turns_total',
    help: 'Events taken, by kind and what became of them: done, failed (to come again) or parked.',
    labelNames: ['kind', 'outcome'],
    registers: [this.#registry],
  });
  readonly #turnSeconds = new Histogram({
    name: 'blimed_turn_seconds',
    help: 'How long an event took from its coming in to its commit.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [this.#registry],
  });
  readonly #sends = new Counter({
    name: 'blimed_sends_total',
    help: 'Requests to a channel, by what it answered: sent, later, refused, unreachable or ambiguous.',
    labelNames: ['channel', 'outcome'],
    registers: [this.#registry],
  });
  readonly #deliverySeconds = new Histogram({
    name: 'blimed_delivery_seconds',
    help: 'How long a message lay in the outbox before it was sent, by its priority (0 safety, 1 answer, more: later).',
    labelNames: ['priority'],
    buckets: [0.1, 0.5, 1, 5, 30, 120, 600, 3600, 6 * 3600],
    registers: [this.#registry],
  });
  readonly #timerSeconds = new Histogram({
    name: 'blimed_timer_late_seconds',
    help: 'How late a timer was when it happened.',
    buckets: [1, 5, 30, 120, 600, 3600],
    registers: [this.#registry],
  });

  /** In real ms; null before the first round. */
  #beaten: Millis | null = null;

  turn(kind: string, outcome: 'done' | 'failed' | 'parked', took: Millis): void {
    this.#turns.inc({ kind, outcome });
    if (outcome === 'done') this.#turnSeconds.observe(seconds(took));
  }

  send(channel: string, outcome: string): void {
    this.#sends.inc({ channel, outcome });
  }

  delivered(priority: number, waited: Millis): void {
    this.#deliverySeconds.observe({ priority: String(priority) }, seconds(Math.max(0, waited)));
  }

  timer(late: Millis): void {
    this.#timerSeconds.observe(seconds(Math.max(0, late)));
  }

  /** The worker has done its round at this moment, in real ms. */
  beat(at: Millis): void {
    this.#beaten = at;
  }

  /** Adds what is looked up in the store whenever somebody reads the figures. */
  watch(parts: { store: Store; vault: Vault; clock: Clock; lists: Lists }): void {
    const { store, vault, clock, lists } = parts;
    const gauge = (
      name: string,
      help: string,
      look: (gauge: Gauge) => Promise<void>,
      labels: string[] = [],
    ) =>
      new Gauge({
        name,
        help,
        labelNames: labels,
        registers: [this.#registry],
        async collect() {
          // Without labels, a reset would leave a zero, which is a figure too.
          if (labels.length > 0) this.reset();
          else this.remove();
          try {
            await look(this);
          } catch (error) {
            // Then the gauge of the store itself says so, and the others are missing.
            if (!(error instanceof StoreDown)) throw error;
          }
        },
      });
    gauge('blimed_store_up', 'Whether the store answers.', async (up) => {
      up.set(0);
      await store.note('mode');
      up.set(1);
    });
    const since = clock.real();
    gauge(
      'blimed_beat_age_seconds',
      'How long ago this process last did its round, for which the store must take what is written.',
      async (age) => age.set(seconds(clock.real() - (this.#beaten ?? since))),
    );
    gauge(
      'blimed_outbox_oldest_seconds',
      'Age of the oldest message that could be sent now.',
      async (age) => {
        const waiting = await store.sendable(clock.now(), [], looksAtOnce);
        const parcels = await Promise.all(waiting.map((one) => vault.parcel(one.partition, one)));
        const written = parcels.flatMap((parcel) => (parcel && 'written' in parcel ? parcel.written : []));
        age.set(written.length > 0 ? seconds(clock.now() - Math.min(...written)) : 0);
      },
    );
    gauge('blimed_timers_late_seconds', 'How long the longest due timer has been due.', async (late) => {
      const [first] = await store.timersDue(clock.now(), 1);
      late.set(first ? seconds(clock.now() - first.due) : 0);
    });
    gauge(
      'blimed_list_state',
      'Lists of meetings: 1 for the state a list is in (fresh, stale, expired), and whether an edition is held back.',
      async (state) => {
        for (const listing of await lists.all()) {
          const list = listing.source.id;
          state.set({ list, state: freshness(listing, clock.now()) }, 1);
          if (listing.held) state.set({ list, state: 'held' }, 1);
        }
      },
      ['list', 'state'],
    );
  }

  /** All figures in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get type(): string {
    return this.#registry.contentType;
  }
}
