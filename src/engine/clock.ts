/**
 * The two times of the program: `now`, by which plans and reminders live and which the demo can move on, and `real`,
 * by which leases and the platforms' limits live. Nothing else asks what time it is.
 */
import type { Millis } from '../core/time.ts';

export type Clock = { now(): Millis; real(): Millis };

/** The machine's clock, moved on by an offset that the demo may raise. */
export class SystemClock implements Clock {
  #offset: Millis;

  constructor(offset: Millis = 0) {
    this.#offset = offset;
  }

  now(): Millis {
    return Date.now() + this.#offset;
  }

  real(): Millis {
    return Date.now();
  }

  get offset(): Millis {
    return this.#offset;
  }

  moveOn(by: Millis): void {
    this.#offset += by;
  }
}
