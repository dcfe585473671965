/**
 * Reads lines of free text and prints what is understood of each as one JSON object a line, so that understanding can be measured and
 * tried. It keeps nothing, and what cannot be read is said, never guessed.
 */
import { createInterface } from 'node:readline';
import { readConfig } from '../config.ts';
import type { Intent } from '../core/intents.ts';
import { noObstacle } from '../core/obstacles.ts';
import { understand } from '../core/understand.ts';
import { languages } from '../core/words.ts';
import { CannotStart, loadReference } from '../engine/program.ts';

const longestLine = 10_000;

/** Lines come on standard input, in UTF-8; empty ones are passed over. @throws CannotStart naming the line that cannot be read */
export async function understandLines({ lang }: { lang: string }): Promise<void> {
  if (!(languages as readonly string[]).includes(lang)) {
    throw new CannotStart(`--lang: expected ${languages.join(' or ')}`);
  }
  if (process.stdin.isTTY) process.stderr.write('Write a line and press Enter; Ctrl-D ends.\n');
  const { freeText } = loadReference(readConfig().clinic.meetingsFile);
  // Bytes rather than text, since decoding would hide what is not UTF-8.
  const lines = createInterface({
    input: process.stdin.setEncoding('latin1'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number++;
    const text = decoded(line, number);
    if (text.trim() === '') continue;
    const { danger, obstacle, intents } = understand(text, lang, freeText);
    const found = Object.assign({}, ...intents.map(detailOf));
    const told = {
      text,
      danger: danger?.kind ?? 'none',
      obstacle: obstacle ?? noObstacle,
      intents: intents.map(({ is }) => is),
      ...(Object.keys(found).length > 0 ? { found } : {}),
    };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
}

function decoded(line: string, number: number): string {
  if (line.length > longestLine) {
    throw new CannotStart(`Line ${number} is longer than ${longestLine} bytes: give one message a line.`);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(line, 'latin1'));
    return number === 1 ? text.replace(/^\uFEFF/, '') : text;
  } catch {
    throw new CannotStart(`Line ${number} is not UTF-8: save the file as UTF-8 and try again.`);
  }
}

/** What an intent says beyond its name. */
function detailOf(intent: Intent): object {
  switch (intent.is) {
    case 'day':
      return { day: intent.day };
    case 'time':
      return { time: intent.time };
    case 'number':
      return { number: intent.number };
    case 'place':
      return { places: intent.places };
    default:
      return {};
  }
}
