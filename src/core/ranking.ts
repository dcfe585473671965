/**
 * What an occurrence costs somebody, as one sum that can be worked out by hand, so that a person who asks "why this one?" gets a
 * true answer. It leaves out what cannot be reached in time, groups that are not for everyone unless that was asked for, lists that
 * have expired, and the group that fitted badly before. It never makes up a fit: a wish counts only where the facts meet it.
 */

import { distanceKm, freshness, fromHome, type KnownMeeting, type Point } from './meeting.ts';
import { nextOccurrence, type Occurrence, occurrenceId } from './occurrence.ts';
import type { WishFor } from './records.ts';
import type { Millis } from './time.ts';

/** Beside what people wish for: to be welcome with the medication they use. */
export type Want = WishFor | 'medication';

export type Wish = {
  near: Point;
  /** Short names of the fellowships wanted; empty means any. */
  fellowships: readonly string[];
  from: Millis;
  /** Where the person is: decides what counts as another day. */
  zone: string;
  /** Occurrence ids (`meeting@date`) not to offer again. */
  exclude?: readonly string[];
  /** What is hoped for. Groups for women or men only are left out unless named here: to anyone else they are a closed door. */
  wants?: readonly Want[];
  /** Language codes the person gets along in; left out: any. */
  understands?: readonly string[];
  /** Ids of meetings that fitted badly; other meetings of the same group are left out too. */
  avoid?: readonly string[];
  /** When the person leaves or left treatment; the first two days after it count most. */
  discharge?: Millis | null;
};

