/**
 * Families of words: words and phrases that belong together, such as everything about churches, found in a text wherever they stand.
 * They exist so that a word which no example uses still counts through its kin. They say what a text mentions, never what it means.
 */
import { fold } from './fold.ts';

type Node = { next: Map<string, Node>; whole: string[]; begun: string[] };

const node = (): Node => ({ next: new Map(), whole: [], begun: [] });

export class Families {
  readonly #root = node();

  /** `families`: name -> words and phrases with `|` between them; `word*` is any ending. */
  constructor(families: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(families)) {
      for (const word of text.split('|')) this.#add(name, word.trim());
    }
  }

  /** The names of all families that a folded text has a word of, in the order in which they stand. */
  find(text: string): Set<string> {
    const found = new Set<string>();
    for (let start = 0; start < text.length; start = nextWord(text, start)) {
      let at: Node | undefined = this.#root;
      for (let i = start; i < text.length; i++) {
        at = at.next.get(text[i]!);
        if (!at) break;
        for (const name of at.begun) found.add(name);
        if (i + 1 === text.length || text[i + 1] === ' ') for (const name of at.whole) found.add(name);
      }
    }
    return found;
  }

  #add(name: string, word: string): void {
    let at = this.#root;
    for (const letter of fold(word)) {
      const next = at.next.get(letter) ?? node();
      at.next.set(letter, next);
      at = next;
    }
    (word.endsWith('*') ? at.begun : at.whole).push(name);
  }
}

function nextWord(text: string, from: number): number {
  const space = text.indexOf(' ', from);
  return space < 0 ? text.length : space + 1;
}
