/**
 * Reads all that the understanding of free text is made of: the phrases of danger, examples of danger and of obstacles, families of
 * words and spellings. What is wrong with a file is said at the start; learning waits until there is a text to understand.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Example } from '../core/classify.ts';
import type { Commands } from '../core/commands.ts';
import { DangerSigns } from '../core/danger.ts';
import { Families } from '../core/families.ts';
import { type Features, featuresOf } from '../core/features.ts';
import { type IntentLists, type IntentReader, type IntentWords, intentReader } from '../core/intents.ts';
import { type Heard, noObstacle, obstacleNames, obstaclesFrom } from '../core/obstacles.ts';
import type { Gazetteer } from '../core/places.ts';
import type { FreeText } from '../core/understand.ts';
import { languages } from '../core/words.ts';
import { readDangerLines } from './danger-lines.ts';
import { type Line, readExamples } from './examples.ts';
import { shelf } from './shelf.ts';
import { FileFaults, loadYaml } from './yaml-file.ts';

export const obstacleLabels: readonly string[] = [...obstacleNames, noObstacle];
/** Writers whose talk of obstacles also teaches what is no danger; with more of it, danger is overlooked. */
const calmWriters = /^([a-qxy]|w7)$/;
/** What was learnt is forgotten when any of these changes. */
const learners = ['borders', 'concepts', 'danger', 'sentences', 'traits'].map((name) =>
  join(import.meta.dirname, '../core', `${name}.ts`),
);
/** Nynorsk and the dialects are written so mixed with bokmål that they share its words. */
const wordBooks = ['nb', 'en'];
const ways = z.string().trim().min(1);
const dangerWords = z.strictObject({
  known: ways,
  runTogether: ways,
  concepts: z.record(z.string(), ways),
});

const families = z.record(z.string().regex(/^[a-z-]+$/, 'must be a name'), z.string().trim().min(1));
const spellings = z.record(z.string().min(1), z.array(z.string().min(1)).min(1));

const listed = z.array(z.string().min(1)).min(1);
const intents = z.strictObject({
  ...(Object.fromEntries(
    [
      ...['yes', 'no', 'around', 'today', 'tomorrow', 'afterTomorrow', 'next', 'clock', 'half', 'halfPast'],
      ...['quarterPast', 'quarterTo', 'evening', 'morning', 'noon', 'midnight', 'outOf', 'before-place'],
    ].map((name) => [name, listed]),
  ) as Record<Exclude<keyof IntentWords, IntentLists>, typeof listed>),
  weekdays: z.array(listed).length(7),
  months: z.array(listed).length(12),
  numbers: z.array(listed).length(13),
  numbersEnglish: z.array(listed).length(13),
});

/** @throws FileFaults */
export function loadIntents(contentDir: string, commands: Commands, gazetteer: Gazetteer): IntentReader {
  return intentReader(
    loadYaml(join(contentDir, 'understanding', 'intents.yaml'), intents),
    commands,
    gazetteer,
  );
}

/** Learns when the first text is to be understood, in a second or two, unless it finds what was learnt on the shelf. @throws FileFaults */
export function loadHearing(
  contentDir: string,
  shelfFolder: string | null = null,
): Pick<FreeText, 'danger' | 'obstacle'> {
  const folder = join(contentDir, 'understanding');
  const obstacles = languages.flatMap((language) =>
    readExamples(join(folder, `obstacles-${language}.txt`), language, obstacleLabels),
  );
  const features = featureReader(folder);
  const examples = (lines: readonly Line[]): Example[] =>
    lines.map(({ text, label }) => ({ features: features(text), label }));
  let hear: ((features: Features) => Heard) | undefined;
  return {
    danger: loadDanger(
      join(folder, 'danger'),
      obstacles.filter(({ writer }) => calmWriters.test(writer)).map(({ text }) => text),
      shelfFolder,
    ),
    obstacle: (text) => {
      hear ??= obstaclesFrom(examples(obstacles));
      return hear(features(text));
    },
  };
}

/** `talk`: lines in which nobody is in danger, whatever words they use. */
function loadDanger(folder: string, talk: readonly string[], shelfFolder: string | null): DangerSigns {
  const books = wordBooks.map((book) => loadYaml(join(folder, `words-${book}.yaml`), dangerWords));
  const lines = languages.flatMap((language) => readDangerLines(join(folder, `${language}.txt`), language));
  const from = () => [
    JSON.stringify([books, lines, talk]),
    ...learners.map((file) => readFileSync(file, 'utf8')),
  ];
  try {
    return new DangerSigns(
      books.map((book) => ({ ...book, concepts: Object.entries(book.concepts) })),
      lines,
      talk,
      shelfFolder === null ? null : shelf(shelfFolder, from()),
    );
  } catch (fault) {
    throw new FileFaults([`${join(folder, 'words-*.yaml')}: ${(fault as Error).message}`]);
  }
}

function featureReader(folder: string): (text: string) => Features {
  const kin = new Families(loadYaml(join(folder, 'concepts.yaml'), families));
  const spelt = new Map(
    Object.entries(loadYaml(join(folder, 'spellings.yaml'), spellings)).flatMap(([word, ways]) =>
      ways.map((way) => [way, word] as const),
    ),
  );
  return (text) => featuresOf(text, kin, spelt);
}
