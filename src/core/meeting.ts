/**
 * A meeting (a group's regular gathering), an occurrence (one date of it), and when the next one is. It exists so that "Tuesday 19:00"
 * becomes the right moment on both sides of a change of clocks. It never adds hours to get from one week to the next.
 */

import { addDays, atLocal, type Millis, toLocal, type Weekday, weekdayOf } from './time.ts';

/** What a group says of itself. A 'women' or 'men' meeting is for them only. */
export type Mark = 'beginners' | 'wheelchair' | 'young' | 'women' | 'men' | 'quiet' | 'english';

/** Whether people who do not share the problem may come too. A closed meeting is open to the patient. */
export type Openness = 'open' | 'closed' | 'unknown';

/** A point on the map, in degrees (WGS 84). */
export type Point = { lat: number; lon: number };

/** Where one goes. Parts that a list does not tell are empty; `approximate`: the point is that of the area. */
export type MeetingPlace = {
  name: string;
  address: string;
  postcode: string;
  town: string;
  approximate?: true;
} & Point;

export type Meeting = {
  id: string;
  name: string;
  /** 'AA', 'NA' or another fellowship's own short name. */
  fellowship: string;
  weekday: Weekday;
  /** 'HH:MM' on the wall in `zone`. */
  time: string;
  minutes: number;
  /** IANA name, such as 'Europe/Oslo'. */
  zone: string;
  /** null: online only. */
  place: MeetingPlace | null;
  /** The link to take part by; null: in person only. */
  online: string | null;
  /** The number to take part by telephone; never a member's own. */
  phone?: string;
  openness: Openness;
  /** How to find the door and the like, by language code. */
  notes: Readonly<Record<string, string>>;
  /** The day a person last made sure that it is true, 'YYYY-MM-DD'. */
  confirmed: string;
  marks: readonly Mark[];
  /** Language codes such as 'en'; absent: the language of the place. */
  languages?: readonly string[];
  /** Which weeks of the month it runs in, -1 for the last; absent: every week. */
  weeks?: readonly (1 | 2 | 3 | 4 | 5 | -1)[];
  /** Local dates between which it does not run, both included. */
  pauses?: readonly { from: string; to: string }[];
  closedOnHolidays?: true;
  /** Invented, for trying the program out. */
  demo?: true;
};

/** `date` is the local date in the meeting's own zone. */
export type Occurrence = { meeting: Meeting; date: string; starts: Millis };

/** The name of one occurrence, the same however often it is worked out. */
export function occurrenceId(occurrence: Occurrence): string {
  return `${occurrence.meeting.id}@${occurrence.date}`;
}

/** The first occurrence that starts at or after `from`. */
export function nextOccurrence(meeting: Meeting, from: Millis): Occurrence {
  // From the day before: a start that is skipped by the clocks at midnight belongs to yesterday's date and happens today.
  const first = addDays(toLocal(from, meeting.zone).date, -1);
  let date = addDays(first, (meeting.weekday - weekdayOf(first) + 7) % 7);
  let starts = atLocal(date, meeting.time, meeting.zone);
  while (starts < from) {
    date = addDays(date, 7);
    starts = atLocal(date, meeting.time, meeting.zone);
  }
  return { meeting, date, starts };
}

const EARTH_RADIUS_KM = 6371;

/** Kilometres between two points as the crow flies: across fjords the way there may be far longer. */
export function distanceKm(a: Point, b: Point): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const haversine = (angle: number) => Math.sin(angle / 2) ** 2;
  const chord =
    haversine(radians(b.lat - a.lat)) +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * haversine(radians(b.lon - a.lon));
  // Rounding can lift it a hair above 1 for opposite points, where asin has no answer.
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, chord)));
}
