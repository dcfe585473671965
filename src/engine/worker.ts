/**
 * The heartbeat: a short poll of the store for due timers and waiting messages, under one lease, so that two
 * processes never deliver side by side. State lies in the store alone; a beat that is missed is made up by the next.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Millis } from '../core/time.ts';
import type { Log } from '../log.ts';
import { kept, type Store, StoreDown } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Deliverer } from './deliver.ts';
import type { Engine } from './engine.ts';

const beat: Millis = 500;
const leaseLasts: Millis = 10_000;
const pruneEvery: Millis = 3_600_000;
const timersAtOnce = 50;
export const deliveryLease = 'delivery';

export type WorkerParts = { store: Store; engine: Engine; deliverer: Deliverer; clock: Clock; log: Log };

export class Worker {
  readonly #parts: WorkerParts;
  readonly #holder = `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`;
  #running: Promise<void> | null = null;
  #stopping = false;
  #wake: () => void = () => {};
  #woken = false;
  #pruned: Millis = 0;
  #held = false;
  #leased: (held: boolean) => void = () => {};

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    parts.engine.onCommitted(() => this.nudge());
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
    this.#running ??= this.#run();
  }

  /** Has the next beat come at once. */
  nudge(): void {
    this.#woken = true;
    this.#wake();
  }

  /** One beat: renews the lease, lets due timers happen, starts sends. Resolves to the wait for pace, in ms, or null. */
  async beat(): Promise<Millis | null> {
    const wait = (await this.takeLease()) ? await this.#look() : null;
    this.#parts.engine.metrics.beat(this.#parts.clock.real());
    return wait;
  }

  async #look(): Promise<Millis | null> {
    await this.fireDue();
    const { store, clock, deliverer } = this.#parts;
    if (clock.real() - this.#pruned > pruneEvery) {
      this.#pruned = clock.real();
      await store.prune(clock.now() - kept);
    }
    return deliverer.round();
  }

  /** Lets every timer happen that is due now; how many that were. */
  async fireDue(): Promise<number> {
    const { store, engine, clock, log } = this.#parts;
    let fired = 0;
    for (;;) {
      const due = await store.timersDue(clock.now(), timersAtOnce);
      let failed = 0;
      for (const timer of due) {
        try {
          engine.metrics.timer(clock.now() - timer.due);
          await engine.fire(timer);
        } catch (error) {
          if (error instanceof StoreDown) throw error;
          failed++;
          log.error(
            { event: 'timer-failed', timerId: timer.matter, err: error },
            'a timer failed; it comes again',
          );
        }
      }
      fired += due.length - failed;
      if (due.length < timersAtOnce || failed > 0) return fired;
    }
  }

  /** Finishes what is under way, for at most `patience` ms, and gives the lease back. */
  async stop(patience: Millis = 10_000): Promise<void> {
    this.#stopping = true;
    this.nudge();
    await this.#running;
    const { deliverer, store } = this.#parts;
    await Promise.race([deliverer.idle(), new Promise((done) => setTimeout(done, patience).unref())]);
    try {
      await store.letGo(deliveryLease, this.#holder);
    } catch (error) {
      // A lease that can not be given back runs out.
      if (!(error instanceof StoreDown)) throw error;
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let wait: Millis = beat;
      try {
        this.#woken = false;
        wait = Math.min(beat, (await this.beat()) ?? beat);
      } catch (error) {
        this.#parts.log.error(
          { event: 'beat-failed', err: error },
          'a beat failed; the next one tries again',
        );
      }
      if (!this.#woken && !this.#stopping) await this.#rest(wait);
    }
  }

  #rest(wait: Millis): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      void this.#parts.deliverer.progress()?.then(() => this.nudge());
    });
  }
}
