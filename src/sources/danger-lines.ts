/**
 * Reads the invented lines from which the program learns to see danger: what each label means for somebody's life. They
 * are data, so that somebody who knows how people write can improve them without touching code.
 */
import { type Danger, type DangerLine, dangerKinds, urgencies } from '../core/danger.ts';
import { readExamples } from './examples.ts';

/** `hard`: a word or a turn in it might look like danger. */
const harmless = ['hard', 'plain'] as const;
const dangerous = dangerKinds
  .filter((kind) => kind !== 'craving')
  .flatMap((kind) => urgencies.map((urgency): Danger => ({ kind, urgency })))
  .filter(({ urgency }) => urgency !== 'none');
const meanings = new Map<string, Danger | null>([
  ...harmless.map((label) => [label, null] as const),
  ['craving', { kind: 'craving', urgency: 'none' }],
  ...dangerous.map((danger) => [`${danger.kind} ${danger.urgency}`, danger] as const),
]);

/** Writers who knew nothing of the others, and the plainest ways of saying it; what the rest wrote is more alike, and counts less. */
const trusted = /^(w\d+|plainly)$/;
const trustInOthers = 0.5;

export type LabelledLine = DangerLine & { label: string; writer: string };

/** @throws FileFaults */
export const readDangerLines = (file: string, language: string): LabelledLine[] =>
  readExamples(file, language, [...meanings.keys()]).map(({ text, label, writer }) => ({
    ...{ text, label, writer },
    danger: meanings.get(label) ?? null,
    trust: trusted.test(writer) ? 1 : trustInOthers,
  }));
