/**
 * What is asked around a planned meeting: the day before, two hours before, the morning after, and once more if
 * nobody answered. The schedule is a function of the plan; what was done is remembered by plan, date and kind, so
 * that nothing is ever said twice, and what came too late is skipped and seen.
 */
import { isOff, type Plan, withoutPlan } from '../plan.ts';
import { agreed, enrolled, type Person } from '../records.ts';
import { addDays, atLocal, isQuiet, type Millis, quietBegan, quietEnds, toLocal } from '../time.ts';
import type { Part, Rule, Turn } from '../turn.ts';

const minute: Millis = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

type Kind = 'day-before' | 'two-hours' | 'check-in' | 'check-in-again';
/** `until`: the last moment at which it still helps. */
type Moment = { kind: Kind; at: Millis; until: Millis };

const done = (plan: Plan, kind: Kind): string => `${plan.id}/${kind}`;

/** Every moment of a plan, in order, for a person with these quiet hours. Pure and total: the same plan, the same moments. */
export function moments(plan: Plan, person: Pick<Person, 'quiet' | 'zone'>): Moment[] {
  const { quiet, zone } = person;
  const local = toLocal(plan.starts, zone);
  const found: Moment[] = [];

  const sameTimeYesterday = atLocal(addDays(local.date, -1), local.time, zone);
  if (plan.made <= sameTimeYesterday) {
    const at = kindlyOn(sameTimeYesterday, person);
    if (at > plan.made) found.push({ kind: 'day-before', at, until: plan.starts - 3 * hour });
  }
  const twoHours = plan.starts - 2 * hour;
  const awake = quietEnds(twoHours, quiet, zone);
  if (plan.made <= twoHours && awake <= plan.starts - 45 * minute) {
    found.push({ kind: 'two-hours', at: awake, until: plan.starts - 20 * minute });
  }
  const next = addDays(toLocal(plan.starts + plan.minutes * minute, zone).date, 1);
  const morning = quietEnds(atLocal(next, '10:00', zone), quiet, zone);
  found.push({ kind: 'check-in', at: morning, until: morning + 2 * day });
  const again = quietEnds(atLocal(addDays(next, 3), '12:00', zone), quiet, zone);
  found.push({ kind: 'check-in-again', at: again, until: again + 2 * day });
  return found;
}

/** The same day if it can be: a quiet morning waits until it is over, a quiet evening is forestalled. */
function kindlyOn(at: Millis, { quiet, zone }: Pick<Person, 'quiet' | 'zone'>): Millis {
  if (!isQuiet(at, quiet, zone)) return at;
  const over = quietEnds(at, quiet, zone);
  return toLocal(over, zone).date === toLocal(at, zone).date
    ? over
    : quietBegan(at, quiet, zone) - 15 * minute;
}

const wanted = (person: Person): boolean =>
  enrolled(person) && agreed(person, 'reminders') && person.reachable;

/**
 * The next moment of any plan that nothing has been done about. One that went by while reminders were not wanted comes
 * when they are again, but not at night.
 */
export const reminding = (person: Person): Millis | null => {
  const at = next(person)?.moment.at;
  if (at === undefined) return null;
  return at > person.heard ? at : quietEnds(person.heard, person.quiet, person.zone);
};

function next(person: Person): { plan: Plan; moment: Moment } | undefined {
  if (!wanted(person)) return undefined;
  return person.plans
    .flatMap((plan) => moments(plan, person).map((moment) => ({ plan, moment })))
    .filter(({ plan, moment }) => !person.reminded.includes(done(plan, moment.kind)))
    .reduce<{ plan: Plan; moment: Moment } | undefined>(
      (first, one) => (first && first.moment.at <= one.moment.at ? first : one),
      undefined,
    );
}

export const remind: Rule = (turn, event) => {
  if (event.kind !== 'due' || event.matter !== 'plan') return false;
  const due = next(turn.person);
  if (!due || due.moment.at > turn.now) return true;
  const { plan, moment } = due;
  turn.person.reminded = [...stillOfUse(turn), done(plan, moment.kind)];
  if (turn.now > moment.until) {
    turn.fact('reminder-skipped', { plan: plan.id, kind: moment.kind, reason: 'too-late' });
    return true;
  }
  const before = moment.kind === 'day-before' || moment.kind === 'two-hours';
  if (before && isOff(plan, turn.reference.meetings, turn.now)) {
    turn.fact('plan-off', { plan: plan.id });
    turn.person.plans = withoutPlan(turn.person.plans, plan.id);
    turn.open('meeting/off', 'reminder', { plan: plan.id, name: plan.name });
    return true;
  }
  const purpose = before ? 'reminder' : 'check-in';
  turn.fact('reminder-due', { plan: plan.id, kind: moment.kind });
  const { id, date, fellowship } = plan;
  turn.open(`reminder/${moment.kind}`, purpose, { plan: id, date, fellowship });
  return true;
};

/** What a restored store holds as still to come, but lies behind by now, is not asked again. */
export const letPass: Rule = (turn, event) => {
  if (event.kind !== 'restored') return false;
  const { person, now } = turn;
  const passed = person.plans.flatMap((plan) =>
    moments(plan, person)
      .filter(({ at }) => at <= now)
      .map(({ kind }) => done(plan, kind)),
  );
  person.reminded = [...new Set([...stillOfUse(turn), ...passed])];
  return false;
};

/** What lies a month back can never be planned again. */
function stillOfUse(turn: Turn): string[] {
  const oldest = addDays(toLocal(turn.now, turn.person.zone).date, -31);
  return turn.person.reminded.filter((entry) => (entry.split('@')[1] ?? '').slice(0, 10) >= oldest);
}

export const vocabulary: Part = {
  entries: [
    'meeting/off',
    'reminder/day-before',
    'reminder/two-hours',
    'reminder/check-in',
    'reminder/check-in-again',
  ],
  conditions: {},
  actions: {},
  readers: {},
  options: {},
  values: { offMeeting: (_turn, frame) => frame.vars.name ?? '' },
  links: {},
};
