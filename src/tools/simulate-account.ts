/**
 * The account of a simulation: what one person's plans demanded, set against what their chat received. A pure
 * function of the two, so that a test can hand it lists in which something is missing or doubled. It must never ask
 * the program what it believes to have sent.
 */
import type { Purpose } from '../core/purpose.ts';
import type { Millis } from '../core/time.ts';
import {
  awake,
  type Demand,
  demandsOf,
  isAsleep,
  type KnownPlan,
  purposeOf,
  type Standing,
} from './simulate-demands.ts';

/** Something received that the person did not bring about just then. */
export type Receipt = {
  at: Millis;
  purpose: Purpose;
  text: string;
  /** Its words give nothing away. */
  neutral: boolean;
  /** Which standing was in force when it was sent. */
  under: number;
};

export type Ledger = { standings: Standing[]; received: Receipt[] };

/** What must never happen; `vanished` is a plan that was gone although nobody ended it. */
export const wrongs = [
  'lost',
  'late',
  'doubled',
  'unasked',
  'in-quiet-hours',
  'silenced',
  'exposed',
  'vanished',
] as const;
export type Wrong = (typeof wrongs)[number];

export type Verdict = {
  due: number;
  sent: number;
  /** Why -> how many; what was withdrawn is part of what was due. */
  withdrawn: Record<string, number>;
  wrong: { at: Millis; wrong: Wrong; what: string }[];
};

const minute: Millis = 60_000;
const day = 24 * 60 * minute;
const tolerance = minute;
/** A plan that nobody has spoken of is laid aside by then. */
export const fades = 7 * day;
const considerate: readonly Purpose[] = ['reminder', 'check-in', 'nudge', 'aftercare'];

/** Everything up to `end`. */
export function settleAccount(ledger: Ledger, end: Millis): Verdict {
  const { expected, withdrawn, wrong } = expectations(ledger.standings, end);
  const { sent, wrong: mismatched } = match(expected, ledger.received);
  const reasons = Object.groupBy(withdrawn.values(), (reason) => reason);
  return {
    due: expected.length + withdrawn.size,
    sent,
    withdrawn: Object.fromEntries(Object.entries(reasons).map(([why, all]) => [why, all?.length ?? 0])),
    wrong: [...wrong, ...mismatched, ...ledger.received.flatMap((one) => misplaced(one, ledger.standings))],
  };
}

type Expected = { demand: Demand; at: Millis };
type Open = { demand: Demand; obstacle: string | null };

/** Walks through the standings: what must have been received when, and what need not be any more, and why. */
function expectations(standings: Standing[], end: Millis) {
  const open = new Map<string, Open>();
  const done = new Set<string>();
  const expected: Expected[] = [];
  const withdrawn = new Map<string, string>();
  const wrong: Verdict['wrong'] = [];
  let before: Standing | undefined;
  let stranded: KnownPlan[] = [];

  for (const [i, standing] of standings.entries()) {
    const until = Math.min(standings[i + 1]?.at ?? end, standing.forgotten ?? end, end);
    const missing = before ? vanished(before, standing) : [];
    for (const plan of missing)
      wrong.push({ at: standing.at, wrong: 'vanished', what: `${plan.id} is gone, and nobody ended it` });
    stranded = [...stranded, ...missing].filter(
      ({ id, starts }) =>
        standing.person && standing.at < starts + fades && !standing.plans.some((plan) => plan.id === id),
    );
    const now = { ...standing, plans: [...standing.plans, ...stranded] };
    const demands = demandsOf(now);
    const stands = new Set(demands.map(({ key }) => key));
    for (const [key, { demand, obstacle }] of open) {
      if (stands.has(key)) continue;
      open.delete(key);
      withdrawn.set(key, obstacle ?? reasonFor(demand, before, now));
    }
    for (const demand of demands) {
      const { key } = demand;
      if (done.has(key)) continue;
      withdrawn.delete(key);
      const outcome = meet(demand, open.get(key)?.obstacle ?? null, now, until);
      if ('obstacle' in outcome) open.set(key, { demand, obstacle: outcome.obstacle });
      else {
        open.delete(key);
        done.add(key);
        if ('reason' in outcome) withdrawn.set(key, outcome.reason);
        else expected.push({ demand, at: outcome.at });
      }
    }
    before = standing;
  }
  for (const [key, { obstacle }] of open) if (obstacle) withdrawn.set(key, obstacle);
  return { expected, withdrawn, wrong };
}

