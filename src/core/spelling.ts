/**
 * Recognises known words in what people type on a phone: without æ, ø and å, with a letter too many, too few or
 * swapped, or with no space between. It exists so that lists of words can stay short and readable. It must never
 * correct what is shown or kept, and never guess at short words, where one letter makes another word.
 */

const shortestSwap = 4;
const shortestLostVowel = 5;
const shortestSlip = 6;
const shortestTwoSlips = 10;
const longest = 40;
const shortestPiece = 2;

export class Spelling {
  readonly #exact = new Layer();
  readonly #plain = new Layer();
  /** What is left of a word when letters are struck out -> the plain words it may have been. */
  readonly #struck = new Map<string, Set<string>>();
  readonly #joints: ReadonlySet<string>;

  /**
   * `words`: a word, the beginning of one with `*` after it, or `*` on both sides of any part of one; each with the
   * number that stands for it.
   * `joints`: the words beside which people forget the space.
   */
  constructor(words: Iterable<readonly [string, number]>, joints: Iterable<string>) {
    this.#joints = new Set(joints);
    for (const [word, id] of words) {
      this.#exact.add(word, id);
      this.#plain.add(plain(word), id);
      if (!word.includes('*')) this.#expectSlips(plain(word));
    }
  }

  /**
   * The numbers of all known words that a lower-case word may stand for; more than one list when spaces are missing
   * in it. The likelier reading wins: as written, without special letters, mistyped, run together.
   */
  read(word: string): number[][] {
    const exact = this.#exact.find(word);
    if (exact.length > 0) return [exact];
    const bare = plain(word);
    const found = this.#plain.find(bare);
    if (found.length > 0) return [found];
    const meant = this.#mistyped(bare);
    if (meant.length > 0) return [meant];
    return this.#joined(word) ?? [[]];
  }

  #expectSlips(word: string): void {
    if (word.length < shortestSwap) return;
    for (const rest of strikes(word)) {
      const words = this.#struck.get(rest);
      if (words) words.add(word);
      else this.#struck.set(rest, new Set([word]));
    }
  }

  #mistyped(word: string): number[] {
    if (word.length < shortestSwap || word.length > longest) return [];
    const near = new Set<string>();
    for (const rest of strikes(word)) {
      for (const known of this.#struck.get(rest) ?? []) if (known[0] === word[0]) near.add(known);
    }
    const once = [...near].filter((known) => isOneSlip(known, word));
    const meant = once.length > 0 ? once : [...near].filter((known) => isTwoSlips(known, word));
    return meant.flatMap((known) => this.#plain.find(known));
  }

  /** The fewest known words that make up the whole of it; two of them may as well be a compound, so one must be a joint. */
  #joined(word: string): number[][] | null {
    if (word.length > longest) return null;
    const best: (string[] | null)[] = [[]];
    for (let end = 1; end <= word.length; end++) {
      best[end] = null;
      for (let start = 0; start < end; start++) {
        const before = best[start];
        const fewest = best[end]?.length ?? Number.POSITIVE_INFINITY;
        const piece = word.slice(start, end);
        const fits = piece.length >= shortestPiece || this.#joints.has(piece);
        if (before && before.length + 1 < fewest && fits && this.#exact.has(piece))
          best[end] = [...before, piece];
      }
    }
    const pieces = best[word.length];
    if (!pieces) return null;
    const likely =
      pieces.some((piece) => piece.length >= shortestPiece && this.#joints.has(piece)) ||
      (pieces.length > 2 && pieces.every((piece) => piece.length > shortestPiece));
    return likely ? pieces.map((piece) => this.#exact.find(piece)) : null;
  }
}

class Layer {
  readonly #whole = new Map<string, number[]>();
  readonly #beginnings = new Map<string, number[]>();
  readonly #insides: [string, number][] = [];

  add(word: string, id: number): void {
    if (word.startsWith('*')) {
      this.#insides.push([word.slice(1, -1), id]);
      return;
    }
    const open = word.endsWith('*');
    const map = open ? this.#beginnings : this.#whole;
    const key = open ? word.slice(0, -1) : word;
    map.set(key, [...(map.get(key) ?? []), id]);
  }

  /** Whether it is known whole, not only by its beginning. */
  has(word: string): boolean {
    return this.#whole.has(word);
  }

  find(word: string): number[] {
    const found = [...(this.#whole.get(word) ?? [])];
    for (let length = 2; length <= Math.min(word.length, longest); length++) {
      const open = this.#beginnings.get(word.slice(0, length));
      if (open) found.push(...open);
    }
    for (const [part, id] of this.#insides) if (word.includes(part)) found.push(id);
    return found;
  }
}

/** One spelling for how a word is written with and without Norwegian letters, and with letters doubled. */
function plain(word: string): string {
  return word
    .replace(/å|æ|aa|ae/g, 'a')
    .replace(/ø|ö|oe/g, 'o')
    .replace(/[éèê]/g, 'e')
    .replace(/(\p{L})\1+/gu, '$1');
}

/** The word, and all that is left when one letter is struck out; two of a long word. */
function strikes(word: string): Set<string> {
  const once = [...word].map((_, at) => word.slice(0, at) + word.slice(at + 1));
  const rests = new Set([word, ...once]);
  if (word.length < shortestTwoSlips - 1) return rests;
  for (const rest of once) {
    for (let at = 1; at < rest.length; at++) rests.add(rest.slice(0, at) + rest.slice(at + 1));
  }
  return rests;
}

/** Two letters swapped, one left out, one too many, or the key beside the right one. */
function isOneSlip(known: string, word: string): boolean {
  let at = 0;
  while (at < known.length && known[at] === word[at]) at++;
  const rest = (text: string, skip: number) => text.slice(at + skip);
  if (known.length === word.length) {
    const swapped =
      known[at] === word[at + 1] && known[at + 1] === word[at] && rest(known, 2) === rest(word, 2);
    const beside = keysBeside(known[at], word[at]) && rest(known, 1) === rest(word, 1);
    return swapped || (beside && known.length >= shortestSlip);
  }
  if (known.length > word.length) {
    const enough = /[aeiouy]/.test(known[at]!) ? shortestLostVowel : shortestSlip;
    return known.length >= enough && rest(known, 1) === rest(word, 0);
  }
  return known.length >= shortestSlip && rest(known, 0) === rest(word, 1);
}

const keyboard = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

const keysBeside = (one = '', other = ''): boolean =>
  keyboard.some((row) => row.includes(`${one}${other}`) || row.includes(`${other}${one}`));

const isTwoSlips = (known: string, word: string): boolean =>
  known.length >= shortestTwoSlips && distance(known, word) <= 2;

/** How many letters are missing, too many, wrong, or swapped with their neighbour. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let at = 1; at <= other.length; at++) {
      const same = one[row - 1] === other[at - 1] ? 0 : 1;
      let least = Math.min(above[at - 1]! + same, above[at]! + 1, line[at - 1]! + 1);
      if (row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1]) {
        least = Math.min(least, before[at - 2]! + 1);
      }
      line.push(least);
    }
    before = above;
    above = line;
  }
  return above[other.length]!;
}
