/**
 * The telephone lines people are pointed to, and how a card says them: plain words that a screen reader can read.
 * It exists so that a number stands in one place only. It must never choose a line by what it thinks of somebody:
 * a topic shows all its lines, in the order they were written down.
 */
import { type languages, sourceLanguage } from './words.ts';

/** What a card is about. A line may be on several. */
export const helpTopics = [
  'acute',
  'talk',
  'suicide',
  'overdose',
  'withdrawal',
  'violence',
  'poisoning',
  'kin',
  'aa',
  'na',
] as const;
export type HelpTopic = (typeof helpTopics)[number];

type InEveryLanguage = Readonly<Record<(typeof languages)[number], string>>;

export type HelpLine = {
  id: string;
  name: InEveryLanguage;
  /** As it is said: '113', '22 40 00 40'. */
  number: string;
  hours: InEveryLanguage;
  for: readonly HelpTopic[];
  /** The page to check against. */
  source: string;
  /** The day it was last compared with the source, 'YYYY-MM-DD'. */
  checked: string;
  /** How: rung or read on the live page, read in a stored copy, or taken from another list. */
  seen: 'by-hand' | 'page' | 'second-hand';
};

/**
 * The lines of a topic, one per line, as "113: Medisinsk nødhjelp, hele døgnet".
 * @param language one the program has no words for is said in Norwegian
 */
export function linesFor(lines: readonly HelpLine[], topic: HelpTopic, language: string): string {
  const say = (words: InEveryLanguage) =>
    (words as Readonly<Record<string, string>>)[language] ?? words[sourceLanguage];
  return lines
    .filter((line) => line.for.includes(topic))
    .map((line) => `${line.number}: ${say(line.name)}, ${say(line.hours)}`)
    .join('\n');
}
