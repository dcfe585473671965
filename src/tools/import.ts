/**
 * Reads a list of meetings from a file and tells what came in: every row accepted, merged or refused, with its reason. It exists so that whoever
 * keeps a list sees what is wrong in it before anybody is sent to a meeting. It prints no contact details.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { languages } from '../core/words.ts';
import { CannotStart, root } from '../engine/program.ts';
import { zone as zoneShape } from '../shapes.ts';
import { type Reading, slug } from '../sources/lists/list.ts';
import { type ListFormat, listFormats, type ReadOptions, readList } from '../sources/lists/read.ts';
import { type Language, sentence } from '../sources/lists/reasons.ts';
import { loadPlaces } from '../sources/places.ts';

type ImportWish = {
  format?: string;
  fellowship?: string;
  zone: string;
  source?: string;
  formats?: string;
  dryRun?: boolean;
  lang: string;
  json?: boolean;
  template?: boolean;
};

/** @throws CannotStart when the file or an option is missing or wrong */
export function importList(file: string | undefined, wish: ImportWish): void {
  if (wish.template) {
    process.stdout.write(readFileSync(join(root, 'content/meetings/template.csv')));
    return;
  }
  const language = languageOf(wish.lang);
  if (file === undefined) throw new CannotStart('import: name the file; --template prints one to fill in');
  if (!wish.dryRun)
    throw new CannotStart('import: add --dry-run; lists are read and accounted for, not kept');
  const reading = readList(bytesOf(file), readOptions(file, wish));
  const written = wish.json
    ? JSON.stringify(told(reading, language), null, 2)
    : page(reading, language).join('\n');
  process.stdout.write(`${written}\n`);
  if (reading.rows > 0 && reading.accepted.length === 0) process.exitCode = 1;
}

/** What the options say about reading a list. @throws CannotStart */
function readOptions(file: string, wish: ImportWish): ReadOptions {
  const { format, fellowship, zone, formats } = wish;
  if (!isFormat(format)) throw new CannotStart(`--format: expected ${listFormats.join(', ')}`);
  if (!fellowship || !/^\p{L}[\p{L}\p{N} .-]{0,29}$/u.test(fellowship)) {
    throw new CannotStart('--fellowship: expected a short name, such as AA or NA');
  }
  if (!zoneShape.schema.safeParse(zone).success)
    throw new CannotStart(`--zone: expected ${zoneShape.expects}`);
  const source = wish.source ?? slug(basename(file).replace(/\..*$/, ''));
  if (source === '' || slug(source) !== source)
    throw new CannotStart('--source: expected a-z, 0-9 and single hyphens');
  const today = Temporal.Now.plainDateISO(zone).toString();
  const places = loadPlaces(join(root, 'content/places'));
  return {
    source,
    fellowship,
    zone,
    today,
    places,
    format,
    ...(formats ? { formats: bytesOf(formats) } : {}),
  };
}

const isFormat = (text: string | undefined): text is ListFormat =>
  (listFormats as readonly (string | undefined)[]).includes(text);

function languageOf(text: string): Language {
  const language = languages.find((each) => each === text);
  if (!language) throw new CannotStart(`--lang: expected ${languages.join(', ')}`);
  return language;
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CannotStart(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The account with every reason in words. */
function told(reading: Reading, language: Language) {
  return {
    in: reading.rows,
    counts: {
      accepted: reading.accepted.length,
      merged: reading.merged.length,
      rejected: reading.rejected.length,
      rejectedByReason: byReason(reading),
    },
    accepted: reading.accepted,
    merged: reading.merged.map((row) => ({ ...row, why: sentence(row, language) })),
    rejected: reading.rejected.map(({ faults, ...row }) => ({
      ...row,
      faults: faults.map((fault) => ({ ...fault, why: sentence(fault, language) })),
    })),
    warnings: reading.warnings.map((warning) => ({ ...warning, why: sentence(warning, language) })),
  };
}

function byReason({ rejected }: Reading): Record<string, number> {
  const groups = Map.groupBy(rejected, ({ faults }) => faults[0]!.reason);
  return Object.fromEntries([...groups].map(([reason, rows]) => [reason, rows.length]));
}

const headings = {
  nb: {
    accepted: 'tatt inn',
    merged: 'slått sammen',
    rejected: 'avvist',
    look: 'å se på',
    row: 'rad',
    rows: 'inn',
  },
  nn: {
    accepted: 'tekne inn',
    merged: 'slått saman',
    rejected: 'avviste',
    look: 'å sjå på',
    row: 'rad',
    rows: 'inn',
  },
  en: {
    accepted: 'accepted',
    merged: 'merged',
    rejected: 'rejected',
    look: 'to look at',
    row: 'row',
    rows: 'in',
  },
} as const satisfies Record<Language, unknown>;

function page(reading: Reading, language: Language): string[] {
  const { rows, accepted, merged, rejected, warnings } = reading;
  const words = headings[language];
  const line = (row: number, name: string, says: string): string =>
    `  ${words.row} ${String(row).padEnd(6)}${name === '' ? '' : `${name}  `}${says}`;
  const at = (column: string | undefined): string => (column === undefined ? '' : `${column}: `);
  return [
    `${rows} ${words.rows} = ${accepted.length} ${words.accepted} + ${merged.length} ${words.merged} + ${rejected.length} ${words.rejected}`,
    ...section(`${rejected.length} ${words.rejected}`, [
      ...Object.entries(byReason(reading)).map(
        ([reason, count]) => `  ${String(count).padStart(5)}  ${reason}`,
      ),
      ...rejected.flatMap(({ row, name, faults }) =>
        faults.map((fault) => line(row, name, at(fault.column) + sentence(fault, language))),
      ),
    ]),
    ...section(
      `${merged.length} ${words.merged}`,
      merged.map((each) => line(each.row, each.name, `${sentence(each, language)} -> ${each.into}`)),
    ),
    ...section(
      `${warnings.length} ${words.look}`,
      warnings.map((each) => line(each.row, each.name, at(each.column) + sentence(each, language))),
    ),
  ];
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];
