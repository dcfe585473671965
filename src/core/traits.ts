/**
 * Notices what may tell short texts apart: words, words beside each other, parts of words, and concepts and families of words that
 * stand together. Each becomes a number for the learner. It must notice the same in the same words, wherever they stand.
 */
import { type Features, hashOf, hashOfBoth, Tally } from './borders.ts';
import type { Concepts, Memory, Place } from './concepts.ts';
import type { Families } from './families.ts';

/** Sorts of features, so that a word and a part of a word that look alike stay apart. */
const sort = {
  ...{ word: 1, pair: 2, apart: 3, beginning: 4, part: 5, concept: 6, follow: 7, three: 8, both: 9 },
  ...{ family: 10, kin: 11, stems: 12 },
};

/** Letters of the parts of a word that are looked at wherever they stand: they see through endings and slips. */
const part = 4;
/** Letters of the beginnings of words: the crudest way to find a stem. */
const beginnings = [4, 6];
/** Letters of the beginnings of two words beside each other. */
const stem = 5;
const weight = {
  ...{ apart: 0.6, stems: 0.6, beginning: 0.7, part: 0.4 },
  ...{ concept: 1.2, follow: 0.5, three: 0.3, both: 0.3, family: 1, kin: 0.3 },
};
/** Words that may stand between two concepts which belong together, and between three. */
const reach = 5;
const shortReach = 2;

export class Traits {
  readonly #concepts: Concepts;
  readonly #families: Families;
  readonly #spellings: ReadonlyMap<string, string>;
  readonly #tally = new Tally();
  /** To be handed to `of` with lines from which is learnt, and with nothing else: all who learn share it. */
  readonly learning: readonly Memory[];

  /** `spellings`: how a word is written in nynorsk and dialects -> the word in bokmål. */
  constructor(concepts: Concepts, families: Families, spellings: ReadonlyMap<string, string>) {
    this.#concepts = concepts;
    this.learning = concepts.memories();
    this.#families = families;
    this.#spellings = spellings;
  }

  /** To be handed to `of` where many stretches of one text are read one after the other, so that nothing of it is kept. */
  memories(): Memory[] {
    return this.#concepts.memories();
  }

  /** What is noticed in the words of one stretch. */
  of(words: readonly string[], memories?: readonly Memory[]): Features {
    this.#noteWords(words.map((word) => this.#spellings.get(word) ?? word));
    this.#noteConcepts(this.#concepts.find(words, memories));
    const families = [...this.#families.find(words.join(' '))].map((name) => hashOf(name, sort.family));
    for (const family of families) this.#tally.add(family, weight.family);
    this.#noteBoth(families, sort.kin, weight.kin);
    return this.#tally.take();
  }

  #noteWords(words: readonly string[]): void {
    const tally = this.#tally;
    const hashes = words.map((word) => hashOf(word, sort.word));
    const stems = words.map((word) => hashOf(word, sort.stems, 0, Math.min(stem, word.length)));
    let before = hashOf('^', sort.word);
    words.forEach((word, at) => {
      const hash = hashes[at]!;
      tally.add(hash, 1);
      tally.add(hashOfBoth(before, hash) + sort.pair, 1);
      before = hash;
      if (at >= 1) tally.add(hashOfBoth(stems[at - 1]!, stems[at]!) + sort.stems, weight.stems);
      if (at >= 2) tally.add(hashOfBoth(hashes[at - 2]!, hash) + sort.apart, weight.apart);
      for (const length of beginnings) {
        if (word.length > length) tally.add(hashOf(word, sort.beginning, 0, length), weight.beginning);
      }
      if (word.length < part) return;
      const padded = ` ${word} `;
      for (let from = 0; from + part <= padded.length; from++)
        tally.add(hashOf(padded, sort.part, from, from + part), weight.part);
    });
    tally.add(hashOfBoth(before, hashOf('$', sort.word)) + sort.pair, 1);
  }

  /** Each concept, two or three that follow each other closely, and any two of them in the stretch; each once. */
  #noteConcepts(places: readonly Place[]): void {
    const noted = new Set<number>();
    const once = (hash: number, strength: number) => {
      if (noted.has(hash)) return;
      noted.add(hash);
      this.#tally.add(hash, strength);
    };
    places.forEach((one, at) => {
      once(mixed(sort.concept, one.concept), weight.concept);
      for (let next = at + 1; next < places.length; next++) {
        const other = places[next]!;
        if (other.start - one.end > reach) break;
        if (other.start < one.end) continue;
        once(mixed(sort.follow, one.concept, other.concept), weight.follow);
        if (other.start - one.end > shortReach) continue;
        for (let last = next + 1; last < places.length; last++) {
          const third = places[last]!;
          if (third.start - other.end > shortReach) break;
          if (third.start >= other.end)
            once(mixed(sort.three, one.concept, other.concept, third.concept), weight.three);
        }
      }
    });
    this.#noteBoth([...new Set(places.map(({ concept }) => concept))], sort.both, weight.both);
  }

  /** Any two of them, whichever comes first. */
  #noteBoth(present: readonly number[], seed: number, strength: number): void {
    const ordered = present.toSorted((one, other) => one - other);
    ordered.forEach((one, at) => {
      for (const other of ordered.slice(at + 1)) this.#tally.add(mixed(seed, one, other), strength);
    });
  }
}

const mixed = (...parts: number[]): number =>
  parts.reduce((hash, next) => Math.imul(hash ^ next, 0x01000193), 0x2f);
