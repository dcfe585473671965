/**
 * What is known about a list of meetings that came from outside: where it is from, how old it is, what changed, and
 * whether a new edition is to be believed. It exists because a list that breaks or grows old sends people to closed
 * doors; so what is doubtful changes nothing until a person says yes.
 */
import { type Freshness, freshness as fetchedFreshness, type Meeting } from './meeting.ts';
import type { Millis } from './time.ts';

export const listFormats = ['bmlt', 'meeting-guide', 'csv'] as const;
export type ListFormat = (typeof listFormats)[number];

/** Where a list comes from. `url` is null for one that somebody hands over as a file. */
export type Source = {
  id: string;
  format: ListFormat;
  url: string | null;
  fellowship: string;
  /** The zone of its meetings where they name none, an IANA name. */
  zone: string;
};

/** A list without its meetings. */
export type Listing = {
  source: Source;
  /** Rises with every change of its meetings. */
  revision: number;
  meetings: number;
  /** When it was last known to say what its source says. */
  current: Millis;
  /** When it is to be fetched again; null when it comes by hand. */
  next: Millis | null;
  /** How many tries have failed since the last that did not, and why the last one did; for people, not for programs. */
  failures: number;
  trouble: string | null;
  /** What the server gave to ask with whether anything is new. */
  validators: { etag: string | null; modified: string | null };
  /** An edition that is not believed yet: how many meetings it has, and how many it would take away. */
  held: { at: Millis; meetings: number; gone: number } | null;
};

const hour: Millis = 3_600_000;
const day = 24 * hour;
/** A list that comes by hand is stale when a season has passed. */
const handedAges = { stale: 90 * day, expired: 180 * day };

/** How old a list is: `stale` is to be said where it is shown, of an expired one nothing is suggested any more. */
export function freshness({ source, current }: Pick<Listing, 'source' | 'current'>, now: Millis): Freshness {
  if (source.url !== null) return fetchedFreshness(current, now);
  const age = now - current;
  return age > handedAges.expired ? 'expired' : age > handedAges.stale ? 'stale' : 'fresh';
}

export type Difference = {
  added: readonly Meeting[];
  changed: readonly { before: Meeting; after: Meeting }[];
  gone: readonly Meeting[];
};

/** What a new edition changes, meeting by meeting. That somebody confirmed a meeting again is no change. */
export function difference(before: readonly Meeting[], after: readonly Meeting[]): Difference {
  const old = new Map(before.map((meeting) => [meeting.id, meeting]));
  const now = new Set(after.map(({ id }) => id));
  return {
    added: after.filter(({ id }) => !old.has(id)),
    changed: after.flatMap((meeting) => {
      const earlier = old.get(meeting.id);
      return earlier && facts(earlier) !== facts(meeting) ? [{ before: earlier, after: meeting }] : [];
    }),
    gone: before.filter(({ id }) => !now.has(id)),
  };
}

const facts = ({ confirmed: _, ...rest }: Meeting): string =>
  JSON.stringify(Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1)));

/** A source that breaks often does so by sending half of its list. */
const mostGone = 0.3;

/** Whether a person must say yes first: the new edition is empty, or lacks more than 30 % of what stood in the old. */
export const isDoubtful = (before: readonly Meeting[], { gone }: Difference): boolean =>
  before.length > 0 && gone.length > mostGone * before.length;

const between: Millis = 12 * hour;
const longestBackOff: Millis = 24 * hour;

/**
 * When to ask the source again: every twelve hours, later after failures (an hour, two, four, at most a day), and up to
 * an hour off the mark, so that not everybody comes on the hour. `chance` lies in [0, 1).
 */
export function nextFetch(now: Millis, failures: number, chance: number): Millis {
  const wait = failures === 0 ? between : Math.min(hour * 2 ** (failures - 1), longestBackOff);
  return now + wait + Math.floor(chance * hour);
}

/** A listing that has only just been heard of. */
export const newListing = (source: Source): Listing => ({
  source,
  revision: 0,
  meetings: 0,
  current: 0,
  next: null,
  failures: 0,
  trouble: null,
  validators: { etag: null, modified: null },
  held: null,
});
