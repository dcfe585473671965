/**
 * The one place where it is decided what an event leads to. Pure: the same world and event always give the same
 * decision. For every kind of event the rules are written down in the order in which they are asked; the first that
 * settles it ends the asking, and afterwards the timers follow from the state alone.
 */
import type { Decision } from './decision.ts';
import type { Event } from './event.ts';
import type { Clinic, Person } from './records.ts';
import * as arrival from './rules/arrival.ts';
import * as followUp from './rules/follow-up.ts';
import * as goingHome from './rules/going-home.ts';
import * as plans from './rules/plans.ts';
import * as reminders from './rules/reminders.ts';
import * as safety from './rules/safety.ts';
import * as settings from './rules/settings.ts';
import * as talk from './rules/talk.ts';
import type { Millis } from './time.ts';
import { type Rule, Turn, type World } from './turn.ts';
import { vocabulary } from './vocabulary.ts';

/** Every kind of event must be here, or this does not compile: ignoring one is a written decision too. */
const order: Record<Event['kind'], readonly Rule[]> = {
  opened: [talk.noteContact, arrival.arrive],
  said: [talk.noteContact, safety.lookForDanger, talk.command, arrival.welcome, talk.converse],
  edited: [safety.lookForDanger, talk.noteContact],
  tapped: [talk.noteContact, arrival.welcome, talk.follow],
  unreadable: [talk.noteContact, safety.lookForDanger, talk.command, safety.admitUnreadable],
  located: [talk.noteContact, arrival.welcome, settings.locate],
  left: [talk.noteContact],
  returned: [talk.noteContact],
  unreachable: [talk.lose],
  missed: [talk.askAgain],
  due: [
    arrival.expire,
    reminders.remind,
    followUp.comeBack,
    goingHome.warn,
    safety.aftermath,
    talk.fallSilent,
    plans.fade,
  ],
  // The word before going home is no part of it: rather said twice than never.
  restored: [reminders.letPass, followUp.letPass, safety.letPass],
};

/** The matters that timers exist for, each a function from the person's state to its next moment. */
const schedules: Record<string, (person: Person, clinic: Clinic) => Millis | null> = {
  expiry: arrival.expiry,
  plan: reminders.reminding,
  later: followUp.thinking,
  leaving: goingHome.leaving,
  // The store sees these names: nothing in them may tell of a crisis.
  'next-day': (person) => person.aftermath,
  silence: talk.silence,
  fading: plans.fading,
};

/** Events that come from the person; with nobody on record they begin an acquaintance. */
const fromPerson: ReadonlySet<Event['kind']> = new Set(['opened', 'said', 'tapped', 'unreadable', 'located']);

const nothing: Decision = {
  person: null,
  erase: false,
  put: [],
  drop: [],
  said: [],
  timers: { set: [], clear: [] },
  facts: [],
};

export function decide(world: World, event: Event): Decision {
  if (!world.person && !fromPerson.has(event.kind)) return nothing;
  if (event.kind === 'due' && world.person?.timers[event.matter] !== event.due) {
    return { ...nothing, person: world.person };
  }
  const turn = new Turn(world, event, vocabulary);
  if (event.kind === 'due') delete turn.person.timers[event.matter];
  for (const rule of order[event.kind]) if (rule(turn, event)) break;
  return turn.decision(timers(turn, event));
}

/** What changes among the person's timers; the state after the event says which should stand. */
function timers({ person, erase, world }: Turn, event: Event): Decision['timers'] {
  if (erase) return { set: [], clear: [] };
  const next: Record<string, Millis> = {};
  for (const [matter, schedule] of Object.entries(schedules)) {
    const due = schedule(person, world.clinic);
    if (due !== null) next[matter] = due;
  }
  const set = Object.entries(next)
    .filter(([matter, due]) => person.timers[matter] !== due)
    .map(([matter, due]) => ({ matter, due }));
  const gone = Object.keys(person.timers).filter((matter) => !(matter in next));
  const fired = event.kind === 'due' && !(event.matter in next) ? [event.matter] : [];
  person.timers = next;
  return { set, clear: [...new Set([...gone, ...fired])] };
}
