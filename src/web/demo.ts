/**
 * The demo's clock on the web: moves the program's time on, so that whoever tries it sees tomorrow's reminder now.
 * The offset lies in the store, so a restart does not turn time back. It exists in the demo only.
 */
import type { SystemClock } from '../engine/clock.ts';
import { notes } from '../engine/program.ts';
import type { Worker } from '../engine/worker.ts';
import type { Store } from '../store/store.ts';
import type { AdvanceStep, DemoClock as ClockOnPage } from './chat.ts';

export type DemoParts = { clock: SystemClock; store: Store; worker: Worker };

export class DemoClock implements ClockOnPage {
  readonly #parts: DemoParts;

  constructor(parts: DemoParts) {
    this.#parts = parts;
  }

  async now(): Promise<string> {
    return Temporal.Instant.fromEpochMilliseconds(this.#parts.clock.now()).toString();
  }

  /** Moves on to the next thing that is due, or by a duration, and lets happen what is due then. */
  async advance(step: AdvanceStep): Promise<{ now: string }> {
    const { clock, store, worker } = this.#parts;
    const now = clock.now();
    const by =
      'by' in step
        ? Temporal.Duration.from(step.by).total({ unit: 'milliseconds', relativeTo: '2026-01-01' })
        : ((await store.nextMoment(now)) ?? now) - now;
    clock.moveOn(by);
    await store.setNote(notes.offset, String(clock.offset));
    await worker.fireDue();
    worker.nudge();
    return { now: await this.now() };
  }
}
