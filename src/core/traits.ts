/**
 * Notices what may tell short texts apart: words, words beside each other, parts of words, and concepts that stand
 * together. Each becomes a number for the classifier. It must notice the same in the same words, wherever they stand.
 */
import { type Features, hashOf, hashOfBoth, type Tally } from './borders.ts';
import type { Concepts, Memory, Place } from './concepts.ts';

/** Sorts of features, so that a word and a part of a word that look alike stay apart. */
const sort = { word: 1, pair: 2, apart: 3, beginning: 4, part: 5, concept: 6, follow: 7, three: 8, both: 9 };

/** Letters of the parts of a word that are looked at wherever they stand: they see through endings and slips. */
const part = 4;
/** Letters of the beginnings of words: the crudest way to find a stem. */
const beginnings = [4, 6];
const weight = { apart: 0.6, beginning: 0.7, part: 0.5, concept: 1.2, follow: 0.5, three: 0.3, both: 0.3 };
/** Words that may stand between two concepts which belong together, and between three. */
const reach = 5;
const shortReach = 2;

/** What is noticed in the words of one stretch. */
export function traitsOf(
  words: readonly string[],
  concepts: Concepts,
  tally: Tally,
  memories?: readonly Memory[],
): Features {
  noteWords(words, tally);
  noteConcepts(concepts.find(words, memories), tally);
  return tally.take();
}

function noteWords(words: readonly string[], tally: Tally): void {
  const hashes = words.map((word) => hashOf(word, sort.word));
  let before = hashOf('^', sort.word);
  words.forEach((word, at) => {
    const hash = hashes[at]!;
    tally.add(hash, 1);
    tally.add(hashOfBoth(before, hash) + sort.pair, 1);
    before = hash;
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
function noteConcepts(places: readonly Place[], tally: Tally): void {
  const noted = new Set<number>();
  const once = (hash: number, strength: number) => {
    if (noted.has(hash)) return;
    noted.add(hash);
    tally.add(hash, strength);
  };
  const mixed = (...parts: number[]) =>
    parts.reduce((hash, next) => Math.imul(hash ^ next, 0x01000193), 0x2f);
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
  const present = [...new Set(places.map(({ concept }) => concept))].sort((one, other) => one - other);
  present.forEach((one, at) => {
    for (const other of present.slice(at + 1)) once(mixed(sort.both, one, other), weight.both);
  });
}
