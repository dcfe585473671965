/**
 * Takes in a list of meetings from a file or a server, and tells what came in: every row accepted, merged or refused, with its reason, and
 * what that changes. It exists so that whoever keeps a list sees what is wrong in it before anybody is sent to a meeting. It prints no
 * contact details.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { type ListFormat, listFormats, type Source } from '../core/listing.ts';
import { languages } from '../core/words.ts';
import type { Taken } from '../engine/lists.ts';
import { CannotStart, openProgram, root } from '../engine/program.ts';
import { silentLog } from '../log.ts';
import { zone as zoneShape } from '../shapes.ts';
import { askSource } from '../sources/lists/ask.ts';
import { agentOf, type Validators } from '../sources/lists/fetch.ts';
import { type Reading, slug } from '../sources/lists/list.ts';
import { readList } from '../sources/lists/read.ts';
import { type Language, sentence } from '../sources/lists/reasons.ts';
import { loadPlaces } from '../sources/places.ts';

type ImportWish = {
  format?: string;
  fellowship?: string;
  zone: string;
  source?: string;
  formats?: string;
  dryRun?: boolean;
  sure?: boolean;
  add?: boolean;
  lang: string;
  json?: boolean;
  template?: boolean;
};

/**
 * Reads a list, tells what came in, and takes it in unless it is a dry run.
 * @param from a file, or the web address of a source that is to be asked again and again
 * @throws CannotStart when the file or an option is missing or wrong
 */
export async function importList(from: string | undefined, wish: ImportWish): Promise<void> {
  if (wish.template) {
    process.stdout.write(readFileSync(join(root, 'content/meetings/template.csv')));
    return;
  }
  const language = languageOf(wish.lang);
  if (from === undefined) throw new CannotStart('import: name the file; --template prints one to fill in');
  const config = readConfig();
  const source = sourceOf(from, wish);
  if (wish.add && (wish.dryRun || source.url !== null || !wish.source))
    throw new CannotStart('--add: for a file and a list that is named with --source, and not for a dry run');
  const { reading, validators } = await read(from, source, wish, config);
  const change = await takenIn(source, reading, validators, wish, config);
  const written = wish.json
    ? JSON.stringify({ ...told(reading, language), change }, null, 2)
    : [...page(reading, language), '', ...changes(change, source.id, language)].join('\n');
  process.stdout.write(`${written}\n`);
  if (reading.rows > 0 && reading.accepted.length === 0) process.exitCode = 1;
}

/** What the options say about a source. @throws CannotStart */
function sourceOf(from: string, { format, fellowship, zone, source }: ImportWish): Source {
  if (!isFormat(format)) throw new CannotStart(`--format: expected ${listFormats.join(', ')}`);
  if (!fellowship || !/^\p{L}[\p{L}\p{N} .-]{0,29}$/u.test(fellowship)) {
    throw new CannotStart('--fellowship: expected a short name, such as AA or NA');
  }
  if (!zoneShape.schema.safeParse(zone).success)
    throw new CannotStart(`--zone: expected ${zoneShape.expects}`);
  const url = /^https?:\/\//i.test(from) ? from : null;
  const id = source ?? slug(url ? new URL(url).hostname : basename(from).replace(/\..*$/, ''));
  if (id === '' || slug(id) !== id) throw new CannotStart('--source: expected a-z, 0-9 and single hyphens');
  return { id, format, url, fellowship, zone };
}

type Read = { reading: Reading; validators?: Validators };

