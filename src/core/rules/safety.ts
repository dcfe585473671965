/**
 * Safety comes before everything: danger in free text, the crisis that stops all else, and the way out of it.
 * It asks, shows where help is, and never judges, scores or promises that somebody is watching.
 */
import type { Event } from '../event.ts';
import { linesFor } from '../help-lines.ts';
import { agreed, type Frame } from '../records.ts';
import type { Millis } from '../time.ts';
import { addDays, atLocal, toLocal } from '../time.ts';
import type { Part, Rule, Turn } from '../turn.ts';

/** Where somebody is led who may be in danger. Thoughts of suicide are asked about first; the others show at once. */
const places = {
  suicide: 'help/danger',
  overdose: 'help/overdose',
  violence: 'help/violence',
  withdrawal: 'help/withdrawal',
} as const;

/**
 * Looks at written words, new or edited or beside a picture, in any state. Only a dangerous text settles the event;
 * craving and relapse are left to the talk.
 */
export const lookForDanger: Rule = (turn, event) => {
  if (!('text' in event) || event.text === undefined) return false;
  // A whole message that is a command means just that: "my plan" is a plan to go to a meeting.
  if (turn.reference.commands.intent(event.text)) return false;
  const danger = turn.reference.freeText.danger.look(event.text);
  if (!danger || danger.kind === 'craving' || danger.urgency === 'none') return false;
  const { kind, urgency } = danger;
  turn.fact('danger-seen', { kind, urgency });
  if (urgency === 'imminent') begin(turn);
  // Whoever has said yes already is not asked once more.
  const place = kind === 'suicide' && turn.person.crisis ? 'help/suicide' : places[kind];
  turn.open(urgency === 'imminent' ? 'help/imminent' : place, 'safety', { danger: kind });
  return true;
};

/** Voice, pictures and the like cannot be read; that is said at once, with the number for an emergency. */
export const admitUnreadable: Rule = (turn, event) => {
  if (event.kind !== 'unreadable') return false;
  turn.say({ purpose: 'safety', text: turn.phrase('unreadable'), buttons: [] });
  if (!turn.askAgain()) turn.open(turn.world.person ? 'menu/' : 'start/', 'answer');
  return true;
};

/** After a restore: it was asked already, or its day is over. */
export const letPass: Rule = (turn, event) => {
  const { person, now } = turn;
  if (event.kind === 'restored' && person.aftermath !== null && person.aftermath <= now)
    person.aftermath = null;
  return false;
};

/** The day after a crisis, at eleven, one neutral line. */
export const aftermath: Rule = (turn, event: Event) => {
  if (event.kind !== 'due' || event.matter !== 'next-day') return false;
  turn.person.aftermath = null;
  turn.open('safety/day-after', 'aftercare');
  return true;
};

function begin(turn: Turn): void {
  const { person, now } = turn;
  if (!person.crisis) turn.fact('crisis-began');
  person.crisis ??= { since: now };
  person.aftermath = nextDay(now, person.zone);
  if (agreed(person, 'calls')) tellClinic(turn);
}

/** Leaves word that somebody should ring, at most once in a crisis; false where nobody reads it. */
function tellClinic(turn: Turn): boolean {
  const { person, world, now } = turn;
  if (!reads(turn)) return false;
  if (person.crisis?.told !== undefined) return true;
  turn.put.push({
    key: { owner: world.clinic.id, kind: 'notice', id: turn.newId() },
    value: {
      v: 1,
      about: person.id,
      alias: world.invitation?.alias ?? null,
      what: 'call-wanted',
      at: now,
    },
  });
  if (person.crisis) person.crisis.told = now;
  turn.fact('clinic-told', { what: 'call-wanted' });
  return true;
}

const reads = (turn: Turn): boolean => turn.world.clinic.reads !== null && turn.person.invitation !== null;
const told = (turn: Turn): boolean => turn.person.crisis?.told !== undefined;

const nextDay = (now: Millis, zone: string): Millis =>
  atLocal(addDays(toLocal(now, zone).date, 1), '11:00', zone);

/** What the card was opened for; where nobody said it, the gravest. */
const dangerOf = (frame: Frame): string => frame.vars.danger ?? 'suicide';

const lines = (topic: Parameters<typeof linesFor>[1]) => (turn: Turn) =>
  linesFor(turn.reference.helpLines, topic, turn.person.language);

export const vocabulary: Part = {
  entries: [
    'help/',
    'help/imminent',
    ...Object.values(places),
    'help/suicide',
    'safety/day-after',
    'safety/still',
    'safety/better',
  ],
  conditions: {
    'in-crisis': (turn) => turn.person.crisis !== null,
    'no-crisis': (turn) => turn.person.crisis === null,
    'clinic-reads': reads,
    /** Somebody reads at the clinic, and has not been told in this crisis yet. */
    'call-possible': (turn) => reads(turn) && !told(turn),
    'clinic-told': told,
    'nobody-told': (turn) => !told(turn),
    ...Object.fromEntries(
      Object.keys(places).map((kind) => [
        `danger-${kind}`,
        (_turn: Turn, frame: Frame) => dangerOf(frame) === kind,
      ]),
    ),
    'danger-not-violence': (_turn, frame) => dangerOf(frame) !== 'violence',
    /** Something may have been taken. */
    'danger-swallowed': (_turn, frame) => ['suicide', 'overdose'].includes(dangerOf(frame)),
    'calls-agreed': (turn) => agreed(turn.person, 'calls'),
  },
  actions: {
    'crisis-begins': {
      outcomes: ['done'],
      act: (turn) => {
        begin(turn);
        return 'done';
      },
    },
    'crisis-ends': {
      outcomes: ['done'],
      act: (turn) => {
        if (turn.person.crisis) turn.fact('crisis-ended');
        turn.person.crisis = null;
        return 'done';
      },
    },
    'ask-for-call': {
      outcomes: ['noted', 'nobody-reads'],
      act: (turn) => (agreed(turn.person, 'calls') && tellClinic(turn) ? 'noted' : 'nobody-reads'),
    },
  },
  readers: {},
  options: {},
  values: {
    linesAcute: lines('acute'),
    linesTalk: lines('talk'),
    linesSuicide: lines('suicide'),
    linesOverdose: lines('overdose'),
    linesWithdrawal: lines('withdrawal'),
    linesViolence: lines('violence'),
    linesPoisoning: lines('poisoning'),
    linesKin: lines('kin'),
    clinicReads: (turn) => turn.world.clinic.reads ?? '',
  },
  links: {},
};