type Outcome = { at: Millis } | { reason: string } | { obstacle: string | null };

/** What becomes of a demand between the beginning of this standing and `until`. */
function meet(demand: Demand, obstacle: string | null, standing: Standing, until: Millis): Outcome {
  const { kind } = demand;
  const first = Math.max(demand.at, standing.at);
  if (first > until) return { obstacle };
  if (standing.away) return { obstacle: 'blocked' };
  if (demand.plan && !standing.agreed) return { obstacle: 'no consent' };
  if (kind === 'silence') return { at: first };
  const at = awake(first, standing.quiet, standing.zone);
  if (at > until) return { obstacle };
  if (at > demand.until) return { reason: obstacle ?? 'quiet hours' };
  if (standing.stopped) return { reason: 'stopped' };
  if (kind === 'aftercare') return { at };
  if (standing.crisis) return { reason: 'crisis' };
  return (standing.paused ?? 0) > at ? { reason: 'paused' } : { at };
}

/** Plans that went without an answer, a replacement or their time. */
function vanished(before: Standing, { person, plans, ended, at }: Standing): KnownPlan[] {
  if (person === null || person !== before.person) return [];
  const had = new Set(before.plans.map(({ id }) => id));
  const has = new Set(plans.map(({ id }) => id));
  const replaced = plans.some(({ id }) => !had.has(id));
  return before.plans.filter(
    ({ id, starts }) =>
      !has.has(id) && !ended.includes(id) && !(replaced && starts > at) && at < starts + fades,
  );
}

/** Why something is not demanded any more. */
function reasonFor({ kind, plan }: Demand, before: Standing | undefined, now: Standing): string {
  if (now.person === null || now.person !== before?.person) return 'deleted';
  if (kind === 'silence') return 'answered';
  if (!plan) return 'taken back';
  if (now.plans.some(({ id }) => id === plan.id)) return 'quiet hours';
  if (now.ended.includes(plan.id)) return plan.starts > now.at ? 'dropped' : 'answered';
  return plan.starts > now.at ? 'replaced' : 'faded';
}

/** Sets each demand against the one message that met it. */
function match(
  expected: Expected[],
  received: readonly Receipt[],
): { sent: number; wrong: Verdict['wrong'] } {
  const wrong: Verdict['wrong'] = [];
  const left = new Set(received);
  const take = ({ demand }: Expected, from: Millis, to: Millis): boolean => {
    for (const one of left) {
      if (one.at >= from && one.at <= to && meets(demand, one)) return left.delete(one);
    }
    return false;
  };
  const inOrder = expected.toSorted((a, b) => a.at - b.at);
  const unmet = inOrder.filter((one) => !take(one, one.at - tolerance, one.at + tolerance));
  for (const one of unmet) {
    const late = take(one, one.at, one.demand.until + day);
    wrong.push({ at: one.at, wrong: late ? 'late' : 'lost', what: named(one.demand) });
  }
  for (const one of left) {
    const again = inOrder.some(({ demand, at }) => at <= one.at && one.at < at + day && meets(demand, one));
    wrong.push({ at: one.at, wrong: again ? 'doubled' : 'unasked', what: one.purpose });
  }
  return { sent: expected.length - unmet.length, wrong };
}

const meets = ({ kind, plan }: Demand, one: Receipt): boolean =>
  one.purpose === purposeOf[kind] && (one.neutral || plan === null || one.text.includes(plan.name));

const named = ({ kind, plan }: Demand): string => (plan ? `${kind} of ${plan.id}` : kind);

/** What is wrong with a message whether or not it was demanded. */
function misplaced({ at, purpose, neutral, under }: Receipt, standings: Standing[]): Verdict['wrong'] {
  const standing = standings[under];
  if (!standing || !considerate.includes(purpose)) return [];
  const { quiet, zone, stopped, crisis, paused, away, discreet } = standing;
  const waits = purpose !== 'aftercare' && (crisis || (paused ?? 0) > at);
  const found: Wrong[] = [
    ...(isAsleep(at, quiet, zone) ? (['in-quiet-hours'] as const) : []),
    ...(stopped || away || waits ? (['silenced'] as const) : []),
    ...(discreet && !neutral ? (['exposed'] as const) : []),
  ];
  return found.map((wrong) => ({ at, wrong, what: purpose }));
}
