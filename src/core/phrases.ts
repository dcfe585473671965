/**
 * Finds phrases in free text. The phrases are data that people can read: words, groups of words, gaps. It exists so
 * that one line of data covers many ways of saying a thing. It only finds; what a finding means is not its matter,
 * and it must never take longer than in proportion to the text.
 */
import { Spelling } from './spelling.ts';

/**
 * In a phrase: `word*` is any ending, `*word*` also any beginning, `8+` a number of at least 8, `a/b_c` either a or
 * b c, `a?` may be missing, `<name>` any phrase of the group `name` written above it, `...` up to four words between,
 * `.` the start or end of a sentence, or a comma.
 */
export type PhraseBook = {
  /** Name -> phrases with `|` between them. Each may use the groups before it. */
  groups: readonly (readonly [string, string])[];
  /** Words that may stand anywhere inside a phrase without being named. */
  passedOver: string;
  /** Words that turn a meaning round, so that `...` never reaches across them. */
  neverPassed: string;
  /** Ordinary words that look like a mistyped word of a phrase. */
  noTypos: string;
  /** Words beside which people forget the space. */
  runTogether: string;
};

/** From the first word on to before the last one, counted in words. */
export type Span = { start: number; end: number };

/** One place in a phrase: any of these symbols, at once or after other words. */
type Item = { symbols: readonly number[]; gap: boolean };
type Rule = { makes: number; items: readonly Item[] };
/** Where a symbol was found: start -> ends. */
type Places = Map<number, number[]>;

const longestGap = 4;
const mostPassedOver = 3;
const edge = '.';
const comma = ',';
const edgeSymbol = 0;
const commaSymbol = 1;
/** What a phrase that asks for the end of a sentence takes for one. */
const edges = [edgeSymbol, commaSymbol];

