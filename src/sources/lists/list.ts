/**
 * What every reader of a list hands back: the meetings, and an account in which each row is either accepted, merged with one that is
 * the same gathering, or rejected with reasons. It exists so that no row can get lost in silence, and so that ids stay the same from one
 * import to the next, in whatever order the rows come.
 */
import { createHash } from 'node:crypto';
import type { Meeting } from '../../core/meeting.ts';
import type { Gazetteer } from '../../core/places.ts';
import { line } from './clean.ts';
import type { Reason } from './reasons.ts';

export type ListOptions = {
  /** Short name of the list, `[a-z0-9-]`: every id begins with it. */
  source: string;
  /** Whose list it is: codes mean different things in different fellowships. */
  fellowship: string;
  /** IANA zone of every meeting that names none. */
  zone: string;
  /** Local date 'YYYY-MM-DD' on which the list was read. */
  today: string;
  places: Gazetteer;
};

/** Something said of a row. `column` is the list's own name for it, `value` what stood there, shortened and without contacts. */
export type Remark = { column?: string; reason: Reason; value?: string };

/** `row` counts from 1: in a spreadsheet the row with the headings too, in a feed the meetings. `name` helps to find it. */
export type RowRemark = { row: number; name: string } & Remark;

export type Rejected = { row: number; name: string; faults: readonly Remark[] };

/** `into` is the id of the meeting that stands for both. */
export type Merged = { row: number; name: string; into: string; reason: 'same-gathering' };

/** `rows` = accepted + merged + rejected. A row that names several days counts once for each. */
export type Reading = {
  rows: number;
  accepted: Meeting[];
  merged: Merged[];
  rejected: Rejected[];
  warnings: RowRemark[];
};

/** A meeting before it has its id. `key` is the list's own id for it, or what tells it from others where the list has none. */
export type Draft = Omit<Meeting, 'id'> & { key: string };

/** One row (or one of the days of a row), read: `draft` is null when there are faults. */
export type Entry = { row: number; name: string; draft: Draft | null; remarks: Remarks };

const LONGEST_VALUE = 60;
const LONGEST_KEY = 60;

/** Collects what is said of one row while it is read. */
export class Remarks {
  readonly faults: Remark[] = [];
  readonly warnings: Remark[] = [];

  /** The row cannot be used. */
  refuse(reason: Reason, column?: string, value?: string): null {
    this.faults.push(remark(reason, column, value));
    return null;
  }

  /** The row can be used, but somebody should look. */
  warn(reason: Reason, column?: string, value?: string): null {
    this.warnings.push(remark(reason, column, value));
    return null;
  }
}

function remark(reason: Reason, column: string | undefined, value: string | undefined): Remark {
  return {
    reason,
    ...(column === undefined ? {} : { column }),
    ...(value === undefined || value === '' ? {} : { value: shortened(line(value)) }),
  };
}

