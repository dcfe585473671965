/**
 * Reads one row of a spreadsheet's list as one or several meetings. It exists apart from the file around it so that what each column may hold
 * can be seen in one place. It must never take a home page for a meeting's link, nor a number for a day.
 */
import { sourceLanguage } from '../../core/words.ts';
import { addressLine, line, lines, text } from './clean.ts';
import type { Column, Headings } from './csv-headings.ts';
import {
  closedOnHolidays,
  type DayFault,
  dayPattern,
  fold,
  speaksOfWeeks,
  type Weeks,
  weeksNamed,
} from './days.ts';
import { isConference, linkOf, phoneOf } from './link.ts';
import { type Draft, type Entry, entry, type ListOptions, type Remarks } from './list.ts';
import { dateOf, type Pauses, pausesOf } from './pauses.ts';
import { type Tag, tagsInName, tagsOf, traits } from './tags.ts';
import { type Hours, hoursOf, hoursWithin, lengthOf, lengthUntil, zoneOf } from './times.ts';
import { type Way, wayIn } from './way.ts';

/** One row's cells by column. */
type Cells = {
  get: (column: Column) => string;
  /** What the list calls the column; our own name where it has none. */
  called: (column: Column) => string;
};

type Day = { weekday: Draft['weekday']; weeks: Weeks | null };

const usualNames: Partial<Record<Column, string>> = {
  name: 'navn',
  day: 'dag',
  time: 'tid',
  address: 'adresse',
  postcode: 'postnr',
  town: 'poststed',
  conference: 'nettadresse',
};
/** The template's own row, and rows that people mark likewise. */
const example = /^(?:eksempel|døme|example)\b/i;
/** No kind of meeting takes more letters to name. */
const LONGEST_KIND = 500;
const yes = /^(?:ja|j|yes|y|x|1|sant|true|ok)$/i;
const no = /^(?:nei|n|no|0|usant|false|-)$/i;

/** One entry for each day of the row. */
export function csvEntries(
  raw: readonly string[],
  row: number,
  headings: Headings,
  options: ListOptions,
): Entry[] {
  const { columns } = headings;
  const cell = (column: Column) => plainCell(raw[columns.get(column)?.at ?? -1] ?? '');
  const formulas = [...columns].filter(([column]) => cell(column).startsWith('='));
  const cells: Cells = {
    // A sign that makes a formula of a cell is no part of a name either.
    get: (column) => (cell(column).startsWith('=') ? '' : cell(column).replace(/^[@+](?!\d)\s*/, '')),
    called: (column) => columns.get(column)?.called ?? usualNames[column] ?? column,
  };
  const name = line(cells.get('name'));
  if (example.test(name) || example.test(raw[0]?.trim() ?? '')) {
    return [entry(row, name, (remarks) => remarks.refuse('example-row'))];
  }
  const when = whenOf(cells);
  const days = 'fault' in when.days ? [when.days] : when.days;
  return (days as (Day | DayFault)[]).map((day) =>
    entry(row, name, (remarks) => {
      for (const [, { called }] of formulas) remarks.warn('formula', called);
      return draftOf(cells, day, days.length > 1, when.hours, options, remarks);
    }),
  );
}

/** Some programs write ="0184" so that the zero stays: that is text. */
const plainCell = (written: string): string => {
  const cell = written.trim();
  return /^="([^"=]*)"$/.exec(cell)?.[1]?.trim() ?? cell;
};

type When = { days: readonly Day[] | DayFault; hours: Hours | 'missing' | { unread: string } };

/** Day and hour from their columns, or from one that has both: "Tirsdag kl. 19.00". */
function whenOf(cells: Cells): When {
  const both = cells.get('day') || cells.get('when');
  const written = cells.get('time');
  const within = written === '' ? hoursWithin(both) : null;
  const hours =
    within?.hours ?? hoursOf(written) ?? (written === '' ? ('missing' as const) : { unread: written });
  return { days: daysOf((within ? within.rest : both).trim(), cells.get('weeks')), hours };
}

