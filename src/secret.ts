/**
 * A wrapper for values that must not be seen by accident, so that a settings object can be logged or inspected
 * whole. It must never give its value to anything but `reveal()`.
 */
import { inspect } from 'node:util';

/** Holds a secret; printing, logging, copying or serialising it gives '[secret]' or nothing. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself; call this at the place of use and keep the result in nothing that is ever printed. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
