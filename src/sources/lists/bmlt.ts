/**
 * Reads the meetings of a BMLT server (Narcotics Anonymous): the answer to GetSearchResults as array or envelope, or the daily export with one
 * meeting a line. The names of the fields come from the server's own published document; everything is checked all the same, since
 * servers and document differ. It never believes a code that the server's formats do not explain.
 */
import { z } from 'zod';
import { sourceLanguage } from '../../core/words.ts';
import type { components } from './bmlt-api/semantic.ts';
import { type BmltFormat, type Meaning, meanings, reserved } from './bmlt-formats.ts';
import { addressLine, line, lines, text } from './clean.ts';
import { closedOnHolidays, speaksOfWeeks } from './days.ts';
import { isRow, parseJson, type Row, rowsOf } from './json.ts';
import { linkOf, phoneOf } from './link.ts';
import {
  account,
  type Draft,
  type Entry,
  entry,
  type ListOptions,
  type Reading,
  Remarks,
  unreadable,
} from './list.ts';
import { type Tag, tagsInName, traits } from './tags.ts';
import { hoursOf, lengthOf, zoneOf } from './times.ts';
import { type Way, wayIn } from './way.ts';
import type { Whereabouts } from './where.ts';

/** What the document names, without its "and anything else". */
type Named<T> = { [K in keyof T as string extends K ? never : number extends K ? never : K]: T[K] };
type Documented = keyof Named<components['schemas']['SemanticMeeting']>;
type DocumentedFormat = keyof Named<components['schemas']['SemanticFormat']>;

/** A missing value is "", null or not there; numbers come as strings and as numbers. */
const field = z
  .union([z.string(), z.number(), z.boolean()])
  .transform((value) => (value === true ? '1' : value === false ? '0' : String(value)))
  .catch('');

const meetingRow = z.object({
  id_bigint: field,
  weekday_tinyint: field,
  venue_type: field,
  start_time: field,
  duration_time: field,
  time_zone: field,
  formats: field,
  format_shared_id_list: field,
  latitude: field,
  longitude: field,
  meeting_name: field,
  location_text: field,
  location_info: field,
  location_street: field,
  location_city_subsection: field,
  location_neighborhood: field,
  location_municipality: field,
  location_postal_code_1: field,
  location_nation: field,
  comments: field,
  train_lines: field,
  bus_lines: field,
  phone_meeting_number: field,
  virtual_meeting_link: field,
  virtual_meeting_additional_info: field,
  // Returned by servers, though not in their document.
  published: field,
} satisfies Partial<Record<Documented | 'published', typeof field>>);
type MeetingRow = z.infer<typeof meetingRow>;

const formatRow = z
  .object({
    id: field,
    key_string: field,
    name_string: field,
    description_string: field,
    lang: field,
    world_id: field,
    format_type_enum: field,
  } satisfies Partial<Record<DocumentedFormat, typeof field>>)
  .transform(
    (row): BmltFormat => ({
      id: row.id,
      key: row.key_string,
      worldId: row.world_id,
      name: line(row.name_string),
      description: line(row.description_string),
      type: row.format_type_enum,
      language: row.lang,
    }),
  );

export type BmltOptions = ListOptions & {
  /** The answer to GetFormats, where the list is no envelope that has them. */
  formats?: string;
  /** What the keeper of the source decided for single format ids. */
  ownFormats?: Readonly<Record<string, readonly Tag[]>>;
};

/** The formats by id, and the ids by key for servers asked without their ids. */
type Formats = { byId: ReadonlyMap<string, Meaning>; idOf: ReadonlyMap<string, string> };

export function readBmlt(source: string, options: BmltOptions): Reading {
  const parsed = parseJson(source);
  if (!parsed) return unreadable('not-json');
  const found = rowsOf(isRow(parsed.value) && 'id_bigint' in parsed.value ? [parsed.value] : parsed.value);
  if (!found) return unreadable('no-list');
  const own = [
    found.extra.formats,
    options.formats === undefined ? undefined : parseJson(options.formats)?.value,
  ];
  const rows = own.flatMap((value) =>
    value === undefined ? [] : (rowsOf(isRow(value) ? value.formats : value)?.rows ?? []),
  );
  const list = rows.filter(isRow).map((row) => formatRow.parse(row));
  const formats: Formats = {
    byId: meanings(list, options.ownFormats),
    idOf: new Map(list.toReversed().map(({ key, id }) => [key, id])),
  };
  const remarks = new Remarks();
  if (found.rows.length === 0) remarks.warn('empty-list');
  else if (list.length === 0) remarks.warn('formats-missing');
  return account(
    found.rows.map((row, i) => readRow(row, i + 1, formats, options)),
    options,
    remarks,
  );
}

function readRow(raw: unknown, number: number, formats: Formats, options: BmltOptions): Entry {
  const row = meetingRow.safeParse(isRow(raw) ? withDefaults(raw) : null);
  if (!row.success) return entry(number, '', (remarks) => remarks.refuse('unreadable-row'));
  return entry(number, line(row.data.meeting_name), (remarks) =>
    draftOf(row.data, formats, options, remarks),
  );
}

