/**
 * Reads a Meeting Guide feed (AA and others): what plugins publish, what people write by hand, and sheets turned into JSON. It accepts days,
 * hours and coordinates in every shape seen in real feeds, and refuses the row rather than guess. It never keeps the contact fields.
 */

import { isDate } from '../../core/time.ts';
import { sourceLanguage } from '../../core/words.ts';
import { line, lines, text } from './clean.ts';
import { closedOnHolidays, dayPattern, speaksOfWeeks, type Weeks } from './days.ts';
import { addressOf, pointOf } from './guide-address.ts';
import { typeMeaning } from './guide-types.ts';
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
import { hoursOf, lengthOf, lengthUntil, zoneOf } from './times.ts';
import { type Way, wayIn } from './way.ts';

/** The fields that are read, as the specification names them. */
const fields = (
  'name slug day time end_time duration timezone types notes location location_notes group_notes formatted_address address city postal_code ' +
  'country latitude longitude coordinates approximate conference_url conference_url_notes conference_phone conference_phone_notes ' +
  'attendance_option updated last_contact'
).split(' ');
/** Names that hand-made tables use, and plugins of old. */
const aliases = Object.entries({
  id: 'slug',
  fulladdress: 'formatted_address',
  zip: 'postal_code',
  zipcode: 'postal_code',
  postcode: 'postal_code',
  meeting: 'name',
  meetingname: 'name',
  locationname: 'location',
  starttime: 'time',
  lat: 'latitude',
  lng: 'longitude',
  lon: 'longitude',
  type: 'types',
});
const bare = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, '');
const fieldNamed = new Map(fields.map((field) => [bare(field), field]));
const fieldAlso = new Map(aliases);
type Day = { weekday: Draft['weekday']; weeks: Weeks | null };

export function readMeetingGuide(source: string, options: ListOptions): Reading {
  const parsed = parseJson(source);
  if (!parsed) return unreadable('not-json');
  const found = rowsOf(parsed.value);
  if (!found) return unreadable('no-list');
  const remarks = new Remarks();
  if (found.rows.length === 0) remarks.warn('empty-list');
  const unknown = new Set<string>();
  const entries = found.rows.flatMap((row, i) => readRow(row, i + 1, options, unknown));
  for (const code of [...unknown].toSorted()) remarks.warn('unknown-type', 'types', line(code));
  return account(entries, options, remarks);
}

/** One entry for each of its days. */
function readRow(raw: unknown, number: number, options: ListOptions, unknown: Set<string>): Entry[] {
  if (!isRow(raw)) return [entry(number, '', (remarks) => remarks.refuse('unreadable-row'))];
  const row = renamed(raw);
  const name = line(row.name);
  const days = daysOf(row.day);
  return days.map((day) =>
    entry(number, name, (remarks) => draftOf(row, day, days.length > 1, options, unknown, remarks)),
  );
}

/** A name that the specification has wins over another for the same. */
function renamed(raw: Row): Row {
  const row: Record<string, unknown> = {};
  for (const names of [fieldNamed, fieldAlso]) {
    for (const [key, value] of Object.entries(raw)) {
      const field = names.get(bare(key));
      if (field !== undefined) row[field] ??= value;
    }
  }
  return row;
}

const said = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';

/** 0 is Sunday. What is no day stays as it is written, and is refused by its own entry. */
function daysOf(value: unknown): (Day | string)[] {
  if (Array.isArray(value)) {
    const all = value.flatMap((each: unknown) => (Array.isArray(each) ? [] : daysOf(each)));
    return all.length > 0 ? all : [''];
  }
  const written = said(value);
  if (/^\d+(?:\.0)?$/.test(written)) {
    const day = Number(written);
    return [day <= 6 ? { weekday: (day === 0 ? 7 : day) as Draft['weekday'], weeks: null } : written];
  }
  if (/^\d(?:\s*,\s*\d)+$/.test(written)) return written.split(',').flatMap(daysOf);
  const pattern = dayPattern(written);
  if ('fault' in pattern || pattern.days.length === 0) return [written];
  return pattern.days.map(({ weekday, weeks }) => ({ weekday, weeks }));
}

