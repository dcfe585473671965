/**
 * Looks at free text for danger to life, before anything else does. It is a list of phrases, all languages at once,
 * so that everybody can read what it finds; it asks rather than judges, and errs towards asking.
 * It must never be used to rate or score a person.
 */
import { fold } from './fold.ts';

/** `imminent`: something is happening now, so no question first. `possible`: ask calmly. */
export type Danger = 'imminent' | 'possible' | null;

export type DangerPhrases = { imminent: string[]; possible: string[]; harmless: string[] };

export class DangerSigns {
  readonly #imminent: RegExp;
  readonly #possible: RegExp;
  readonly #harmless: RegExp;

  /** In a phrase, `*` stands for any ending of a word and `...` for up to four words between. */
  constructor(phrases: DangerPhrases) {
    this.#imminent = anyOf(phrases.imminent, 'u');
    this.#possible = anyOf(phrases.possible, 'u');
    this.#harmless = anyOf(phrases.harmless, 'gu');
  }

  /** Harmless sayings are set aside first, so that what stands beside them is still seen. */
  look(text: string): Danger {
    const folded = ` ${fold(text)} `.replace(this.#harmless, ' ');
    if (this.#imminent.test(folded)) return 'imminent';
    return this.#possible.test(folded) ? 'possible' : null;
  }
}

function anyOf(phrases: string[], flags: string): RegExp {
  const patterns = phrases.map((phrase) =>
    phrase
      .split(/(\.\.\.|\*)/)
      .map((part) =>
        part === '*' ? '\\p{L}*' : part === '...' ? ' (?:\\S+ ){0,4}' : fold(part).replace(/ /g, ' +'),
      )
      .join(''),
  );
  return new RegExp(`(?<= )(?:${patterns.join('|') || '(?!)'})(?= )`, flags);
}
