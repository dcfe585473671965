/**
 * The held-out lines: written by people whom the program has not learnt from, to measure what it understands of people it has never
 * met. They are only counted. No test may show one, since whoever has read them can no longer be measured by them.
 */
import { languages } from '../src/core/words.ts';
import { type Line, readExamples } from '../src/sources/examples.ts';
import { obstacleLabels } from '../src/sources/understanding.ts';

const read = (folder: string, subject: string, labels: readonly string[]): Line[] =>
  languages.flatMap((language) => readExamples(`${folder}/${subject}-${language}.txt`, language, labels));

export const unseen = {
  obstacles: read('test/understand', 'obstacles', obstacleLabels),
};

/** What the program learns from. */
export const learnt = {
  obstacles: read('content/understanding', 'obstacles', obstacleLabels),
};

/** Counts what is right, by name, and prints it as a table. */
export class Tally {
  readonly #counts = new Map<string, { right: number; of: number }>();

  count(name: string, right: boolean): void {
    const before = this.#counts.get(name) ?? { right: 0, of: 0 };
    this.#counts.set(name, { right: before.right + Number(right), of: before.of + 1 });
  }

  share(name: string): number {
    const found = this.#counts.get(name);
    return found ? found.right / found.of : Number.NaN;
  }

  print(title: string): void {
    const rows = [...this.#counts]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(
        ([name, { right, of }]) => `${name.padEnd(44)} ${right}/${of} ${((100 * right) / of).toFixed(1)} %`,
      );
    process.stdout.write(`${title}\n${rows.join('\n')}\n`);
  }
}
