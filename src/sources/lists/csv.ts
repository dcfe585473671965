/**
 * Reads a list that somebody keeps in a spreadsheet: with semicolons, commas or tabs, in the encodings that spreadsheets save, under headings in
 * Norwegian or English, in any order. It exists because in Norway there is no feed. What is wrong is told by row and column, in the list's
 * own words; a cell is only ever text, whatever a spreadsheet would make of it.
 */
import { parse } from 'csv-parse/sync';
import { type Headings, headingsOf, looksLikeHeadings } from './csv-headings.ts';
import { csvEntries } from './csv-row.ts';
import { decodeText } from './decode.ts';
import { account, type ListOptions, type Reading, Remarks, unreadable } from './list.ts';

const delimiters = [';', ',', '\t'] as const;
/** Lists bear titles and dates above their headings. */
const ROWS_ABOVE_HEADINGS = 10;

type Table = { rows: readonly (readonly string[])[]; top: number; headings: Headings };

/** `row` in the account is that of the spreadsheet. */
export function readCsv(bytes: Uint8Array, options: ListOptions): Reading {
  const source = decodeText(bytes)
    .replace(/^\uFEFF?(?:sep=.\r?\n)?/, '')
    .replaceAll('\0', '');
  if (source.trim() === '') return account([], options, emptyList());
  const tables = delimiters.map((delimiter) => tableOf(source, delimiter));
  const found = tables
    .filter((table) => typeof table === 'object' && table !== null)
    .toSorted((a, b) => b.headings.columns.size - a.headings.columns.size)[0];
  if (!found) {
    const broken = tables.find((table) => typeof table === 'number');
    return broken === undefined ? unreadable('no-headings') : unreadable('unclosed-quote', undefined, broken);
  }
  const { rows, top, headings } = found;
  const remarks = new Remarks();
  for (const called of headings.contacts) remarks.warn('contact-column', called, called);
  for (const called of headings.unknown) remarks.warn('unknown-column', called, called);
  const entries = rows.flatMap((cells, i) =>
    i <= top || cells.every((cell) => cell.trim() === '') ? [] : csvEntries(cells, i + 1, headings, options),
  );
  if (entries.length === 0) remarks.warn('empty-list');
  return account(entries, options, remarks, top + 1);
}

function emptyList(): Remarks {
  const remarks = new Remarks();
  remarks.warn('empty-list');
  return remarks;
}

/** Null where there are no headings with this delimiter, the row where it is broken. */
function tableOf(source: string, delimiter: string): Table | number | null {
  let rows: string[][];
  try {
    rows = parse(source, {
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: false,
    });
  } catch (error) {
    const { records } = error as { records?: unknown };
    // Only where this is the list's delimiter is the fault worth telling.
    return source
      .split('\n', ROWS_ABOVE_HEADINGS)
      .some((each) => looksLikeHeadings(headingsOf(each.split(delimiter))))
      ? (typeof records === 'number' ? records : 0) + 1
      : null;
  }
  const top = rows.slice(0, ROWS_ABOVE_HEADINGS).findIndex((cells) => looksLikeHeadings(headingsOf(cells)));
  return top < 0 ? null : { rows, top, headings: headingsOf(rows[top]!) };
}