export class Phrases {
  readonly #symbols = new Map<string, number>([
    [edge, edgeSymbol],
    [comma, commaSymbol],
  ]);
  readonly #rules: Rule[] = [];
  /** Symbol -> the rules that are worth trying when it was found. */
  readonly #waiting: number[][] = [];
  readonly #numbers: { symbol: number; least: number }[] = [];
  readonly #passedOver: ReadonlySet<number>;
  readonly #neverPassed: ReadonlySet<number>;
  readonly #wanted: ReadonlyMap<number, string>;
  readonly #spelling: Spelling;

  /** `wanted`: the groups that `find` tells about. @throws Error naming the phrase that cannot be read */
  constructor(book: PhraseBook, wanted: readonly string[]) {
    for (const [name, text] of book.groups) {
      const ways = listed(text).flatMap((phrase) => this.#compile(phrase));
      const makes = this.#symbol(`<${name}>`);
      for (const items of ways) this.#rules.push({ makes, items });
    }
    const words = (text: string) => new Set(listed(text).map((word) => this.#symbol(word)));
    this.#passedOver = words(book.passedOver);
    this.#neverPassed = words(book.neverPassed);
    words(book.noTypos);
    this.#wanted = new Map(wanted.map((name) => [this.#symbol(`<${name}>`), name]));
    const known = [...this.#symbols].filter(([name]) => /^\*?\p{L}+\*?$/u.test(name));
    this.#spelling = new Spelling(known, listed(book.runTogether));
    this.#arm();
  }

  /** Every place where a wanted group stands, by its name; groups that stand nowhere are left out. */
  find(words: readonly string[]): Map<string, Span[]> {
    const pieces = words.map((word) => this.#read(word));
    const read = pieces.flat();
    const near = read.map((_, from) => this.#reach(from, 0, read));
    const far = read.map((_, from) => this.#reach(from, longestGap, read));
    const found = new Map<number, Places>();
    // Every symbol is complete before a rule needs it, since a phrase can only use the groups above it.
    const worthTrying = new Uint8Array(this.#rules.length);
    const note = (symbol: number, start: number, end: number) => {
      const places = found.get(symbol);
      if (!places) {
        found.set(symbol, new Map([[start, [end]]]));
        for (const rule of this.#waiting[symbol] ?? []) worthTrying[rule] = 1;
        return;
      }
      const ends = places.get(start);
      if (!ends) places.set(start, [end]);
      else if (!ends.includes(end)) ends.push(end);
    };
    read.forEach((symbols, at) => {
      for (const symbol of symbols) note(symbol, at, at + 1);
    });
    for (let at = worthTrying.indexOf(1); at >= 0; at = worthTrying.indexOf(1, at + 1)) {
      const { makes, items } = this.#rules[at]!;
      if (!items.every(({ symbols }) => isAmong(symbols, found))) continue;
      for (const first of items[0]!.symbols) {
        for (const [start, ends] of found.get(first) ?? []) {
          for (const end of follow(items, ends, found, near, far)) note(makes, start, end);
        }
      }
    }
    const written = pieces.flatMap((places, at) => places.map(() => at));
    const told = new Map<string, Span[]>();
    for (const [symbol, places] of found) {
      const name = this.#wanted.get(symbol);
      if (name === undefined) continue;
      const spans = [...places].flatMap(([start, ends]) =>
        ends.map((end) => ({ start: written[start]!, end: written[end - 1]! + 1 })),
      );
      told.set(name, spans);
    }
    return told;
  }

  /** What a word may be; several places when it is words run together. The edges of sentences are places too. */
  #read(word: string): number[][] {
    if (word === edge) return [[edgeSymbol]];
    if (word === comma) return [[commaSymbol]];
    if (!/^\d/.test(word)) return this.#spelling.read(word);
    const value = Number(word.replace(',', '.'));
    return [this.#numbers.flatMap(({ symbol, least }) => (value >= least ? symbol : []))];
  }

  /** The last place where the next item of a phrase may begin. */
  #reach(from: number, gap: number, read: readonly number[][]): number {
    let passed = 0;
    let skipped = 0;
    for (let at = from; at < read.length; at++) {
      const symbols = read[at]!;
      if (symbols[0] === edgeSymbol) return at;
      if (symbols[0] === commaSymbol) continue;
      if (passed < mostPassedOver && symbols.some((symbol) => this.#passedOver.has(symbol))) passed++;
      else if (skipped < gap && !symbols.some((symbol) => this.#neverPassed.has(symbol))) skipped++;
      else return at;
    }
    return read.length - 1;
  }

  #symbol(name: string): number {
    const known = this.#symbols.get(name);
    if (known !== undefined) return known;
    const symbol = this.#symbols.size;
    this.#symbols.set(name, symbol);
    if (/^\d+\+$/.test(name)) this.#numbers.push({ symbol, least: Number.parseInt(name, 10) });
    return symbol;
  }

  /** A phrase with words that may be missing becomes several phrases. */
  #compile(phrase: string): Item[][] {
    let ways: { items: Item[]; gap: boolean }[] = [{ items: [], gap: false }];
    for (const part of phrase.split(/\s+/)) {
      if (part === '...') {
        ways = ways.map(({ items }) => ({ items, gap: true }));
        continue;
      }
      const may = part.endsWith('?');
      const symbols = (may ? part.slice(0, -1) : part)
        .split('/')
        .flatMap((way) => (way === edge ? edges : this.#way(way, phrase)));
      const longer = ways.map(({ items, gap }) => ({ items: [...items, { symbols, gap }], gap: false }));
      ways = may ? [...longer, ...ways] : longer;
    }
    if (/^\.\.\.|\.\.\.$/.test(phrase) || ways.some(({ items }) => items.length === 0)) {
      throw new Error(`"${phrase}" needs a first and a last word`);
    }
    return ways.map(({ items }) => items);
  }

  #way(way: string, phrase: string): number {
    const words = way.split('_');
    for (const word of words) {
      if (
        word.startsWith('<') ? !this.#symbols.has(word) : !/^(\p{L}+\*?|\*\p{L}+\*|\d+\+|\.)$/u.test(word)
      ) {
        throw new Error(`"${word}" in "${phrase}" is no word and no group written above it`);
      }
    }
    if (words.length === 1 || this.#symbols.has(way)) return this.#symbol(way);
    const items = words.map((word) => ({ symbols: [this.#symbol(word)], gap: false }));
    const makes = this.#symbol(way);
    this.#rules.push({ makes, items });
    return makes;
  }

  /** A rule waits for its rarest item, so that few are tried: what few phrases name, few people write. */
  #arm(): void {
    const uses = new Map<number, number>();
    for (const { items } of this.#rules) {
      for (const symbol of items.flatMap((item) => item.symbols))
        uses.set(symbol, (uses.get(symbol) ?? 0) + 1);
    }
    const weigh = ({ symbols }: Item) => symbols.reduce((sum, symbol) => sum + (uses.get(symbol) ?? 0), 0);
    this.#rules.forEach(({ items }, rule) => {
      const rarest = items.reduce((least, item) => (weigh(item) < weigh(least) ? item : least));
      for (const symbol of rarest.symbols) {
        this.#waiting[symbol] ??= [];
        this.#waiting[symbol].push(rule);
      }
    });
  }
}

function isAmong(symbols: readonly number[], found: ReadonlyMap<number, Places>): boolean {
  for (const symbol of symbols) if (found.has(symbol)) return true;
  return false;
}

/**
 * All places where a phrase may end whose first item ends at one of `ends`. `near` and `far`: the last place where the
 * next item may begin, without and with a gap.
 */
function follow(
  items: readonly Item[],
  ends: readonly number[],
  found: ReadonlyMap<number, Places>,
  near: readonly number[],
  far: readonly number[],
): readonly number[] {
  let reached = ends;
  for (let next = 1; next < items.length && reached.length > 0; next++) {
    const { symbols, gap } = items[next]!;
    const further = new Set<number>();
    for (const symbol of symbols) {
      const places = found.get(symbol);
      if (!places) continue;
      for (const from of reached) {
        const last = (gap ? far : near)[from] ?? -1;
        for (let at = from; at <= last; at++) {
          for (const end of places.get(at) ?? []) further.add(end);
        }
      }
    }
    reached = [...further];
  }
  return reached;
}

const listed = (text: string): string[] => text.split('|').map((phrase) => phrase.trim());

/** The words of a text in lower case, an edge before, after and between its sentences. Signs and emoji are left out. */
export function wordsOf(text: string): string[] {
  const words = [edge];
  const parts = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’`´]/g, '')
    .replace(/(?<!\p{L})(\p{L})-(?=\p{L})/gu, '$1')
    .replace(/(\p{L})\1{2,}/gu, '$1$1')
    .matchAll(/[\p{L}\p{M}]+|\d+(?:[.,]\d+)?|\.{2,}|[.!?]+|,/gu);
  for (const [part] of parts) {
    if (/^[\p{L}\d]/u.test(part)) words.push(part);
    else if (part === comma) words.push(comma);
    else if (!part.startsWith('..') && words.at(-1) !== edge) words.push(edge);
  }
  if (words.at(-1) !== edge) words.push(edge);
  return words;
}