const shortened = (value: string): string =>
  value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE).toWellFormed()}…` : value.toWellFormed();

/** Reads one row. What `read` returns counts only if it found no fault. */
export function entry(row: number, name: string, read: (remarks: Remarks) => Draft | null): Entry {
  const remarks = new Remarks();
  const draft = read(remarks);
  return { row, name, draft: remarks.faults.length === 0 ? draft : null, remarks };
}

/** A list of which nothing can be read. */
export function unreadable(reason: Reason, value?: string, row = 1): Reading {
  const rejected = [{ row, name: '', faults: [remark(reason, undefined, value)] }];
  return { rows: 1, accepted: [], merged: [], rejected, warnings: [] };
}

/** The account of all rows. `remarks` are about the list as a whole, told as of `row`. */
export function account(
  entries: readonly Entry[],
  options: ListOptions,
  remarks = new Remarks(),
  row = 1,
): Reading {
  const read = entries.flatMap((each) => (each.draft ? [{ ...each, draft: each.draft }] : []));
  const groups = [...Map.groupBy(read, ({ draft }) => gathering(draft)).values()].map((group) =>
    group.toSorted((a, b) => compare(a.draft, b.draft)),
  );
  const ids = idsOf(
    groups.map(([kept]) => kept!.draft),
    options.source,
  );
  const kept = groups
    .map((group) => ({ group, first: group[0]!, id: ids.get(group[0]!.draft)! }))
    .toSorted((a, b) => a.first.row - b.first.row);
  const merged = kept.flatMap(({ group: [, ...others], id }) =>
    others.map(({ row, name }) => ({ row, name, into: id, reason: 'same-gathering' as const })),
  );
  return {
    rows: entries.length,
    accepted: kept.map(({ group, id }) =>
      joined(
        group.map(({ draft }) => draft),
        id,
      ),
    ),
    merged: merged.toSorted((a, b) => a.row - b.row),
    rejected: entries
      .filter(({ draft }) => draft === null)
      .map(({ row, name, remarks: { faults } }) => ({
        row,
        name,
        faults: faults.length > 0 ? faults : [{ reason: 'unreadable-row' as const }],
      })),
    warnings: [
      ...remarks.warnings.map((warning) => ({ row, name: '', ...warning })),
      ...entries.flatMap(({ row, name, remarks }) =>
        remarks.warnings.map((warning) => ({ row, name, ...warning })),
      ),
    ],
  };
}

/**
 * What makes two rows one gathering: the same weekday, time, name and place (or link). Groups for women and for men, and different
 * weeks of the month, are different gatherings even under one name.
 */
function gathering({
  weekday,
  time,
  zone,
  name,
  place,
  online,
  phone,
  weeks,
  marks,
  fellowship,
}: Draft): string {
  const only = marks.filter((mark) => mark === 'women' || mark === 'men');
  const where = place
    ? place.address || place.name
      ? [place.address || place.name, place.postcode || place.town]
      : [place.lat.toFixed(3), place.lon.toFixed(3)]
    : ['online', online ?? phone ?? ''];
  return JSON.stringify(
    [weekday, time, zone, fellowship, name, ...where, only.toSorted(), weeks ?? []].map((part) =>
      typeof part === 'string'
        ? part
            .toLowerCase()
            .replace(/[^\p{L}\p{N}]+/gu, ' ')
            .trim()
        : part,
    ),
  );
}

/** An order that does not depend on where the rows stand: by the list's own id, then by content. */
function compare(a: Draft, b: Draft): number {
  const [one, other] = a.key === b.key ? [JSON.stringify(a), JSON.stringify(b)] : [a.key, b.key];
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}

/** The first, with what it lacks from the others. Where they disagree on who may come, the narrower counts: no closed door. */
function joined(drafts: readonly Draft[], id: string): Meeting {
  const { key: _, ...first } = drafts[0]!;
  const phone = drafts.find((draft) => draft.phone !== undefined)?.phone;
  const openness = (['closed', 'open'] as const).find((each) =>
    drafts.some((draft) => draft.openness === each),
  );
  return {
    id,
    ...first,
    online: drafts.find(({ online }) => online !== null)?.online ?? null,
    openness: openness ?? 'unknown',
    marks: [...new Set(drafts.flatMap(({ marks }) => marks))],
    notes: drafts.find(({ notes }) => Object.keys(notes).length > 0)?.notes ?? {},
    ...(phone === undefined ? {} : { phone }),
    ...(drafts.some(({ closedOnHolidays }) => closedOnHolidays) ? { closedOnHolidays: true as const } : {}),
  };
}

/** Where one id stands for several meetings, each gets a mark made from its content, so that no order of rows changes it. */
function idsOf(drafts: readonly Draft[], source: string): Map<Draft, string> {
  const plain = Map.groupBy(drafts, ({ key }) => slug(key));
  return new Map(
    drafts.map((draft) => {
      const name = slug(draft.key);
      const alone = name !== '' && plain.get(name)!.length === 1;
      return [
        draft,
        [source, name, ...(alone ? [] : [fingerprint(gathering(draft))])].filter(Boolean).join('-'),
      ];
    }),
  );
}

const fingerprint = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10);

const letters: Readonly<Record<string, string>> = { ø: 'o', æ: 'ae', å: 'a', ß: 'ss', đ: 'd', ł: 'l' };

/** Fit for an id: a-z, 0-9 and single hyphens. */
export function slug(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[øæåßđł]/g, (letter) => letters[letter]!)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_KEY)
    .replace(/^-+|-+$/g, '');
}
