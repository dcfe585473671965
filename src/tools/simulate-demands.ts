/**
 * What a person's plans and wishes demand, and when: worked out here a second time, with zoned times of Temporal, so
 * that a simulation has something to hold the program against. It must share no code with the rules it judges.
 */
import type { Purpose } from '../core/purpose.ts';
import type { Millis, Quiet } from '../core/time.ts';

/** A plan as the person knows it; `starts` is worked out from the list of meetings, not taken from the record. */
export type KnownPlan = { id: string; name: string; starts: Millis; minutes: number; made: Millis };

/** How things stand between a person and the program, from `at` until the next standing. */
export type Standing = {
  at: Millis;
  /** Null while nobody is on record. */
  person: string | null;
  /** When they are forgotten unless they do something; null for whoever is enrolled. */
  forgotten: Millis | null;
  /** They have blocked the chat. */
  away: boolean;
  plans: KnownPlan[];
  quiet: Quiet;
  zone: string;
  /** Enrolled, and said yes to reminders. */
  agreed: boolean;
  discreet: boolean;
  paused: Millis | null;
  stopped: boolean;
  crisis: boolean;
  /** A moment of the day on which a thought, or a question after a crisis, was promised. */
  later: Millis | null;
  aftermath: Millis | null;
  /** Open questions that silence leads on from; `grave` when it leads into a crisis. */
  silences: { wait: string; at: Millis; grave: boolean }[];
  /** The plans that the person's own answer may have ended just now. */
  ended: string[];
};

export type Kind =
  | 'day-before'
  | 'two-hours'
  | 'check-in'
  | 'check-in-again'
  | 'nudge'
  | 'aftercare'
  | 'silence';

/** `at`: when it is due; `until`: the last moment at which it still helps. */
export type Demand = { key: string; kind: Kind; plan: KnownPlan | null; at: Millis; until: Millis };

/** What each kind is sent as; silence leads on to an answer. */
export const purposeOf: Record<Kind, Purpose> = {
  'day-before': 'reminder',
  'two-hours': 'reminder',
  'check-in': 'check-in',
  'check-in-again': 'check-in',
  nudge: 'nudge',
  aftercare: 'aftercare',
  silence: 'answer',
};

type Moment = { kind: Kind; at: Millis; until: Millis };

const local = (at: Millis, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

function asleep(moment: Temporal.ZonedDateTime, { from, to }: Quiet): boolean {
  const time = moment.toPlainTime().toString({ smallestUnit: 'minute' });
  if (from === to) return false;
  return from < to ? from <= time && time < to : from <= time || time < to;
}

function wakes(moment: Temporal.ZonedDateTime, quiet: Quiet): Temporal.ZonedDateTime {
  if (!asleep(moment, quiet)) return moment;
  const sameDay = moment.withPlainTime(quiet.to);
  const later = Temporal.ZonedDateTime.compare(sameDay, moment) > 0;
  return later ? sameDay : moment.add({ days: 1 }).withPlainTime(quiet.to);
}

export const isAsleep = (at: Millis, quiet: Quiet, zone: string): boolean => asleep(local(at, zone), quiet);

/** The first moment from `at` on that is not in the quiet hours. */
export const awake = (at: Millis, quiet: Quiet, zone: string): Millis =>
  wakes(local(at, zone), quiet).epochMilliseconds;

/** The same time on the next day of the calendar, which may be 23 or 25 hours away. */
export const tomorrow = (at: Millis, zone: string): Millis =>
  local(at, zone).add({ days: 1 }).epochMilliseconds;

/** Everything that is demanded as things stand, whenever it is due. */
export function demandsOf(standing: Standing): Demand[] {
  const { person, quiet, zone, later, aftermath, silences } = standing;
  if (person === null) return [];
  const ofPlans = standing.plans.flatMap((plan) =>
    momentsOf(plan, quiet, zone).map((moment) => ({
      ...moment,
      key: `${person} ${plan.id} ${moment.kind}`,
      plan,
    })),
  );
  const promised = (kind: Kind, on: Millis, time: string): Demand => {
    const at = wakes(local(on, zone).withPlainTime(time), quiet);
    const until = at.add({ days: 2 }).epochMilliseconds;
    return {
      key: `${person} ${kind} ${at.toPlainDate()}`,
      kind,
      plan: null,
      at: at.epochMilliseconds,
      until,
    };
  };
  return [
    ...ofPlans,
    ...(later === null ? [] : [promised('nudge', later, '12:00')]),
    ...(aftermath === null ? [] : [promised('aftercare', aftermath, '11:00')]),
    ...silences.map(({ wait, at }) => ({
      key: `silence ${wait}`,
      kind: 'silence' as const,
      plan: null,
      at,
      until: at,
    })),
  ];
}

/** Plans are looked at after every event of their person and seldom change. */
const known = new WeakMap<KnownPlan, { for: string; moments: Moment[] }>();

function momentsOf(plan: KnownPlan, quiet: Quiet, zone: string): Moment[] {
  const asked = `${quiet.from} ${quiet.to} ${zone}`;
  const before = known.get(plan);
  if (before?.for === asked) return before.moments;
  const moments = [
    ...dayBefore(plan, quiet, zone),
    ...twoHours(plan, quiet, zone),
    ...after(plan, quiet, zone),
  ];
  known.set(plan, { for: asked, moments });
  return moments;
}

/** At the meeting's own time the day before; out of the night to the morning of that day, or to the evening before. */
function dayBefore(plan: KnownPlan, quiet: Quiet, zone: string): Moment[] {
  const starts = local(plan.starts, zone);
  const yesterday = starts.subtract({ days: 1 });
  if (plan.made > yesterday.epochMilliseconds) return [];
  const morning = wakes(yesterday, quiet);
  const at = morning.toPlainDate().equals(yesterday.toPlainDate())
    ? morning
    : yesterday.withPlainTime(quiet.from).subtract({ minutes: 15 });
  if (at.epochMilliseconds <= plan.made) return [];
  const until = starts.subtract({ hours: 3 }).epochMilliseconds;
  return [{ kind: 'day-before', at: at.epochMilliseconds, until }];
}

/** Two hours before, or when the night ends if that leaves three quarters of an hour. */
function twoHours(plan: KnownPlan, quiet: Quiet, zone: string): Moment[] {
  const starts = local(plan.starts, zone);
  const before = starts.subtract({ hours: 2 });
  const at = wakes(before, quiet).epochMilliseconds;
  if (plan.made > before.epochMilliseconds) return [];
  if (at > starts.subtract({ minutes: 45 }).epochMilliseconds) return [];
  return [{ kind: 'two-hours', at, until: starts.subtract({ minutes: 20 }).epochMilliseconds }];
}

/** At ten the morning after, and once more at noon three days later. */
function after(plan: KnownPlan, quiet: Quiet, zone: string): Moment[] {
  const nextDay = local(plan.starts, zone).add({ minutes: plan.minutes }).add({ days: 1 });
  const moment = (kind: Kind, day: Temporal.ZonedDateTime, time: string): Moment => {
    const at = wakes(day.withPlainTime(time), quiet);
    return { kind, at: at.epochMilliseconds, until: at.add({ days: 2 }).epochMilliseconds };
  };
  return [moment('check-in', nextDay, '10:00'), moment('check-in-again', nextDay.add({ days: 3 }), '12:00')];
}
