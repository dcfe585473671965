/**
 * What a classifier sees of a text: its words, pairs of words, beginnings and parts of words, and the families they belong to.
 * It exists so that slips, endings, compounds and dialects come near the examples. It must take time in proportion to the text only.
 */
import type { Families } from './families.ts';
import { fold } from './fold.ts';

/** Feature -> how much of it there is, above 0. */
export type Features = ReadonlyMap<string, number>;

/** What stands after this is not read: nobody says anything new there, and the time stays bounded. */
const longestText = 1000;
const beginnings = [4, 6];
const beginningWeight = 0.7;
/** Letters in the parts of words that are looked at wherever they stand; a part may hold the space before or after. */
const parts = [3, 4, 5];
const partWeight = 0.35;

/** `spellings`: how a word is written in nynorsk and dialects -> the word in bokmål. */
export function featuresOf(
  text: string,
  families: Families,
  spellings: ReadonlyMap<string, string>,
): Features {
  const found = new Map<string, number>();
  const add = (feature: string, weight: number) => found.set(feature, (found.get(feature) ?? 0) + weight);
  const written = tidy(text);
  for (const family of families.find(written)) add(`f${family}`, 1);
  let before = '^';
  for (const word of written.split(' ').map((one) => spellings.get(one) ?? one)) {
    add(`w${word}`, 1);
    add(`p${before} ${word}`, 1);
    before = word;
    for (const length of beginnings) {
      if (word.length > length) add(`b${word.slice(0, length)}`, beginningWeight);
    }
    const padded = ` ${word} `;
    for (const length of parts) {
      if (word.length < length) continue;
      for (let at = 0; at + length <= padded.length; at++)
        add(`n${padded.slice(at, at + length)}`, partWeight);
    }
  }
  add(`p${before} $`, 1);
  for (const [feature, weight] of found) found.set(feature, Math.sqrt(weight));
  return found;
}

/** One spelling for "don't", "DONT" and "don’t 😀", and for "heeelt" and "helt". */
export function tidy(text: string): string {
  return fold(
    text
      .slice(0, longestText)
      .normalize('NFC')
      .replace(/\p{Cf}|\p{Me}|[\uFE00-\uFE0F]/gu, '')
      .replace(/(?<=\p{L})['’´`](?=\p{L})/gu, '')
      .replace(/(\p{L})\1{2,}/giu, '$1'),
  );
}
