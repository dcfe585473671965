/**
 * The dates of a meeting: when it is next, and which ones lie in a stretch of time. It exists so that "the last Friday at 19:00, not
 * in July" becomes the right moments on both sides of a change of clocks. It never adds hours to get from one week to the next.
 */

import { holiday } from './holidays.ts';
import type { KnownMeeting, Meeting } from './meeting.ts';
import { addDays, atLocal, type Millis, toLocal, weekdayOf } from './time.ts';

/** `date` is the local date in the meeting's own zone. */
export type Occurrence = { meeting: KnownMeeting; date: string; starts: Millis };

/** Whoever asks what is on now may still slip in this long after it began. */
export const GRACE: Millis = 10 * 60_000;

/** A meeting with no occurrence for so long is as good as over. */
export const SEARCHED_DAYS = 400;

const DAY: Millis = 24 * 3_600_000;

/** The name of one occurrence, the same however often it is worked out. */
export const occurrenceId = ({ meeting, date }: Occurrence): string => `${meeting.id}@${date}`;

/**
 * Whether it takes place on a local date 'YYYY-MM-DD' in its own zone: the weekday, the weeks of the month, the pauses, and the
 * holidays. Only Norwegian holidays are known; a meeting abroad that closes on holidays is taken to close on these.
 */
export function runsOn(meeting: Meeting, date: string): boolean {
  if (weekdayOf(date) !== meeting.weekday) return false;
  if (meeting.weeks && !inWeeks(meeting.weeks, date)) return false;
  if (meeting.pauses?.some(({ from, to }) => from <= date && date <= to)) return false;
  return !(meeting.closedOnHolidays && holiday(date) !== null);
}

/** The occurrence on a local date, or null when there is none. */
export function occurrenceOn(meeting: KnownMeeting, date: string): Occurrence | null {
  return runsOn(meeting, date) ? { meeting, date, starts: atLocal(date, meeting.time, meeting.zone) } : null;
}

/**
 * The first occurrence that starts at or after `from`; for what is on just now ask from `now - GRACE`.
 * @returns null when none starts before `until`, which is 400 days later where it is not given
 */
export function nextOccurrence(
  meeting: KnownMeeting,
  from: Millis,
  until: Millis = from + SEARCHED_DAYS * DAY,
): Occurrence | null {
  for (const occurrence of occurrences(meeting, from, until)) return occurrence;
  return null;
}

/** All occurrences that start at or after `from` and before `to`, in order. */
export const occurrencesBetween = (meeting: KnownMeeting, from: Millis, to: Millis): Occurrence[] => [
  ...occurrences(meeting, from, to),
];

function* occurrences(meeting: KnownMeeting, from: Millis, to: Millis): Generator<Occurrence> {
  // From the day before: a start that is skipped by the clocks at midnight belongs to yesterday's date and happens today.
  const first = addDays(toLocal(from, meeting.zone).date, -1);
  let date = addDays(first, (meeting.weekday - weekdayOf(first) + 7) % 7);
  for (const last = toLocal(to, meeting.zone).date; date <= last; date = addDays(date, 7)) {
    const occurrence = occurrenceOn(meeting, date);
    if (!occurrence || occurrence.starts < from) continue;
    if (occurrence.starts >= to) return;
    yield occurrence;
  }
}

/** Whether a date is the n-th of its weekday in its month, for one of the given n; -1 is the last. */
function inWeeks(weeks: NonNullable<Meeting['weeks']>, date: string): boolean {
  const { day, daysInMonth } = Temporal.PlainDate.from(date);
  return weeks.some((week) => (week === -1 ? day + 7 > daysInMonth : Math.ceil(day / 7) === week));
}
