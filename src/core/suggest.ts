/**
 * Which few occurrences to offer someone, and why each. The ranking is one sum that can be worked out by hand, so that a person who
 * asks "why this one?" gets a true answer. It never offers what cannot be reached in time, nor a group that is not for everyone
 * unless that was asked for.
 */

import {
  distanceKm,
  type Mark,
  type Meeting,
  nextOccurrence,
  type Occurrence,
  occurrenceId,
  type Point,
} from './meeting.ts';
import { type Millis, toLocal } from './time.ts';

export type Wish = {
  near: Point;
  /** Short names of the fellowships wanted; empty means any. */
  fellowships: readonly string[];
  from: Millis;
  /** Where the person is: decides what counts as another day. */
  zone: string;
  /** Occurrence ids (`meeting@date`) not to offer again. */
  exclude?: readonly string[];
  /** Groups for women or men only, left out unless named here: to anyone else they are a closed door. */
  only?: readonly ('women' | 'men')[];
};

/** Why one is offered. Each given reason holds for that suggestion alone among those it is offered with. */
export type ReasonId =
  | 'soonest'
  | 'nearest'
  | 'beginners'
  | 'open'
  | 'online'
  | 'fellowship'
  | 'another-day'
  | 'another-time'
  | 'another-place'
  | 'another-group';

/** `km` is as the crow flies, to one decimal; null when one takes part online. */
export type Suggestion = Occurrence & { km: number | null; reasons: ReasonId[] };

/** One needs time to get dressed and go. */
export const LEAD_MINUTES = 30;
/** Without a meeting this near, one online is always among the suggestions. */
export const NEARBY_KM = 60;
/** Farther away than this no meeting in person is offered. */
export const FARTHEST_KM = 150;
/** What lies farther ahead is no suggestion for someone who needs company now. */
export const HORIZON_DAYS = 14;

/** The ranking in hours of waiting: a kilometre weighs as much as an hour, and being somewhere in person as much as two days. */
const HOURS_PER_KM = 1;
const HOURS_FOR_ONLINE = 48;
const HOURS_OFF_FOR_BEGINNERS = 12;
const HOURS_OFF_FOR_OPEN = 6;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Candidate = Occurrence & { id: string; km: number | null; cost: number };

/**
 * The `count` best occurrences, best first, at most one per meeting. The one with the least sum of these wins:
 * hours until it starts + kilometres (or 48 when online) - 12 when it is for beginners, else - 6 when it is open. Equal sums: by id.
 * @returns fewer than `count`, or none, when there are no more within two weeks
 */
export function suggest(meetings: readonly Meeting[], wish: Wish, count = 3): Suggestion[] {
  const ranked = meetings
    .map((meeting) => candidate(meeting, wish))
    .filter((found) => found !== null)
    .sort((a, b) => a.cost - b.cost || (a.id < b.id ? -1 : 1));
  const chosen = ranked.slice(0, Math.max(0, count));
  const nearby = ranked.some(({ km }) => km !== null && km <= NEARBY_KM);
  const online = ranked.find(({ km }) => km === null);
  if (!nearby && online && chosen.length > 0 && !chosen.includes(online)) chosen[chosen.length - 1] = online;
  return chosen.map((one) => ({
    meeting: one.meeting,
    date: one.date,
    starts: one.starts,
    km: one.km,
    reasons: reasons(
      one,
      chosen.filter((other) => other !== one),
      wish.zone,
    ),
  }));
}

function candidate(meeting: Meeting, wish: Wish): Candidate | null {
  if (wish.fellowships.length > 0 && !wish.fellowships.includes(meeting.fellowship)) return null;
  if (!welcomes(meeting.marks, wish.only ?? [])) return null;
  const away = meeting.place ? distanceKm(wish.near, meeting.place) : Number.POSITIVE_INFINITY;
  const inPerson = away <= FARTHEST_KM;
  if (!inPerson && meeting.online === null) return null;

  let next = nextOccurrence(meeting, wish.from + LEAD_MINUTES * MINUTE);
  while (wish.exclude?.includes(occurrenceId(next))) next = nextOccurrence(meeting, next.starts + 1);
  if (next.starts > wish.from + HORIZON_DAYS * DAY) return null;

  const km = inPerson ? Math.round(away * 10) / 10 : null;
  const welcome = meeting.marks.includes('beginners')
    ? HOURS_OFF_FOR_BEGINNERS
    : meeting.openness === 'open'
      ? HOURS_OFF_FOR_OPEN
      : 0;
  const cost =
    (next.starts - wish.from) / HOUR + (km === null ? HOURS_FOR_ONLINE : km * HOURS_PER_KM) - welcome;
  return { ...next, id: occurrenceId(next), km, cost };
}

function welcomes(marks: readonly Mark[], only: readonly ('women' | 'men')[]): boolean {
  return (['women', 'men'] as const).every((group) => !marks.includes(group) || only.includes(group));
}

/** The facts that set one apart from all the others it is offered with; when there are none, what is merely different about it. */
function reasons(one: Candidate, others: readonly Candidate[], zone: string): ReasonId[] {
  const alone = (fact: (candidate: Candidate) => unknown) =>
    others.every((other) => fact(other) !== fact(one));
  const has = (mark: (candidate: Candidate) => boolean) => mark(one) && alone(mark);
  const { km } = one;

  const facts: [ReasonId, boolean][] = [
    ['soonest', others.every((other) => one.starts < other.starts)],
    ['nearest', km !== null && others.every((other) => other.km === null || km < other.km)],
    ['beginners', has(({ meeting }) => meeting.marks.includes('beginners'))],
    ['open', has(({ meeting }) => meeting.openness === 'open')],
    ['online', has((each) => each.km === null)],
    ['fellowship', others.length > 0 && alone(({ meeting }) => meeting.fellowship)],
  ];
  const found = facts.filter(([, holds]) => holds).map(([id]) => id);
  if (found.length > 0) return found;
  if (alone(({ starts }) => toLocal(starts, zone).date)) return ['another-day'];
  if (alone(({ starts }) => starts)) return ['another-time'];
  if (alone(({ meeting }) => meeting.place && `${meeting.place.lat} ${meeting.place.lon}`))
    return ['another-place'];
  return ['another-group'];
}
