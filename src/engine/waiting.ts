/**
 * The lanes that delivery leaves alone until a moment has come: because their chat was written to just now, or because
 * something went wrong. It counts in real time and must never forget a lane.
 */
import type { Millis } from '../core/time.ts';
import type { StoredOutgoing } from '../store/store.ts';

export class WaitingLanes {
  readonly #lanes = new Map<string, { until: Millis; partition: number }>();

  add({ lane, partition }: Pick<StoredOutgoing, 'lane' | 'partition'>, until: Millis): void {
    this.#lanes.set(lane, { until, partition });
  }

  names(): string[] {
    return [...this.#lanes.keys()];
  }

  /** Lets go of those whose time has come at `now`; the partitions they are in. */
  release(now: Millis): number[] {
    const ready = [...this.#lanes].filter(([, { until }]) => until <= now);
    for (const [lane] of ready) this.#lanes.delete(lane);
    return ready.map(([, { partition }]) => partition);
  }

  /** How long until the next can be let go of, in ms; null when none waits. */
  next(now: Millis): Millis | null {
    const moments = [...this.#lanes.values()].map(({ until }) => until);
    return moments.length > 0 ? Math.max(1, Math.min(...moments) - now) : null;
  }
}
