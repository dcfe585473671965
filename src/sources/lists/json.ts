/**
 * Finds the rows in the many wrappings in which lists of meetings are published: a bare array, an envelope, one object a line, a
 * spreadsheet's table. It exists so that the readers see rows only; it never fails on anything.
 */

export type Row = Readonly<Record<string, unknown>>;

/** `rows` may hold what is no object, so that it is accounted for. `extra`: what stood beside them in the envelope. */
export type Rows = { rows: readonly unknown[]; extra: Row };

const envelopes = ['meetings', 'data', 'items', 'results', 'rows', 'values'];

/** @returns null when it is neither JSON nor one JSON object a line */
export function parseJson(text: string): { value: unknown } | null {
  const plain = text.replace(/^\uFEFF/, '').trim();
  // JSONP: a comment, a function's name and the JSON in brackets.
  const wrapped = /^(?:\/\*[\s\S]{0,100}?\*\/\s*)?[\w.$]{1,80}\s*\(([\s\S]*)\)\s*;?$/.exec(plain);
  for (const candidate of [plain, wrapped?.[1]]) {
    if (candidate === undefined) continue;
    try {
      return { value: JSON.parse(candidate) };
    } catch {
      // Not in this wrapping.
    }
  }
  const each = plain.split('\n').filter((line) => line.trim() !== '');
  if (each.length < 2 || !each[0]!.startsWith('{')) return null;
  const parsed = each.map((line) => {
    try {
      return { value: JSON.parse(line) as unknown };
    } catch {
      return { value: null };
    }
  });
  return parsed.some(({ value }) => isRow(value)) ? { value: parsed.map(({ value }) => value) } : null;
}

/** @returns null when there are no rows to be found; `{}` is an empty list */
export function rowsOf(value: unknown): Rows | null {
  if (Array.isArray(value)) return { rows: value.every(Array.isArray) ? table(value) : value, extra: {} };
  if (!isRow(value)) return null;
  if (Object.keys(value).length === 0) return { rows: [], extra: {} };
  for (const name of envelopes) {
    const inside = value[name];
    if (Array.isArray(inside)) return { rows: rowsOf(inside)?.rows ?? [], extra: value };
  }
  return googleTable(value) ?? googleFeed(value);
}

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Arrays of which the first names the columns. */
function table(rows: readonly (readonly unknown[])[]): unknown[] {
  const [headings, ...rest] = rows;
  return rest
    .filter((cells) => cells.some((cell) => cell !== '' && cell !== null))
    .map((cells) => rowOf((headings ?? []).map((heading, i) => [String(heading), cells[i]])));
}

/** Google's visualization answer: `{table: {cols: [{label}], rows: [{c: [{v, f}]}]}}`. */
function googleTable({ table: found }: Row): Rows | null {
  if (!isRow(found) || !Array.isArray(found.cols) || !Array.isArray(found.rows)) return null;
  const headings = found.cols.map((column: unknown) => (isRow(column) ? String(column.label ?? '') : ''));
  const cells = found.rows.map((row: unknown) =>
    isRow(row) && Array.isArray(row.c) ? row.c.map(shownIn) : [],
  );
  // Without labels the sheet has its headings in the first row.
  const rows = headings.some((heading) => heading.trim() !== '') ? [headings, ...cells] : cells;
  return { rows: table(rows), extra: {} };
}

/** A cell's value; hours and dates as the sheet shows them, since their values count months from 0 and years from 1899. */
function shownIn(cell: unknown): unknown {
  if (!isRow(cell)) return null;
  const { v, f } = cell;
  if (typeof v === 'string' && /^Date\(/.test(v)) {
    const hours = /^Date\(1899,\d+,\d+,(\d+),(\d+)/.exec(v);
    return hours ? `${hours[1]}:${hours[2]!.padStart(2, '0')}` : (f ?? null);
  }
  if (Array.isArray(v) && v.length >= 3) return `${v[0]}:${String(v[1]).padStart(2, '0')}`;
  return v ?? null;
}

/** The old feed of Google sheets: `{feed: {entry: [{gsx$name: {$t}}]}}`. */
function googleFeed({ feed }: Row): Rows | null {
  if (!isRow(feed) || !Array.isArray(feed.entry)) return null;
  const rows = feed.entry.map((row: unknown) =>
    isRow(row)
      ? rowOf(
          Object.entries(row)
            .filter(([key]) => key.startsWith('gsx$'))
            .map(([key, cell]) => [key.slice(4), isRow(cell) ? cell.$t : null]),
        )
      : row,
  );
  return { rows, extra: {} };
}

/** Own keys only: a column called "__proto__" is a column. */
function rowOf(cells: readonly (readonly [string, unknown])[]): Row {
  const row: Record<string, unknown> = Object.create(null);
  for (const [key, value] of cells) row[key] ??= value;
  return row;
}