function draftOf(
  row: Row,
  day: Day | string,
  several: boolean,
  options: ListOptions,
  unknown: Set<string>,
  remarks: Remarks,
): Draft | null {
  const name = line(row.name, remarks, 'name');
  if (name === '') remarks.refuse('name-missing', 'name');
  const start = hoursOf(said(row.time));
  if (day === '') remarks.refuse('by-appointment', 'day');
  else if (typeof day === 'string') remarks.refuse('day-unknown', 'day', line(day));
  if (day !== '' && !start) {
    if (said(row.time) === '') remarks.refuse('time-missing', 'time');
    else remarks.refuse('time-unknown', 'time', line(row.time));
  }
  const zone = zoneOf(said(row.timezone), options.zone, 'timezone', remarks);
  const tags = typesOf(row, options.fellowship, unknown);
  const way = wayOf(row, tags, zone, options, remarks);
  if (typeof day === 'string' || !start || !way || remarks.faults.length > 0) return null;
  const notes = notesOf(row, way, remarks);
  return {
    key: several ? `${said(row.slug) || name}-${day.weekday % 7}` : said(row.slug),
    name,
    fellowship: options.fellowship,
    weekday: day.weekday,
    time: start.start,
    minutes: minutesOf(row, start.start, start.end, remarks),
    zone,
    ...way,
    ...traits([...tags, ...tagsInName(name)]),
    notes: notes === '' ? {} : { [sourceLanguage]: notes },
    confirmed: confirmedOn(row, options.today),
    ...(day.weeks === null ? {} : { weeks: day.weeks }),
    ...(closedOnHolidays(notes) ? { closedOnHolidays: true as const } : {}),
  };
}

function minutesOf(row: Row, start: string, ranged: string | null, remarks: Remarks): number {
  const written = said(row.end_time);
  const end = hoursOf(written)?.start ?? (written === '24:00' ? '00:00' : null);
  if (written !== '' && end === null) remarks.warn('odd-length', 'end_time', line(written));
  if (end === null && said(row.duration) !== '') return lengthOf(said(row.duration), 'duration', remarks);
  return lengthUntil(start, end ?? ranged, 'end_time', remarks);
}

/** Codes, or labels in a table kept by hand; as a list or with commas between. */
function typesOf(row: Row, fellowship: string, unknown: Set<string>): Set<Tag> {
  const codes = (Array.isArray(row.types) ? row.types : said(row.types).split(/[,;|]/))
    .map(said)
    .filter((code) => code !== '');
  const meanings = codes.map((code) => ({ code, ...typeMeaning(code, fellowship) }));
  for (const { code, known } of meanings) if (!known) unknown.add(code);
  return new Set(meanings.flatMap(({ tags }) => tags));
}

/** What the feed says of attendance comes first; else the types and what is there to take part by. */
function wayOf(
  row: Row,
  tags: ReadonlySet<Tag>,
  zone: string,
  options: ListOptions,
  remarks: Remarks,
): Way | null {
  const wire = {
    online: linkOf(said(row.conference_url), 'conference_url', remarks),
    phone: phoneOf(said(row.conference_phone), 'conference_phone', remarks),
  };
  const reachable = wire.online !== null || wire.phone !== null;
  const approximate = /^(?:yes|true|1)$/i.test(row.approximate === true ? 'yes' : said(row.approximate));
  const addressed = said(row.formatted_address) !== '' || said(row.address) !== '';
  const shut = tags.has('closed-for-now');
  const attendance = said(row.attendance_option)
    .toLowerCase()
    .replace(/[^a-z]/g, '');
  if (attendance === 'inactive' || (shut && !reachable && attendance !== 'online')) {
    return remarks.refuse(shut || attendance === 'inactive' ? 'closed-for-now' : 'no-address', 'types');
  }
  const byWire =
    attendance === 'online' ||
    shut ||
    ((tags.has('online') || reachable) && attendance === '' && (approximate || !addressed));
  const mode = byWire
    ? 'wire'
    : attendance === 'hybrid' || reachable || tags.has('online') || tags.has('hybrid')
      ? 'both'
      : 'room';
  if (mode === 'room' && approximate && attendance === '')
    return remarks.refuse('no-address', 'formatted_address');
  const from = {
    name: line(row.location, mode === 'wire' ? undefined : remarks, 'location'),
    ...addressOf(row, mode === 'wire' ? undefined : remarks),
    ...pointOf(row),
    zone,
    approximate,
    columns: { address: 'formatted_address', postcode: 'postal_code', town: 'city', point: 'latitude' },
  };
  return wayIn(
    attendance === 'inperson' && mode === 'both' ? 'room' : mode,
    wire,
    from,
    'conference_url',
    options.places,
    remarks,
  );
}

function notesOf(row: Row, way: Way, remarks: Remarks): string {
  const wanted = [
    'notes',
    ...(way.place ? ['location_notes'] : []),
    'group_notes',
    ...(way.online === null ? [] : ['conference_url_notes']),
    ...(way.phone === undefined ? [] : ['conference_phone_notes']),
  ];
  const notes = lines(wanted.map((column) => text(row[column], remarks, column)));
  if (speaksOfWeeks(line(row.name), notes)) remarks.warn('weeks-in-notes', 'notes');
  return notes;
}

/** The later of the two days on which somebody touched it; a list that tells neither is taken to be true on the day it was read. */
function confirmedOn(row: Row, today: string): string {
  const days = [row.last_contact, row.updated].map(
    (value) => /^20\d\d-\d\d-\d\d(?=$|[ T])/.exec(said(value))?.[0] ?? '',
  );
  const latest =
    days
      .filter((day) => day !== '' && isDate(day))
      .toSorted()
      .at(-1) ?? today;
  return latest > today ? today : latest;
}
