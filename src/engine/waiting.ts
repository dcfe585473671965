/**
 * The lanes that delivery leaves alone for a while: until a moment has come, or until a platform takes another message.
 * Of thousands that wait for one platform only as many are looked at again as it takes, the most urgent first, so that
 * a busy morning costs no more than its messages. It counts in real time and must never forget a lane.
 */
import type { Millis } from '../core/time.ts';
import type { StoredOutgoing } from '../store/store.ts';
import type { Pace } from './pace.ts';

type Wait = { until: Millis; pace: Pace | null; priority: number; seq: number };

export class WaitingLanes {
  readonly #lanes = new Map<string, Wait>();

  /** Leaves the lane of this message alone until `until`; with a pace, also until the platform has a place for it. */
  add({ lane, priority, seq }: StoredOutgoing, until: Millis, pace: Pace | null = null): void {
    this.#lanes.set(lane, { until, pace, priority, seq });
  }

  names(): string[] {
    return [...this.#lanes.keys()];
  }

  /** Lets go of those whose time has come at `now`. */
  release(now: Millis): void {
    const places = new Map<Pace, number>();
    const ready = [...this.#lanes].filter(([, { until }]) => until <= now);
    ready.sort(([, one], [, other]) => one.priority - other.priority || one.seq - other.seq);
    for (const [lane, { pace }] of ready) {
      const left = pace ? (places.get(pace) ?? pace.places(now)) : 1;
      if (pace) places.set(pace, left - 1);
      if (left > 0) this.#lanes.delete(lane);
    }
  }

  /** How long until the next can be let go of, in ms; null when none waits. */
  next(now: Millis): Millis | null {
    let least = Number.POSITIVE_INFINITY;
    const closed = new Map<Pace, Millis>();
    for (const { until, pace } of this.#lanes.values()) {
      if (pace && !closed.has(pace)) closed.set(pace, pace.closed(now));
      least = Math.min(least, Math.max(until - now, (pace && closed.get(pace)) ?? 0));
    }
    return Number.isFinite(least) ? Math.max(1, least) : null;
  }
}
