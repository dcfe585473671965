/**
 * Chance that comes from a seed, so that whatever it decided can be seen again. It exists for simulations and must
 * never be used where somebody could gain from guessing it.
 */

export class Chance {
  #state: number;

  /** Whole numbers; streams of one seed have nothing to do with one another. */
  constructor(seed: number, stream = 0) {
    this.#state = scatter(scatter(seed) + stream) || 1;
  }

  /** From 0 up to but not including 1, by xorshift (Marsaglia 2003). */
  next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }

  /** True in this share of cases. */
  hits(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number from `least` up to and including `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of them, each as likely as its weight says; undefined when there is none. */
  pick<T>(from: readonly T[], weight: (one: T) => number = () => 1): T | undefined {
    let left = this.next() * from.reduce((sum, one) => sum + weight(one), 0);
    return from.find((one) => {
      left -= weight(one);
      return left < 0;
    });
  }
}

/** Neighbouring seeds must not begin alike. */
function scatter(seed: number): number {
  let mixed = (seed + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) | 0;
}
