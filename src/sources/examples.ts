/**
 * Reads invented lines that the program learns understanding from: `[label, writer]`, and then one example a line. They are data,
 * so that somebody who knows how people write can improve them without touching code. A line under two labels stops the start.
 */
import { readFileSync } from 'node:fs';
import { fold } from '../core/fold.ts';
import { FileFaults } from './yaml-file.ts';

export type Line = { text: string; label: string; writer: string; language: string };

/** Single words and phrases rather than what somebody wrote; they may stand under several labels. */
export const cues = 'cues';

/** `labels`: those that the file may have. @throws FileFaults */
export function readExamples(file: string, language: string, labels: readonly string[]): Line[] {
  const found: Line[] = [];
  const faults: string[] = [];
  const labelOf = new Map<string, string>();
  let under: { label: string; writer: string } | null = null;
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((raw, i) => {
      const text = raw.trim();
      const fault = (what: string) => faults.push(`${file}:${i + 1}: ${what}`);
      if (text === '' || text.startsWith('#')) return;
      if (text.startsWith('[')) {
        const [, label = '', writer = ''] = /^\[([a-z -]+), ([a-z]+\d*)\]$/.exec(text) ?? [];
        under = labels.includes(label) ? { label, writer } : null;
        if (!under) fault(`expected [label, writer], with a label of ${labels.join(', ')}`);
        return;
      }
      if (!under) {
        fault('stands under no [label, writer]');
        return;
      }
      const other = labelOf.get(fold(text));
      if (under.writer !== cues && other !== undefined && other !== under.label)
        fault(`"${text}" stands under ${other} too`);
      if (under.writer !== cues) labelOf.set(fold(text), under.label);
      found.push({ text, language, ...under });
    });
  if (faults.length > 0) throw new FileFaults(faults);
  return found;
}
