/**
 * What clocks on the wall show in a zone, read off `Intl` every half hour of two years: the independent yardstick for the tests of time.
 * It must never use Temporal or the code under test, or it would agree with their faults.
 */

/** Zones whose clocks change by night, at one in the morning, no longer, by half an hour, from midnight on, and up to midnight. */
export const zones = [
  'Europe/Oslo',
  'Atlantic/Azores',
  'America/Asuncion',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'America/Nuuk',
] as const;

const MINUTE = 60_000;
const HALF_HOUR = 30 * MINUTE;
const BEGINS = Date.UTC(2025, 11, 20);
const ENDS = Date.UTC(2028, 0, 20);

export type Wall = {
  /** The first moment at which the wall shows this local date and time, or has jumped past it. */
  firstShown: (date: string, time: string) => number;
  /** The moments at which clocks change. */
  changes: number[];
};

const formats = new Map<string, Intl.DateTimeFormat>();
const walls = new Map<string, Wall>();

/** Local date 'YYYY-MM-DD' and time 'HH:MM' as `Intl` shows them. */
export function clock(at: number, zone: string): { date: string; time: string } {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
    formats.set(zone, format);
  }
  const [date = '', time = ''] = format.format(at).split(' ');
  return { date, time };
}

/** 'YYYY-MM-DD' of a number of days since 1970-01-01. */
export function isoDay(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

/** 'HH:MM' of a number of minutes since midnight. */
export function hhmm(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => `${part}`.padStart(2, '0')).join(':');
}

/** The table of one zone; all changes of clocks fall on half hours, so between two rows the wall runs evenly. */
export function wall(zone: string): Wall {
  const known = walls.get(zone);
  if (known) return known;

  const shown: number[] = [];
  for (let at = BEGINS; at < ENDS; at += HALF_HOUR) {
    const { date, time } = clock(at, zone);
    shown.push(Date.parse(`${date}T${time}Z`));
  }
  const changes = shown.flatMap((local, row) =>
    row > 0 && local - shown[row - 1]! !== HALF_HOUR ? [BEGINS + row * HALF_HOUR] : [],
  );
  const firstShown = (date: string, time: string) => {
    const wanted = Date.parse(`${date}T${time}Z`);
    // No zone is more than a day off UTC.
    let row = Math.floor((wanted - BEGINS) / HALF_HOUR) - 48;
    while (shown[row]! + HALF_HOUR <= wanted) row++;
    return BEGINS + row * HALF_HOUR + Math.max(0, wanted - shown[row]!);
  };
  const made = { firstShown, changes };
  walls.set(zone, made);
  return made;
}
