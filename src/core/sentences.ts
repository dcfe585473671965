/**
 * Splits what people type into sentences and words, and into the stretches that are looked at on their own, so that
 * nothing that stands before or after can drown what is said in one of them. It must take no longer than in proportion
 * to the text, and never be used to change what is shown.
 */

/**
 * Long sentences, as people write without full stops, are looked at in overlapping pieces as well: the longer the
 * sentence, the smaller pieces too. All in words.
 */
const pieces = [
  { beyond: 16, length: 16 },
  { beyond: 32, length: 8 },
  { beyond: 48, length: 5 },
];
/** Sentences in a row that are looked at together, for what is said in two breaths. */
const together = 3;
const longestTogether = 40;

/** The words of each sentence in lower case. Signs and emoji are left out; a full stop inside a figure is none. */
export function sentencesOf(text: string): string[][] {
  const sentences: string[][] = [[]];
  const parts = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Cf}|['’`´]/gu, '')
    .replace(/(?<!\p{L})(\p{L})-(?=\p{L})/gu, '$1')
    .replace(/(\p{L})\1{2,}/gu, '$1$1')
    .matchAll(/[\p{L}\p{M}]+|\d+(?:[.,]\d+)?|[.!?\n]/gu);
  for (const [part] of parts) {
    if (/^[.!?\n]/.test(part)) sentences.push([]);
    else sentences.at(-1)!.push(part);
  }
  return sentences.filter((words) => words.length > 0);
}

/** Short of this a clause says too little on its own. */
const shortestClause = 4;

/** What stands between commas, and after "and I" or "but I", where a sentence has several of these. */
export function clausesOf(text: string): string[][] {
  const whole = new Set(sentencesOf(text).map((words) => words.join(' ')));
  const cut = text.replace(
    /[,;:–—]|\b(?=(?:og|men|and|but|så)\s+(?:jeg|eg|æ|i|han|he|no|nå|now)\b)/giu,
    '. ',
  );
  return sentencesOf(cut).filter((words) => words.length >= shortestClause && !whole.has(words.join(' ')));
}

/** The stretches of a text: each sentence, up to three of them in a row, and the pieces of long ones. */
export function stretchesOf(sentences: readonly string[][]): string[][] {
  const stretches = sentences.flatMap((words) => [words, ...piecesOf(words)]);
  sentences.forEach((_, first) => {
    for (let last = first + 1; last < Math.min(sentences.length, first + together); last++) {
      const words = sentences.slice(first, last + 1).flat();
      if (words.length <= longestTogether) stretches.push(words);
    }
  });
  return stretches.filter((words) => words.length <= longestTogether);
}

function piecesOf(words: readonly string[]): string[][] {
  return pieces
    .filter(({ beyond }) => words.length > beyond)
    .flatMap(({ length }) => {
      const starts = Math.ceil((2 * words.length) / length) - 1;
      return Array.from({ length: starts }, (_, at) =>
        words.slice((at * length) / 2, (at * length) / 2 + length),
      );
    });
}