/** Fields left out by the server or by `data_field_key`. */
function withDefaults(row: Row): Row {
  return Object.fromEntries(Object.keys(meetingRow.shape).map((key) => [key, row[key] ?? '']));
}

function draftOf(row: MeetingRow, formats: Formats, options: BmltOptions, remarks: Remarks): Draft | null {
  const { tags, said } = formatsOf(row, formats);
  const name = line(row.meeting_name, remarks, 'meeting_name');
  if (name === '') remarks.refuse('name-missing', 'meeting_name');
  if (row.published === '0') remarks.refuse('unpublished', 'published');
  const weekday = weekdayOf(row.weekday_tinyint, remarks);
  const start = hoursOf(row.start_time);
  if (row.start_time === '') remarks.refuse('time-missing', 'start_time');
  else if (!start) remarks.refuse('time-unknown', 'start_time', row.start_time);
  const zone = zoneOf(row.time_zone, options.zone, 'time_zone', remarks);
  const way = wayOf(row, tags, zone, options, remarks);
  if (!weekday || !start || !way || remarks.faults.length > 0) return null;
  const notes = notesOf(row, said, remarks);
  const all = traits([...tags, ...tagsInName(name)]);
  return {
    key: row.id_bigint,
    name,
    fellowship: options.fellowship,
    weekday,
    time: start.start,
    minutes: lengthOf(row.duration_time, 'duration_time', remarks),
    zone,
    ...way,
    ...all,
    notes: notes === '' ? {} : { [sourceLanguage]: notes },
    confirmed: options.today,
    ...(closedOnHolidays(notes) ? { closedOnHolidays: true as const } : {}),
  };
}

/** Joined by id, since the two lists of a meeting are not parallel; by key only where the server was asked for keys alone. */
function formatsOf(row: MeetingRow, formats: Formats): { tags: Set<Tag>; said: string[] } {
  const keys = row.formats
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  const ids = row.format_shared_id_list
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  const known = formats.byId.size > 0;
  const used = ids.length > 0 ? ids : keys.flatMap((key) => formats.idOf.get(key) ?? []);
  const found = used.flatMap((id) => formats.byId.get(id) ?? []);
  const tags = new Set(found.flatMap(({ tags }) => tags));
  if (!known) for (const key of keys) if (Object.hasOwn(reserved, key)) tags.add(reserved[key]!);
  return { tags, said: found.filter(({ tags }) => tags.length === 0).map(({ said }) => said) };
}

/** `venue_type` first, then the formats. A room that is closed for now is no way in. */
function wayOf(
  row: MeetingRow,
  tags: ReadonlySet<Tag>,
  zone: string,
  options: BmltOptions,
  remarks: Remarks,
): Way | null {
  const byFormat = tags.has('online') ? '2' : tags.has('hybrid') ? '3' : '1';
  const venue = /^[123]$/.test(row.venue_type) ? row.venue_type : byFormat;
  const shut = tags.has('closed-for-now');
  if (shut && venue === '1') return remarks.refuse('closed-for-now', 'formats');
  const wire = venue === '1' ? null : linkOf(row.virtual_meeting_link, 'virtual_meeting_link', remarks);
  const phone = venue === '1' ? null : phoneOf(row.phone_meeting_number, 'phone_meeting_number', remarks);
  const mode = venue === '1' ? 'room' : venue === '2' || shut ? 'wire' : 'both';
  const from = whereabouts(row, zone, mode === 'wire' ? undefined : remarks);
  return wayIn(mode, { online: wire, phone }, from, 'virtual_meeting_link', options.places, remarks);
}

function whereabouts(row: MeetingRow, zone: string, remarks: Remarks | undefined): Whereabouts {
  return {
    name: line(row.location_text, remarks, 'location_text'),
    address: addressLine(row.location_street, remarks, 'location_street'),
    postcode: line(row.location_postal_code_1),
    town: line(row.location_municipality || row.location_city_subsection || row.location_neighborhood),
    lat: row.latitude,
    lon: row.longitude,
    country: row.location_nation.trim(),
    zone,
    approximate: false,
    columns: {
      address: 'location_street',
      postcode: 'location_postal_code_1',
      town: 'location_municipality',
      point: 'latitude',
    },
  };
}

function notesOf(row: MeetingRow, said: readonly string[], remarks: Remarks): string {
  const parts = (
    ['location_info', 'comments', 'virtual_meeting_additional_info', 'bus_lines', 'train_lines'] as const
  ).map(
    // Old servers kept the field's title in its value.
    (column) => text(row[column].replace(/^[\s\S]*?#@-@#/, ''), remarks, column),
  );
  const notes = lines([...parts, said.join(', ')]);
  if (speaksOfWeeks(line(row.meeting_name), notes)) remarks.warn('weeks-in-notes', 'comments');
  return notes;
}

/** 1 is Sunday, 7 is Saturday. */
function weekdayOf(written: string, remarks: Remarks): Draft['weekday'] | null {
  if (written === '') return remarks.refuse('by-appointment', 'weekday_tinyint');
  if (!/^[1-7]$/.test(written)) return remarks.refuse('day-unknown', 'weekday_tinyint', written);
  return (((Number(written) + 5) % 7) + 1) as Draft['weekday'];
}