/** `km` is as the crow flies, to one decimal; null when one takes part from home. `cost` is in whole minutes, so that equal is equal. */
export type Candidate = Occurrence & { id: string; km: number | null; cost: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One needs time to get dressed and go. */
export const LEAD_MINUTES = 30;
/** Without a meeting this near, one online is always among the suggestions. */
export const NEARBY_KM = 60;
/** Farther away than this no meeting in person is offered. */
export const FARTHEST_KM = 150;
/** What lies farther ahead is no suggestion for someone who needs company now. */
export const HORIZON_DAYS = 14;

/**
 * The ranking, in hours of waiting; the least sum wins. A kilometre weighs as much as an hour, being somewhere in person as much as
 * two days, and each wish that is met as much as a day.
 */
const HOURS = {
  perKm: 1,
  online: 48,
  /** A meeting for beginners, or else an open one, is easier to walk into, whether wished for or not. */
  offForBeginners: 12,
  offForOpen: 6,
  offPerWish: 24,
  /** Nobody says that a wheelchair comes in, and that was asked for. */
  unknownSteps: 48,
  foreignLanguage: 24,
  staleList: 12,
  /** The first 24 hours after discharge, and the 24 after these. */
  offFirstDay: 24,
  offSecondDay: 12,
  beforeDischarge: 48,
} as const;

/** All that a meeting could fit, in a fixed order; "company" is found by people, not by choosing a meeting. */
export const wantable = [
  'open',
  'beginners',
  'young',
  'quiet',
  'online',
  'english',
  'women',
  'men',
  'wheelchair',
  'lar',
  'medication',
] as const satisfies Want[];

/** Whether the facts about a meeting meet what is wanted. LAR and medication are met only by people's own word on them. */
export function meets(meeting: KnownMeeting, want: Want): boolean {
  const { marks, vouched } = meeting;
  if (want === 'company') return false;
  if (want === 'open') return meeting.openness === 'open';
  if (want === 'online') return fromHome(meeting);
  if (want === 'english') return meeting.languages?.includes('en') ?? false;
  if (want === 'lar' || want === 'medication') return vouched?.[want] !== undefined;
  if (want === 'young' || want === 'quiet') return marks.includes(want) || vouched?.[want] !== undefined;
  return marks.includes(want);
}

/** The hours that speak for or against a meeting by its own facts, whoever asks and wherever from. */
export function standing({ marks, openness }: KnownMeeting): number {
  if (marks.includes('beginners')) return -HOURS.offForBeginners;
  return openness === 'open' ? -HOURS.offForOpen : 0;
}

/** The hours that the way there costs; `km` null: online. */
export const wayCost = (km: number | null, wish: Wish): number =>
  km === null ? (wish.wants?.includes('online') ? 0 : HOURS.online) : km * HOURS.perKm;

/** The hours off for so many wishes that are met. */
export const fitCost = (met: number): number => -met * HOURS.offPerWish;

/** The hours that a start costs: the wait, from the discharge where that lies ahead, less in the first two days after it. */
export function timeCost(starts: Millis, { from: now, discharge }: Pick<Wish, 'from' | 'discharge'>): number {
  const from = now - (now % MINUTE);
  if (discharge == null) return (starts - from) / HOUR;
  if (starts < discharge) return (starts - from) / HOUR + HOURS.beforeDischarge;
  const off =
    starts < discharge + DAY ? HOURS.offFirstDay : starts < discharge + 2 * DAY ? HOURS.offSecondDay : 0;
  return (starts - Math.max(from, discharge)) / HOUR - off;
}

/** The first moment somebody can be there, the discharge where that lies ahead within the two weeks, and the end of them. */
export function span({ from, discharge }: Wish): { first: Millis; out: Millis | null; until: Millis } {
  const first = from + LEAD_MINUTES * MINUTE;
  const ahead = discharge != null && discharge > first && discharge <= from + HORIZON_DAYS * DAY;
  return {
    first,
    out: ahead ? discharge : null,
    until: (ahead ? discharge : from) + HORIZON_DAYS * DAY,
  };
}

/** What `avoid` names: the meetings and their groups. Two meetings are of one group by fellowship, name and town. */
export const groupOf = ({ fellowship, name, place }: KnownMeeting): string =>
  JSON.stringify([fellowship, name, place?.town ?? null]);

/** Whether a meeting may be offered at all, before it is asked where and when. `avoided`: groups by `groupOf`. */
export function admits(meeting: KnownMeeting, wish: Wish, avoided: ReadonlySet<string>): boolean {
  if (wish.fellowships.length > 0 && !wish.fellowships.includes(meeting.fellowship)) return false;
  const closedTo = (['women', 'men'] as const).some(
    (group) => meeting.marks.includes(group) && !wish.wants?.includes(group),
  );
  if (closedTo || freshness(meeting.read, wish.from) === 'expired') return false;
  return !wish.avoid?.includes(meeting.id) && (avoided.size === 0 || !avoided.has(groupOf(meeting)));
}

/**
 * The occurrence of a meeting that costs least, with its cost: hours of waiting + kilometres (or 48 when online, unless that is
 * wished for) - 24 for each wish met - 12 for beginners, else - 6 when open, + 48 for steps nobody has told of, + 24 in a language
 * not understood, + 12 from a stale list; less by 24 and 12 in the first two days after discharge, + 48 before it.
 * @returns null when it cannot be reached within two weeks, or was turned down
 */
export function candidate(meeting: KnownMeeting, wish: Wish): Candidate | null {
  const away = meeting.place ? distanceKm(wish.near, meeting.place) : Number.POSITIVE_INFINITY;
  // Nobody travels for hours to a meeting they can take part in from home.
  const there = away <= (fromHome(meeting) ? NEARBY_KM : FARTHEST_KM);
  if (!there && !fromHome(meeting)) return null;
  const km = there ? Math.round(away * 10) / 10 : null;
  const { first, out, until } = span(wish);
  const times = [firstWanted(meeting, first, until, wish), out && firstWanted(meeting, out, until, wish)];
  const bare = bareCost(meeting, km, wish);
  return times
    .flatMap((next) =>
      next
        ? [{ ...next, id: occurrenceId(next), km, cost: inMinutes(bare + timeCost(next.starts, wish)) }]
        : [],
    )
    .reduce<Candidate | null>((best, one) => (best && before(best, one) <= 0 ? best : one), null);
}

/** Hours as whole minutes: a wait is, and so is a tenth of a kilometre. */
export const inMinutes = (hours: number): number => Math.round(60 * hours);

/** Which of two comes first; equal sums by id, so that ties are broken the same way every time. */
export const before = (a: Candidate, b: Candidate): number => a.cost - b.cost || (a.id < b.id ? -1 : 1);

function firstWanted(meeting: KnownMeeting, from: Millis, until: Millis, wish: Wish): Occurrence | null {
  let next = nextOccurrence(meeting, from, until);
  while (next && wish.exclude?.includes(occurrenceId(next))) {
    next = nextOccurrence(meeting, next.starts + 1, until);
  }
  return next;
}

function bareCost(meeting: KnownMeeting, km: number | null, wish: Wish): number {
  const { wants = [], understands, from } = wish;
  const met = wantable.filter((want) => wants.includes(want) && meets(meeting, want)).length;
  const steps = km !== null && wants.includes('wheelchair') && !meets(meeting, 'wheelchair');
  const foreign = understands && meeting.languages?.every((language) => !understands.includes(language));
  return (
    wayCost(km, wish) +
    standing(meeting) +
    fitCost(met) +
    (steps ? HOURS.unknownSteps : 0) +
    (foreign ? HOURS.foreignLanguage : 0) +
    (freshness(meeting.read, from) === 'stale' ? HOURS.staleList : 0)
  );
}
