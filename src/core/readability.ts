/**
 * How hard a text is to read, by two old and simple indices that everybody can recompute. It looks at lengths only:
 * a short text can still be hard, and reading aloud is no less needed.
 */

type Measure = { words: number; sentences: number; letters: number; long: number };

function measure(text: string): Measure {
  const words = text.match(/[\p{L}\p{N}]+(?:[-’'][\p{L}\p{N}]+)*/gu) ?? [];
  const sentences = text.split(/[.!?:]+(?:\s|$)|\n+/u).filter((part) => /\p{L}/u.test(part));
  return {
    words: words.length,
    sentences: Math.max(1, sentences.length),
    letters: words.join('').length,
    long: words.filter((word) => word.length > 6).length,
  };
}

/** LIX (Björnsson 1968): words per sentence plus the percentage of words of more than six letters. Below 40 is easy. */
export function lix(text: string): number {
  const { words, sentences, long } = measure(text);
  return words === 0 ? 0 : words / sentences + (100 * long) / words;
}

/** Automated Readability Index (Senter & Smith 1967): the school grade, from letters per word and words per sentence. */
export function ari(text: string): number {
  const { words, sentences, letters } = measure(text);
  return words === 0 ? 0 : 4.71 * (letters / words) + 0.5 * (words / sentences) - 21.43;
}

/** Above these a text is more than easy. */
const limits = { lix: 40, ari: 7 };

/** The index of a text in a language, its name, and whether it is easy. */
export function readability(text: string, language: string): { index: string; value: number; easy: boolean } {
  if (language === 'en') {
    const value = ari(text);
    return { index: 'ARI', value, easy: value <= limits.ari };
  }
  const value = lix(text);
  return { index: 'LIX', value, easy: value <= limits.lix };
}
