/**
 * Reads the invented lines from which the program learns to see danger: `[kind urgency, writer]`, and then one line for
 * each example. They are data, so that somebody who knows how people write can improve them without touching code.
 * A line that would teach two things at once stops the start.
 */
import { readFileSync } from 'node:fs';
import { type Danger, type DangerLine, dangerKinds, urgencies } from '../core/danger.ts';
import { fold } from '../core/fold.ts';
import { FileFaults } from './yaml-file.ts';

/** `hard`: a word or a turn in it might look like danger. `talk`: what people say about what holds them back. */
const harmless = ['hard', 'plain', 'talk'] as const;
const dangerous = dangerKinds
  .filter((kind) => kind !== 'craving')
  .flatMap((kind) => urgencies.map((urgency): Danger => ({ kind, urgency })))
  .filter(({ urgency }) => urgency !== 'none');
const meanings = new Map<string, Danger | null>([
  ...harmless.map((label) => [label, null] as const),
  ['craving', { kind: 'craving', urgency: 'none' }],
  ...dangerous.map((danger) => [`${danger.kind} ${danger.urgency}`, danger] as const),
]);

export type LabelledLine = DangerLine & { label: string; writer: string };

/** @throws FileFaults */
export function readDangerLines(file: string): LabelledLine[] {
  const lines: LabelledLine[] = [];
  const faults: string[] = [];
  const labelOf = new Map<string, string>();
  let under: { label: string; writer: string } | null = null;
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((raw, at) => {
      const text = raw.trim();
      const fault = (what: string) => faults.push(`${file}:${at + 1}: ${what}`);
      if (text === '' || text.startsWith('#')) return;
      if (text.startsWith('[')) {
        const [, label = '', writer = ''] = /^\[([a-z ]+), ([a-z]+\d?)\]$/.exec(text) ?? [];
        under = meanings.has(label) ? { label, writer } : null;
        if (!under) fault(`expected [label, writer], with a label of ${[...meanings.keys()].join(', ')}`);
        return;
      }
      const other = labelOf.get(fold(text));
      if (!under) fault('stands under no [label, writer]');
      else if (other !== undefined) fault(`stands under ${other} already`);
      else {
        labelOf.set(fold(text), under.label);
        lines.push({ text, danger: meanings.get(under.label) ?? null, ...under });
      }
    });
  if (faults.length > 0) throw new FileFaults(faults);
  return lines;
}
