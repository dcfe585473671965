/**
 * A meeting, a group's regular gathering: what a list says of it, what people know of it, and how far away it is. It is what every
 * list is read into, whatever its format. It never holds a member's name, number or address.
 */

import type { Millis, Weekday } from './time.ts';

/** What a group says of itself. A 'women' or 'men' meeting is for them only. */
export type Mark = 'beginners' | 'wheelchair' | 'young' | 'women' | 'men' | 'quiet';

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

/** A place on one line. Lists may leave parts of it out. */
export const sayPlace = ({ name, address, postcode, town }: Omit<MeetingPlace, keyof Point>): string =>
  [name, address, `${postcode} ${town}`.trim()].filter(Boolean).join(', ');

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

/** Whether one can take part from home, by a link or by telephone. */
export const fromHome = ({ online, phone }: Meeting): boolean => online !== null || phone !== undefined;

/** What only people who have been there can tell, and no list has: it is vouched for and fades. */
export const vouchedMarks = ['lar', 'medication', 'young', 'quiet'] as const;
export type VouchedMark = (typeof vouchedMarks)[number];

/** A meeting with what the clinic and volunteers know of it, and how fresh its list is. */
export type KnownMeeting = Meeting & {
  /** The local day on which somebody last vouched for each mark; those that have faded are left out. */
  vouched?: Readonly<Partial<Record<VouchedMark, string>>>;
  /** When the list it came from was last read successfully; absent: kept by hand, so no list can fall behind. */
  read?: Millis;
};

/** How long ago a list was last read: over 48 hours that is said, over 14 days nothing of it is suggested. */
export type Freshness = 'fresh' | 'stale' | 'expired';

export const STALE_AFTER: Millis = 48 * 3_600_000;
export const EXPIRED_AFTER: Millis = 14 * 24 * 3_600_000;

export function freshness(read: Millis | undefined, now: Millis): Freshness {
  if (read === undefined || now - read <= STALE_AFTER) return 'fresh';
  return now - read <= EXPIRED_AFTER ? 'stale' : 'expired';
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
