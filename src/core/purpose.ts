/**
 * Why a message is sent, and the one table of what follows from that: its place in the queue, whether it may come
 * unprompted, at night, during a pause, after STOP or in a crisis, and how long it stays worth sending.
 * No rule decides these things by itself; they all ask `mayGo`.
 */
import type { Millis } from './time.ts';
import { isQuiet, type Quiet, quietEnds } from './time.ts';

export type Purpose = 'safety' | 'answer' | 'aftercare' | 'reminder' | 'check-in' | 'nudge' | 'farewell';

type Conduct = {
  /** Lower goes first: answers overtake what is sent in bulk. */
  priority: number;
  /** Nobody asked for it just now, so a locked screen may show it: neutral until tapped when the person is discreet. */
  unprompted: boolean;
  /** What happens in quiet hours, while paused, after STOP and in a crisis. */
  quiet: 'pass' | 'hold';
  paused: 'pass' | 'drop';
  stopped: 'pass' | 'drop';
  crisis: 'pass' | 'drop';
  /** How long after it was written it is still worth sending, in milliseconds. */
  lasts: Millis;
};

const hour = 3_600_000;
const day = 24 * hour;
const always = { quiet: 'pass', paused: 'pass', stopped: 'pass', crisis: 'pass' } as const;
const considerate = { quiet: 'hold', paused: 'drop', stopped: 'drop', crisis: 'drop' } as const;

/**
 * A send whose fate is unknown is tried again for every purpose: each message here is bearable twice, and a missing
 * one can leave somebody alone at a door.
 */
export const purposes: Readonly<Record<Purpose, Conduct>> = {
  safety: { priority: 0, unprompted: false, ...always, lasts: 2 * day },
  answer: { priority: 1, unprompted: false, ...always, lasts: 2 * day },
  farewell: { priority: 1, unprompted: false, ...always, lasts: day },
  aftercare: {
    ...considerate,
    priority: 2,
    unprompted: true,
    paused: 'pass',
    crisis: 'pass',
    lasts: 2 * day,
  },
  reminder: { priority: 2, unprompted: true, ...considerate, lasts: 6 * hour },
  'check-in': { priority: 3, unprompted: true, ...considerate, lasts: 2 * day },
  nudge: { priority: 3, unprompted: true, ...considerate, lasts: 2 * day },
};

/** What a person has said about being written to. */
export type Reach = {
  zone: string;
  quiet: Quiet;
  paused: Millis | null;
  stopped: boolean;
  crisis: { since: Millis } | null;
  reachable: boolean;
};

export type Leave = { go: true } | { go: false; hold: Millis } | { go: false; drop: string };

/**
 * May a message of this purpose, written at `written`, go to this person at `now`? Hold says until when (ms). Where
 * nobody is on record (any more) only its age counts.
 */
export function mayGo(purpose: Purpose, written: Millis, person: Reach | null, now: Millis): Leave {
  const conduct = purposes[purpose];
  if (now - written > conduct.lasts) return { go: false, drop: 'too-late' };
  if (!person) return { go: true };
  if (!person.reachable && conduct.unprompted) return { go: false, drop: 'unreachable' };
  if (person.stopped && conduct.stopped === 'drop') return { go: false, drop: 'stopped' };
  if (person.crisis && conduct.crisis === 'drop') return { go: false, drop: 'crisis' };
  if (person.paused && person.paused > now && conduct.paused === 'drop') return { go: false, drop: 'paused' };
  if (conduct.quiet === 'hold' && isQuiet(now, person.quiet, person.zone)) {
    return { go: false, hold: quietEnds(now, person.quiet, person.zone) };
  }
  return { go: true };
}
