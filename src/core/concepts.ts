/**
 * Tells what the words of a text are about: "pillene", "tabletter" and "meds" are all pills. The lists are data in each
 * language, so that what is learnt from one word or language holds for the others. It only names; what follows from a
 * concept is not its matter.
 */
import { Spelling } from './spelling.ts';

/** What one language has. Ways stand with `|` between them; `word*` is any ending, `*word*` also any beginning. */
export type ConceptBook = {
  /** Small words by which the language is known. */
  known: string;
  /** Words beside which people forget the space. */
  runTogether: string;
  /** Name -> ways of saying it, of one word or several in a row. */
  concepts: readonly (readonly [string, string])[];
};

/** A concept and where it stands: from the first word on to before the last. */
export type Place = { concept: number; start: number; end: number };

/** What words stand for, kept while many texts are read one after the other. */
export type Memory = Map<string, number[][]>;

type Way = { words: readonly number[]; concept: number };

const listed = (text: string): string[] => text.split('|').map((way) => way.trim());

/** Numbers are written in figures alike everywhere: a year is long ago, as a rule, and all others count something. */
const year = /^(19|20)\d\d$/;

export class Concepts {
  readonly #languages: readonly Language[];

  /** @throws Error naming the way that cannot be read */
  constructor(books: readonly ConceptBook[]) {
    const numbers = new Map<string, number>();
    const numberOf = (name: string) => {
      const number = numbers.get(name) ?? numbers.size;
      numbers.set(name, number);
      return number;
    };
    const [years, figures] = [numberOf('year'), numberOf('number')];
    this.#languages = books.map((book) => new Language(book, numberOf, years, figures));
  }

  /** The concepts of a text, by where they begin; read in the language that most of its small words belong to. */
  find(words: readonly string[], memories: readonly Memory[] = []): Place[] {
    const counts = this.#languages.map((language) => language.count(words));
    const best = counts.indexOf(Math.max(...counts));
    return this.#languages[best]?.find(words, memories[best] ?? new Map()) ?? [];
  }

  /** One for each language, to be handed to `find`. */
  memories(): Memory[] {
    return this.#languages.map(() => new Map());
  }
}

class Language {
  readonly #known: ReadonlySet<string>;
  readonly #words = new Map<string, number>();
  /** First word -> the ways that begin with it. */
  readonly #ways = new Map<number, Way[]>();
  readonly #spelling: Spelling;
  readonly #year: number;
  readonly #figure: number;

  constructor(book: ConceptBook, numberOf: (name: string) => number, year: number, figure: number) {
    this.#known = new Set(listed(book.known));
    this.#year = year;
    this.#figure = figure;
    for (const [name, text] of book.concepts) {
      for (const way of listed(text)) this.#learn(way, numberOf(name));
    }
    this.#spelling = new Spelling(this.#words, listed(book.runTogether));
  }

  #learn(way: string, concept: number): void {
    const words = way.split(/\s+/).map((word) => {
      if (!/^(\*?\p{L}+\*?)$/u.test(word)) throw new Error(`"${word}" in "${way}" is no word`);
      const number = this.#words.get(word) ?? this.#words.size;
      this.#words.set(word, number);
      return number;
    });
    const ways = this.#ways.get(words[0]!);
    if (ways) ways.push({ words, concept });
    else this.#ways.set(words[0]!, [{ words, concept }]);
  }

  count(words: readonly string[]): number {
    return words.reduce((sum, word) => sum + Number(this.#known.has(word)), 0);
  }

  find(words: readonly string[], memory: Memory): Place[] {
    const read = words.flatMap((word) => this.#read(word, memory));
    const places: Place[] = [];
    read.forEach((meant, start) => {
      const here = new Set<number>();
      const note = (concept: number, end: number) => {
        if (here.has(concept)) return;
        here.add(concept);
        places.push({ concept, start, end });
      };
      for (const word of meant) {
        if (word < 0) note(-1 - word, start + 1);
        for (const way of this.#ways.get(word) ?? []) {
          if (way.words.every((part, at) => read[start + at]?.includes(part)))
            note(way.concept, start + way.words.length);
        }
      }
    });
    return places;
  }

  /** What a word may be; several lists when it is words run together. A figure stands for itself, below zero. */
  #read(word: string, memory: Memory): number[][] {
    if (/^\d/.test(word)) return [[-1 - (year.test(word) ? this.#year : this.#figure)]];
    const known = memory.get(word);
    if (known) return known;
    const read = this.#spelling.read(word);
    memory.set(word, read);
    return read;
  }
}
