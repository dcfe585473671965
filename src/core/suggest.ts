/**
 * Which few occurrences to offer someone, and why each, in ids that words are looked up by. What is best is decided by the ranking;
 * here it is seen to that somebody far from everything is offered company online, and that each reason given is true.
 */

import type { MeetingIndex } from './meeting-index.ts';
import type { Occurrence } from './occurrence.ts';
import { type Candidate, meets, NEARBY_KM, type Want, type Wish, wantable } from './ranking.ts';
import { toLocal } from './time.ts';

/**
 * Why one is offered. A `wish-`, and 'lar' and 'medication', is something the person hoped for and the meeting has; each of the
 * others holds for that suggestion alone among those it is offered with.
 */
export type ReasonId =
  | `wish-${Exclude<(typeof wantable)[number], 'lar' | 'medication'>}`
  | 'lar'
  | 'medication'
  | 'soonest'
  | 'nearest'
  | 'first-days'
  | 'beginners'
  | 'open'
  | 'online'
  | 'fellowship'
  | 'another-day'
  | 'another-time'
  | 'another-place'
  | 'another-group';

/** `km` is as the crow flies, to one decimal; null when one takes part from home. */
export type Suggestion = Occurrence & { km: number | null; reasons: ReasonId[] };

const FIRST_DAYS = 48 * 3_600_000;

/**
 * The `count` best occurrences by the ranking, best first, at most one per meeting. With none near enough to go to on an ordinary
 * evening, the best one online takes the last place, as a bridge until something nearer is found.
 * @returns fewer than `count`, or none, when there are no more within two weeks
 */
export function suggest(meetings: MeetingIndex, wish: Wish, count = 3): Suggestion[] {
  const chosen = meetings.find(wish, count).best;
  const near = ({ km }: Candidate) => km !== null && km <= NEARBY_KM;
  if (chosen.length > 0 && !chosen.some(near) && meetings.find(wish, 1, 'nearby').best.length === 0) {
    const online = meetings.find(wish, 1, 'online').best[0];
    if (online && !chosen.some(({ id }) => id === online.id)) chosen[chosen.length - 1] = online;
  }
  return chosen.map((one) => ({
    meeting: one.meeting,
    date: one.date,
    starts: one.starts,
    km: one.km,
    reasons: reasons(
      one,
      chosen.filter((other) => other !== one),
      wish,
    ),
  }));
}

/** The wishes it meets, then the facts that set it apart from all it is offered with; else what is merely different about it. */
function reasons(one: Candidate, others: readonly Candidate[], wish: Wish): ReasonId[] {
  const alone = (fact: (candidate: Candidate) => unknown) =>
    others.every((other) => fact(other) !== fact(one));
  const has = (mark: (candidate: Candidate) => boolean) => mark(one) && alone(mark);
  const { km } = one;
  const wished = wantable.filter((want) => wish.wants?.includes(want) && meets(one.meeting, want));
  const unsaid = (want: Want) => !wished.some((said) => said === want);
  const out = wish.discharge ?? Number.POSITIVE_INFINITY;

  const facts: [ReasonId, boolean][] = [
    ...wished.map((want): [ReasonId, boolean] => [
      want === 'lar' || want === 'medication' ? want : `wish-${want}`,
      true,
    ]),
    ['soonest', others.every((other) => one.starts < other.starts)],
    ['nearest', km !== null && others.every((other) => other.km === null || km < other.km)],
    ['first-days', has(({ starts }) => starts >= out && starts < out + FIRST_DAYS)],
    ['beginners', unsaid('beginners') && has(({ meeting }) => meeting.marks.includes('beginners'))],
    ['open', unsaid('open') && has(({ meeting }) => meeting.openness === 'open')],
    ['online', unsaid('online') && has((each) => each.km === null)],
    ['fellowship', others.length > 0 && alone(({ meeting }) => meeting.fellowship)],
  ];
  const found = facts.filter(([, holds]) => holds).map(([id]) => id);
  if (found.length > 0) return found;
  if (alone(({ starts }) => toLocal(starts, wish.zone).date)) return ['another-day'];
  if (alone(({ starts }) => starts)) return ['another-time'];
  if (alone(({ meeting }) => meeting.place && `${meeting.place.lat} ${meeting.place.lon}`))
    return ['another-place'];
  return ['another-group'];
}
