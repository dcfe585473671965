/**
 * The heartbeat: a short poll of the store for due timers and waiting messages, under one lease, so that two
 * processes never deliver side by side. State lies in the store alone; a beat that is missed is made up by the next.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Millis } from '../core/time.ts';
import type { Log } from '../log.ts';
import { kept, type Store, StoreDown, type StoredTimer } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Deliverer } from './deliver.ts';
import type { Engine } from './engine.ts';

const beat: Millis = 500;
const leaseLasts: Millis = 10_000;
const pruneEvery: Millis = 3_600_000;
/** Few, so that whoever writes meanwhile need not wait for a morning's reminders. */
const timersAtOnce = 32;
export const deliveryLease = 'delivery';

export type WorkerParts = { store: Store; engine: Engine; deliverer: Deliverer; clock: Clock; log: Log };

export class Worker {
  readonly #parts: WorkerParts;
  readonly #holder = `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`;
  #running: Promise<unknown> | null = null;
  readonly #stopping = new AbortController();
  #wake: () => void = () => {};
  #woken = false;
  #pruned: Millis = 0;
  #fired = 0;
  #held = false;
  #leased: (held: boolean) => void = () => {};

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    parts.engine.onCommitted((partition) => {
      parts.deliverer.look(partition);
      this.#deliverSoon();
    });
  }

  /** Calls back when this process begins to deliver, and when another one does instead. */
  onLease(listener: (held: boolean) => void): void {
    this.#leased = listener;
    if (this.#held) listener(true);
  }

  /** Takes the lease if it is free. False while another process delivers. */
  async takeLease(): Promise<boolean> {
    const { store, clock, deliverer } = this.#parts;
    const fence = await store.lease(deliveryLease, this.#holder, leaseLasts, clock.real());
    deliverer.hold(fence === null ? null : { name: deliveryLease, fence });
    if (this.#held && fence === null) {
      this.#parts.log.warn({ event: 'lease-lost' }, 'another process delivers now');
    }
    if (this.#held !== (fence !== null)) this.#leased(fence !== null);
    this.#held = fence !== null;
    return this.#held;
  }

  start(): void {
    this.#running ??= Promise.all([
      this.#again(beat, async () => {
        await this.#look();
        return false;
      }),
      this.#again(beat, async () => (this.#held ? this.#fireSome() : false)),
      this.#deliver(),
    ]);
  }

  /** Has delivery look everywhere at once. */
  nudge(): void {
    this.#parts.deliverer.lookEverywhere();
    this.#deliverSoon();
  }

  /** One round of everything: renews the lease, lets due timers happen, starts sends. Resolves to the wait for pace, in ms, or null. */
  async beat(): Promise<Millis | null> {
    await this.#look();
    if (!this.#held) return null;
    await this.fireDue();
    return this.#parts.deliverer.round();
  }

  /** Lets every timer happen that is due now; how many that were. */
  async fireDue(): Promise<number> {
    const before = this.#fired;
    while (await this.#fireSome());
    return this.#fired - before;
  }

  async #look(): Promise<void> {
    const { store, engine, clock } = this.#parts;
    if (await this.takeLease()) {
      if (clock.real() - this.#pruned > pruneEvery) {
        this.#pruned = clock.real();
        await store.prune(clock.now() - kept);
      }
      this.nudge();
    }
    engine.metrics.beat(clock.real());
  }

  /** Timers of one person happen one after the other, those of several side by side. True when more are due. */
  async #fireSome(): Promise<boolean> {
    const { store, clock } = this.#parts;
    const due = await store.timersDue(clock.now(), timersAtOnce);
    const byOwner = Map.groupBy(due, ({ owner }) => owner);
    const done = await Promise.all([...byOwner.values()].map((timers) => this.#fireInTurn(timers)));
    const fired = done.reduce((sum, count) => sum + count, 0);
    this.#fired += fired;
    return due.length === timersAtOnce && fired === due.length;
  }

  async #fireInTurn(timers: readonly StoredTimer[]): Promise<number> {
    const { engine, clock, log } = this.#parts;
    let fired = 0;
    for (const timer of timers) {
      try {
        engine.metrics.timer(clock.now() - timer.due);
        await engine.fire(timer);
        fired++;
      } catch (error) {
        if (error instanceof StoreDown) throw error;
        log.error(
          { event: 'timer-failed', timerId: timer.matter, err: error },
          'a timer failed; it comes again',
        );
      }
    }
    return fired;
  }

  /** Finishes what is under way, for at most `patience` ms, and gives the lease back. */
  async stop(patience: Millis = 10_000): Promise<void> {
    this.#stopping.abort();
    this.#deliverSoon();
    await this.#running;
    const { deliverer, store } = this.#parts;
    await Promise.race([deliverer.idle(), setTimeout(patience, null, { ref: false })]);
    try {
      await store.letGo(deliveryLease, this.#holder);
    } catch (error) {
      // A lease that can not be given back runs out.
      if (!(error instanceof StoreDown)) throw error;
    }
  }

  /**
   * Does its work again and again, `every` so many ms; sooner where it says that there is more, but then it leaves half of the
   * time to others: what is due must not keep what is ready from going out.
   */
  async #again(every: Millis, work: () => Promise<boolean>): Promise<void> {
    const { signal } = this.#stopping;
    const { clock } = this.#parts;
    while (!signal.aborted) {
      const began = clock.real();
      const more = await work().catch((error) => this.#failed(error));
      const wait = more ? Math.min(every, clock.real() - began) : every;
      await setTimeout(wait, null, { signal }).catch(() => {});
    }
  }

  async #deliver(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#woken = false;
      const wait = await this.#parts.deliverer.glance().catch((error) => this.#failed(error));
      if (!this.#woken) await this.#rest(wait ?? beat);
    }
  }

  #failed(error: unknown): void {
    this.#parts.log.error({ event: 'beat-failed', err: error }, 'a beat failed; the next one tries again');
  }

  #deliverSoon(): void {
    this.#woken = true;
    this.#wake();
  }

  #rest(wait: Millis): Promise<void> {
    return new Promise((resolve) => {
      const timer = globalThis.setTimeout(resolve, Math.min(wait, beat));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      void this.#parts.deliverer.progress()?.then(() => this.#deliverSoon());
    });
  }
}
