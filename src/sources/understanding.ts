/**
 * Reads all that the understanding of free text is made of: the phrases of danger, examples of danger and of obstacles, families of
 * words and spellings. What is wrong with a file is said at the start; learning waits until there is a text to understand.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { Example } from '../core/classify.ts';
import type { Commands } from '../core/commands.ts';
import type { Danger } from '../core/danger.ts';
import { dangerLabel, dangerSense, harmlessLabel } from '../core/danger-sense.ts';
import { Families } from '../core/families.ts';
import { type Features, featuresOf } from '../core/features.ts';
import { type IntentLists, type IntentReader, type IntentWords, intentReader } from '../core/intents.ts';
import { type Heard, noObstacle, obstacleNames, obstaclesFrom } from '../core/obstacles.ts';
import type { Gazetteer } from '../core/places.ts';
import type { FreeText } from '../core/understand.ts';
import { languages } from '../core/words.ts';
import { cues, type Line, readExamples } from './examples.ts';
import { loadDangerSigns } from './speech.ts';
import { loadYaml } from './yaml-file.ts';

export const obstacleLabels: readonly string[] = [...obstacleNames, noObstacle];
/** What only looks like danger, and what does not even do that. */
const calm = ['hard', 'plain'];
export const dangerLabels: readonly string[] = [
  ...(['suicide', 'overdose', 'violence', 'withdrawal'] as const).flatMap((kind) =>
    (['imminent', 'possible'] as const).map((urgency) => dangerLabel({ kind, urgency } satisfies Danger)),
  ),
  'craving',
  ...calm,
];
/** One of so many lines about obstacles also teaches what is no danger; with more of them danger is overlooked. */
const everyNth = 5;

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

/** @throws FileFaults */
export function loadHearing(contentDir: string): Pick<FreeText, 'danger' | 'obstacle'> {
  const folder = join(contentDir, 'understanding');
  const read = (subject: string, labels: readonly string[]) =>
    languages.flatMap((language) =>
      readExamples(join(folder, `${subject}-${language}.txt`), language, labels),
    );
  const dangers = read('danger', dangerLabels);
  const obstacles = read('obstacles', obstacleLabels);
  const features = featureReader(folder);
  const talk = obstacles
    .filter(({ writer }, i) => writer !== cues && i % everyNth === 0)
    .map((line) => ({ ...line, label: harmlessLabel }));
  const weighed = dangers.map((line) =>
    calm.includes(line.label) ? { ...line, label: harmlessLabel } : line,
  );
  const examples = (lines: readonly Line[]): Example[] =>
    lines.map(({ text, label }) => ({ features: features(text), label }));
  let hear: ((features: Features) => Heard) | undefined;
  return {
    danger: dangerSense(loadDangerSigns(contentDir), features, () => examples([...weighed, ...talk])),
    obstacle: (text) => {
      hear ??= obstaclesFrom(examples(obstacles));
      return hear(features(text));
    },
  };
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