function daysOf(written: string, weekly: string): readonly Day[] | DayFault {
  const pattern = dayPattern(written);
  if ('fault' in pattern) return pattern;
  if (pattern.days.length === 0) return { fault: 'day-unknown', value: written };
  const weeks = weekly === '' ? null : weeksNamed(weekly);
  if (weeks && 'fault' in weeks) return weeks;
  const own = pattern.days.some((day) => day.weeks !== null);
  if (own && weeks !== null) return { fault: 'day-unclear', value: `${written} / ${weekly}` };
  return pattern.days.map((day) => ({ weekday: day.weekday, weeks: day.weeks ?? pattern.weeks ?? weeks }));
}

function draftOf(
  cells: Cells,
  day: Day | DayFault,
  several: boolean,
  hours: When['hours'],
  options: ListOptions,
  remarks: Remarks,
): Draft | null {
  const { get, called } = cells;
  const name = line(get('name'), remarks, called('name'));
  if (name === '') remarks.refuse('name-missing', called('name'));
  if ('fault' in day) {
    const appointment = /avtale|appointment/.test(fold(day.value));
    if (day.value === '') remarks.refuse('day-missing', called('day'));
    else remarks.refuse(appointment ? 'by-appointment' : day.fault, called('day'), line(day.value));
  }
  if (hours === 'missing') remarks.refuse('time-missing', called('time'));
  else if ('unread' in hours) remarks.refuse('time-unknown', called('time'), line(hours.unread));
  const zone = zoneOf(get('zone'), options.zone, called('zone'), remarks);
  const { tags, unread } = tagsIn(cells);
  const { way, page } = wayOf(cells, tags, zone, options, remarks);
  if ('fault' in day || typeof hours === 'string' || 'unread' in hours || !way || remarks.faults.length > 0)
    return null;
  if (hours.bare && hours.start < '09:00') remarks.warn('bare-hour', called('time'), get('time'));
  const pauses = pausesIn(cells, options.today, remarks);
  const notes = lines([
    text(get('notes'), remarks, called('notes')),
    ...unread,
    page ?? '',
    ...pauses.unread,
  ]);
  if (speaksOfWeeks(name, notes) && day.weeks === null) remarks.warn('weeks-in-notes', called('notes'));
  const fellowship = line(get('fellowship')) || options.fellowship;
  return {
    key: (get('id')
      ? [get('id'), ...(several ? [day.weekday] : [])]
      : [name, day.weekday, hours.start, way.place?.postcode || way.place?.town || 'nett']
    ).join('-'),
    name,
    fellowship,
    weekday: day.weekday,
    time: hours.start,
    minutes: minutesIn(cells, hours, remarks),
    zone,
    ...way,
    ...traits([...tags, ...tagsInName(name)]),
    notes: notes === '' ? {} : { [sourceLanguage]: notes },
    confirmed: confirmedOn(get('confirmed'), options.today),
    ...(day.weeks === null ? {} : { weeks: day.weeks }),
    ...(pauses.read.length > 0 ? { pauses: pauses.read } : {}),
    ...(closedOnHolidays(notes) || tags.has('closed-on-holidays') ? { closedOnHolidays: true as const } : {}),
  };
}

function minutesIn({ get, called }: Cells, hours: Hours, remarks: Remarks): number {
  const end = get('end');
  const ends = hoursOf(end)?.start ?? (end === '24:00' || end === '24.00' ? '00:00' : null);
  if (end !== '' && ends === null) remarks.warn('odd-length', called('end'), end);
  if (ends === null && hours.end === null) return lengthOf(get('duration'), called('duration'), remarks);
  return lengthUntil(hours.start, ends ?? hours.end, called('end'), remarks);
}

