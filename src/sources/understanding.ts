/**
 * Reads all that the understanding of free text is made of: examples of danger and of obstacles, families of words and
 * spellings. Learning waits until it is told to or there is a text to understand.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Commands } from '../core/commands.ts';
import { type ConceptBook, Concepts } from '../core/concepts.ts';
import { DangerSigns } from '../core/danger.ts';
import { Families } from '../core/families.ts';
import { type IntentLists, type IntentReader, type IntentWords, intentReader } from '../core/intents.ts';
import { noObstacle, Obstacles, obstacleNames } from '../core/obstacles.ts';
import type { Gazetteer } from '../core/places.ts';
import { Traits } from '../core/traits.ts';
import type { FreeText } from '../core/understand.ts';
import { languages } from '../core/words.ts';
import { readDangerLines } from './danger-lines.ts';
import { readExamples } from './examples.ts';
import { shelvesIn } from './shelf.ts';
import { FileFaults, loadYaml } from './yaml-file.ts';

export const obstacleLabels: readonly string[] = [...obstacleNames, noObstacle];
/** Writers whose talk of obstacles also teaches what is no danger: the independent ones, for with all of it danger is overlooked. */
const calmWriters = /^([xy]|w\d+)$/;
/** What was learnt is forgotten when any of these changes. */
const learners = [
  ...['borders', 'concepts', 'danger', 'families', 'obstacles', 'sentences', 'spelling', 'traits'].map(
    (name) => `core/${name}.ts`,
  ),
  ...['danger-lines', 'examples', 'understanding'].map((name) => `sources/${name}.ts`),
].map((file) => join(import.meta.dirname, '..', file));
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

/**
 * Learns when it is told to or the first text is to be understood, in some seconds, unless that is kept in one of the folders; what is
 * wrong with the lines is said then. @throws FileFaults about the words
 */
export function loadHearing(
  contentDir: string,
  shelfFolders: readonly string[] = [],
): Pick<FreeText, 'danger' | 'obstacle' | 'learnAhead'> {
  const folder = join(contentDir, 'understanding');
  const files = (folder: string, name: string) =>
    languages.map((language) => [join(folder, `${name}${language}.txt`), language] as const);
  const ofObstacles = files(folder, 'obstacles-');
  const ofDanger = files(join(folder, 'danger'), '');
  const words = readWords(folder);
  const from = () => [
    JSON.stringify(words),
    ...[...ofObstacles, ...ofDanger].map(([file]) => readFileSync(file, 'utf8')),
    ...learners.map((file) => readFileSync(file, 'utf8')),
  ];
  // What was learnt from these very lines tells that nothing is wrong with them, so they need not be read.
  const shelves = shelfFolders.length === 0 ? null : shelvesIn(shelfFolders, from());
  const obstacles = () =>
    ofObstacles.flatMap(([file, language]) => readExamples(file, language, obstacleLabels));
  const dangers = () => ofDanger.flatMap(([file, language]) => readDangerLines(file, language));
  const traits = new Traits(
    conceptsOf(words.books, folder),
    new Families(words.families),
    new Map(words.spellings),
  );
  const talk = () =>
    obstacles()
      .filter(({ writer }) => calmWriters.test(writer))
      .map(({ text }) => text);
  const danger = new DangerSigns(traits, dangers, talk, shelves?.('danger') ?? null);
  const heard = new Obstacles(traits, obstacles, shelves?.('obstacles') ?? null);
  return {
    danger,
    obstacle: (text) => heard.hear(text),
    learnAhead: () => {
      danger.learnAhead();
      heard.learnAhead();
    },
  };
}

/** What words are about, what belongs together, and how words are spelt. */
function readWords(folder: string) {
  const books: ConceptBook[] = wordBooks
    .map((book) => loadYaml(join(folder, 'danger', `words-${book}.yaml`), dangerWords))
    .map((book) => ({ ...book, concepts: Object.entries(book.concepts) }));
  const spelt = Object.entries(loadYaml(join(folder, 'spellings.yaml'), spellings));
  return {
    books,
    families: loadYaml(join(folder, 'concepts.yaml'), families),
    spellings: spelt.flatMap(([word, others]) => others.map((way) => [way, word] as const)),
  };
}

function conceptsOf(books: readonly ConceptBook[], folder: string): Concepts {
  try {
    return new Concepts(books);
  } catch (fault) {
    throw new FileFaults([`${join(folder, 'danger', 'words-*.yaml')}: ${(fault as Error).message}`]);
  }
}