async function read(from: string, source: Source, wish: ImportWish, config: Config): Promise<Read> {
  const { id, format, url, fellowship, zone } = source;
  const today = Temporal.Now.plainDateISO(zone).toString();
  const places = loadPlaces(join(root, 'content/places'));
  if (url === null) {
    const formats = wish.formats ? { formats: bytesOf(wish.formats) } : {};
    const options = { source: id, format, fellowship, zone, today, places, ...formats };
    return { reading: readList(bytesOf(from), options) };
  }
  const contact = config.clinic.listsContact;
  if (contact === null)
    throw new CannotStart('LISTS_CONTACT: needed to ask a server; it is told whom to write to');
  const asked = await askSource({ ...source, url }, { agent: agentOf(contact) }, { today, places });
  if (asked.kind === 'failed') throw new CannotStart(`import: ${asked.why}`);
  if (asked.kind === 'same')
    throw new CannotStart('import: the server says that nothing is new without being asked so');
  return asked;
}

type Change = { verdict: Taken['verdict'] | 'not kept'; added: string[]; changed: string[]; gone: string[] };

/** What a list changes of what is kept; in a dry run nothing, but it is told what it would. */
async function takenIn(
  source: Source,
  { accepted }: Reading,
  validators: Validators | undefined,
  { dryRun, sure, add }: ImportWish,
  config: Config,
): Promise<Change> {
  if (dryRun && !existsSync(config.dataDir))
    return { verdict: 'not kept', added: accepted.map(({ id }) => id), changed: [], gone: [] };
  const { lists, store } = await openProgram(config, silentLog);
  const taken = dryRun
    ? await lists.weigh(source.id, accepted)
    : add
      ? await lists.add(source, accepted)
      : await lists.take(source, accepted, {
          ...(validators ? { validators } : {}),
          sure: sure === true,
        });
  await store.close();
  const { added, changed, gone } = taken.difference;
  return {
    verdict: dryRun ? 'not kept' : taken.verdict,
    added: added.map(({ id }) => id),
    changed: changed.map(({ after }) => after.id),
    gone: gone.map(({ id }) => id),
  };
}

function changes({ verdict, added, changed, gone }: Change, source: string, language: Language): string[] {
  const words = headings[language];
  const counts = `${added.length} ${words.added}, ${changed.length} ${words.changed}, ${gone.length} ${words.gone}.`;
  const says = {
    taken: `${words.taken} ${counts}`,
    unchanged: words.unchanged,
    held: `${words.held} ${counts}\n  blimed lists --accept ${source}\n  blimed lists --discard ${source}`,
    'not kept': `${words.dryRun} ${counts}`,
  }[verdict];
  const each = (sign: string, ids: readonly string[]) => ids.map((id) => `  ${sign} ${id}`);
  return verdict === 'unchanged' ? [says] : [says, ...each('~', changed), ...each('-', gone)];
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
    added: 'nye',
    changed: 'endret',
    gone: 'borte',
    taken: 'Tatt inn:',
    unchanged: 'Ingenting er endret.',
    held: 'HOLDT TILBAKE, for mer enn 30 % av den gamle lista ville blitt borte. Se på den, og velg så.',
    dryRun: 'Prøvekjøring, ingenting er lagret. Det ville blitt:',
  },
  nn: {
    accepted: 'tekne inn',
    merged: 'slått saman',
    rejected: 'avviste',
    look: 'å sjå på',
    row: 'rad',
    rows: 'inn',
    added: 'nye',
    changed: 'endra',
    gone: 'borte',
    taken: 'Teke inn:',
    unchanged: 'Ingenting er endra.',
    held: 'HALDEN TILBAKE, for meir enn 30 % av den gamle lista ville blitt borte. Sjå på henne, og vel så.',
    dryRun: 'Prøvekøyring, ingenting er lagra. Det ville blitt:',
  },
  en: {
    accepted: 'accepted',
    merged: 'merged',
    rejected: 'rejected',
    look: 'to look at',
    row: 'row',
    rows: 'in',
    added: 'new',
    changed: 'changed',
    gone: 'gone',
    taken: 'Taken in:',
    unchanged: 'Nothing has changed.',
    held: 'HELD BACK, since more than 30 % of the old list would be gone. Look at it, then choose.',
    dryRun: 'Dry run, nothing was kept. It would be:',
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
