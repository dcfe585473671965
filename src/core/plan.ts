/**
 * A plan: the person means to go to one occurrence of a meeting. It copies what it needs from the meeting, so that a
 * reminder says what was promised; whether the meeting still runs is asked of the list, not of the plan.
 */
import { freshness, type Openness, type Point } from './meeting.ts';
import type { MeetingIndex } from './meeting-index.ts';
import { occurrenceOn } from './occurrence.ts';
import type { Millis } from './time.ts';

export type Plan = {
  /** meeting@date, so that planning the same again is no new plan. */
  id: string;
  meeting: string;
  name: string;
  fellowship: string;
  openness: Openness;
  date: string;
  starts: Millis;
  minutes: number;
  zone: string;
  where: ({ name: string; address: string; postcode: string; town: string } & Point) | null;
  online: string | null;
  /** The number to take part by. */
  phone?: string;
  notes: string;
  made: Millis;
};

/** The plan that lies ahead, if there is one. */
export const upcoming = (plans: readonly Plan[], now: Millis): Plan | undefined =>
  plans.find((plan) => plan.starts > now);

/** `added` takes the place of what else lay ahead; what lies behind waits for its answer. */
export const withPlan = (plans: readonly Plan[], added: Plan, now: Millis): Plan[] => [
  ...plans.filter((plan) => plan.starts <= now && plan.id !== added.id),
  added,
];

export const withoutPlan = (plans: readonly Plan[], id: string | undefined): Plan[] =>
  plans.filter((plan) => plan.id !== id);

/** Whether the list does not say any more that it runs then: it is gone, held back, moved, or its list too old. */
export function isOff({ meeting: id, date, starts }: Plan, meetings: MeetingIndex, now: Millis): boolean {
  const meeting = meetings.get(id);
  if (!meeting || freshness(meeting.read, now) === 'expired') return true;
  return occurrenceOn(meeting, date)?.starts !== starts;
}
