/**
 * Writes one occurrence as a calendar file (iCalendar, RFC 5545), so that the phone's own calendar reminds too. A calendar is often
 * shared with family or work: the discreet file says nothing but a time, and even the other one is marked private.
 *
 * Times are written in UTC: one occurrence is one moment, every phone shows it in its own zone, and no zone rules that may grow old
 * travel along. The library's own clock and random id are both overridden, so the same arguments always give the same text.
 */

import ical, { ICalEventClass } from 'ical-generator';
import { type Meeting, sayPlace } from './meeting.ts';
import type { Millis } from './time.ts';

/** What a plan holds of an occurrence. `notes` are in the person's language already. */
export type CalendarDetails = {
  starts: Millis;
  minutes: number;
  where: Omit<NonNullable<Meeting['place']>, 'lat' | 'lon'> | null;
  online: string | null;
  phone?: string;
  notes: string;
};

export type CalendarManner = {
  /** Leave out what, where and how: neutral title, no location, no description. */
  discreet: boolean;
  /** Language of the words, a code such as 'nb'. */
  language: string;
  /** Names the entry for good, so that a second file replaces the first. Nothing in it may tell what the entry is about. */
  uid: string;
  /** When the file is made. */
  stamp: Millis;
  words: { title: string; neutralTitle: string };
};

/** The text of an `.ics` file with one entry. Lines end in CRLF, and none is longer than 75 octets. */
export function calendarFile(details: CalendarDetails, manner: CalendarManner): string {
  const { discreet, words } = manner;
  const calendar = ical({ prodId: `//Bli med//calendar//${oneLine(manner.language).toUpperCase()}` });
  calendar.createEvent({
    id: oneLine(manner.uid),
    stamp: new Date(manner.stamp),
    start: new Date(details.starts),
    end: new Date(details.starts + details.minutes * 60_000),
    summary: oneLine(discreet ? words.neutralTitle : words.title),
    location: discreet ? null : whereabouts(details),
    description: discreet ? null : description(details),
    class: ICalEventClass.PRIVATE,
  });
  return calendar.toString();
}

function whereabouts({ where, online, phone }: CalendarDetails): string | null {
  if (!where) return online ?? phone ?? null;
  return oneLine(sayPlace(where));
}

function description({ notes, online, phone }: CalendarDetails): string | null {
  const lines = [...notes.split(/\r\n|\r|\n/), online ?? '', phone ?? '']
    .map(oneLine)
    .filter((line) => line !== '');
  return lines.length > 0 ? lines.join('\n') : null;
}

/** Calendars refuse the whole file over a stray control character, which pasted text may hold. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