/** What the columns about the kind of meeting say; words that are not known go to the notes, since they may matter. */
function tagsIn({ get, called }: Cells): { tags: Set<Tag>; unread: string[] } {
  const tags = new Set<Tag>();
  const unread: string[] = [];
  const words = (['type', 'marks'] as const)
    .flatMap((column) =>
      get(column)
        .slice(0, LONGEST_KIND)
        .split(/[,;|/\n]/),
    )
    .flatMap((part) => (tagsOf(part).length > 0 ? [part] : part.split(/\s+(?:og|and|&)\s+/)));
  for (const word of words.map((each) => line(each)).filter((each) => each !== '')) {
    const found = tagsOf(word);
    if ((found.length === 0 || word.includes('(')) && !/^[a-z]$/i.test(word)) unread.push(word);
    // "Åpent (siste tirsdag i måneden)" is not open on the others.
    for (const tag of found) if (tag !== 'open' || !speaksOfWeeks(word)) tags.add(tag);
  }
  answered(get('open'), tags, 'open', 'closed');
  answered(get('closed'), tags, 'closed', 'open');
  answered(get('wheelchair'), tags, 'wheelchair');
  answered(get('closedOnHolidays'), tags, 'closed-on-holidays');
  if (no.test(get('holidays')) || /stengt|lukk|closed|ikke|ikkje/.test(fold(get('holidays'))))
    tags.add('closed-on-holidays');
  for (const word of get('language').split(/[,;/]|\s+(?:og|and|&)\s+/)) {
    const spoken = tagsOf(line(word));
    for (const tag of spoken) tags.add(tag);
    if (spoken.length === 0 && word.trim() !== '') unread.push(`${called('language')}: ${line(word)}`);
  }
  return { tags, unread };
}

function answered(cell: string, tags: Set<Tag>, ifYes: Tag, ifNo?: Tag): void {
  if (yes.test(cell)) tags.add(ifYes);
  else if (no.test(cell)) {
    if (ifNo) tags.add(ifNo);
  } else for (const tag of tagsOf(cell)) tags.add(tag);
}

/** A link under a general heading counts only on a host where groups meet, or where the row says "online"; else it is a home page. */
function wayOf(
  { get, called }: Cells,
  tags: ReadonlySet<Tag>,
  zone: string,
  options: ListOptions,
  remarks: Remarks,
): { way: Way | null; page?: string } {
  if (tags.has('closed-for-now')) return { way: remarks.refuse('closed-for-now', called('type')) };
  const answer = get('conference');
  const meets = yes.test(answer) || no.test(answer) ? null : linkOf(answer, called('conference'), remarks);
  const general = linkOf(get('link'), called('link'), remarks);
  const wired = tags.has('online') || tags.has('hybrid') || yes.test(answer);
  const online = meets ?? (general !== null && (wired || isConference(general)) ? general : null);
  const phone = phoneOf(get('phone'), called('phone'), remarks);
  const roomed = get('address') !== '' || get('venue') !== '' || get('town').includes(',');
  const onlineOnly = tags.has('online') && !tags.has('hybrid') && !tags.has('in-person');
  const both = wired || online !== null || phone !== null;
  const mode = onlineOnly || (both && !roomed) ? 'wire' : both ? 'both' : 'room';
  const point = get('coordinates').split(/[,;]\s*(?=-?\d+\.)|\s+/);
  const from = {
    name: line(get('venue'), remarks, called('venue')),
    address: addressLine(get('address'), remarks, called('address')),
    postcode: line(get('postcode')),
    town: line(get('town')),
    lat: point.length === 2 ? point[0] : get('lat'),
    lon: point.length === 2 ? point[1] : get('lon'),
    country: '',
    zone,
    approximate: false,
    columns: {
      address: called('address'),
      postcode: called('postcode'),
      town: called('town'),
      point: called('lat'),
    },
  };
  const column = get('conference') === '' ? called('link') : called('conference');
  const way = wayIn(mode, { online, phone }, from, column, options.places, remarks);
  return { way, ...(general !== null && general !== online ? { page: general } : {}) };
}

/** A pause that is not understood is shown as it stands: better words than a locked door in July. */
function pausesIn(
  { get, called }: Cells,
  today: string,
  remarks: Remarks,
): { read: Pauses; unread: string[] } {
  const written = line(get('pauses'));
  if (written === '' || no.test(written)) return { read: [], unread: [] };
  const read = pausesOf(written, today);
  if (read) return { read, unread: [] };
  remarks.warn('pause-unread', called('pauses'), written);
  return { read: [], unread: [`${called('pauses')}: ${written}`] };
}

function confirmedOn(written: string, today: string): string {
  const day = written === '' ? null : dateOf(written);
  return day === null || day > today ? today : day;
}
