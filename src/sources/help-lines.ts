/**
 * Reads the telephone lines and tells which have not been checked for long. It exists so that a card can never come up
 * empty because of a slip in a file. It must never drop or repair a line: a faulty list stops the start.
 */
import { z } from 'zod';
import { type HelpLine, type HelpTopic, helpTopics } from '../core/help-lines.ts';
import { addDays } from '../core/time.ts';
import { languages } from '../core/words.ts';
import { loadYaml } from './yaml-file.ts';

/** The topics that have a card. These lines are often busy, so no card may depend on a single one. */
const cards: readonly HelpTopic[] = ['acute', 'talk', 'suicide', 'overdose', 'withdrawal', 'violence'];
const fewestLines = 2;

const daysUntilStale = 90;

const text = z.string().trim().min(1, 'must not be empty');
const inEveryLanguage = z.record(z.enum(languages), text);

const line = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'may hold a-z, 0-9 and single hyphens'),
  name: inEveryLanguage,
  number: z
    .string({ error: "must stand in quotes, such as '113'" })
    .regex(/^\+?\d+( \d+)*$/, 'must be digits in groups, such as 22 40 00 40'),
  hours: inEveryLanguage,
  for: z.array(z.enum(helpTopics)).min(1),
  source: z.url({ protocol: /^https$/, error: 'must be a link that begins with https://' }),
  checked: z.iso.date('is no date; write it as 2026-11-01'),
  seen: z.enum(['by-hand', 'page', 'second-hand']),
});

const list = z.array(line).check(({ value, issues }) => {
  value.forEach((row, index) => {
    if (value.findIndex(({ id }) => id === row.id) < index) {
      issues.push({
        code: 'custom',
        input: row.id,
        path: [index, 'id'],
        message: `${row.id} is there twice`,
      });
    }
  });
  for (const topic of cards) {
    const found = value.filter((row) => row.for.includes(topic)).length;
    if (found < fewestLines) {
      const message = `${found} lines for ${topic}; its card needs at least ${fewestLines}`;
      issues.push({ code: 'custom', input: value, path: [], message });
    }
  }
});

/**
 * Loads the telephone lines, in the order of the file.
 * @throws FileFaults with every fault as `file:line: what is wrong`
 */
export function loadHelpLines(file: string): HelpLine[] {
  return loadYaml(file, list);
}

/**
 * The lines that were last checked more than 90 days ago.
 * @param today local date 'YYYY-MM-DD'
 */
export function staleLines(lines: readonly HelpLine[], today: string): HelpLine[] {
  return lines.filter(({ checked }) => addDays(checked, daysUntilStale) < today);
}
