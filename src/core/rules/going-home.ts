/**
 * Before somebody who used opioids goes home: a word on lost tolerance, on not using alone, and on naloxone. It is said
 * once, to whoever agreed to be written to, and not where it is known that there were no opioids.
 * It must never come during a crisis, a pause or in the middle of a talk; it waits until those are over.
 */
import { agreed, enrolled, type Person } from '../records.ts';
import { addDays, atLocal, type Millis, quietEnds } from '../time.ts';
import type { Part, Rule } from '../turn.ts';

/** Time enough to get naloxone from the ward. */
const daysBefore = 2;
/** The weeks after discharge are the dangerous ones; later than this it says nothing new. */
const daysAfter = 14;
/** Whoever is talking now hears it afterwards. */
const afterTalk: Millis = 3_600_000;

/** When the word is due; null where it is not wanted, not needed, already said, or cannot be sent now. */
export const leaving = (person: Person): Millis | null => {
  const { discharge, warned, situation, crisis, stopped, reachable, paused, heard, quiet, zone } = person;
  if (!discharge || warned !== null || situation.opioids === false) return null;
  if (!enrolled(person) || !agreed(person, 'reminders') || stopped || crisis || !reachable) return null;
  const planned = atLocal(addDays(discharge, -daysBefore), '12:00', zone);
  return quietEnds(Math.max(planned, heard + afterTalk, paused ?? 0), quiet, zone);
};

export const warn: Rule = (turn, event) => {
  if (event.kind !== 'due' || event.matter !== 'leaving') return false;
  const { person, now } = turn;
  const { discharge, zone } = person;
  person.warned = now;
  if (!discharge || now > atLocal(addDays(discharge, daysAfter), '12:00', zone)) {
    turn.fact('warning-skipped', { reason: 'too-late' });
    return true;
  }
  turn.fact('warned-of-tolerance');
  turn.open('going-home/', 'nudge');
  return true;
};

export const vocabulary: Part = {
  entries: ['going-home/'],
  conditions: {
    /** A discharge lies ahead, and nobody has asked about opioids yet. */
    'opioids-unasked': (turn) =>
      turn.person.situation.opioids === null &&
      turn.person.warned === null &&
      turn.person.discharge !== null &&
      atLocal(addDays(turn.person.discharge, 1), '00:00', turn.person.zone) > turn.now,
  },
  actions: {},
  readers: {},
  options: {},
  values: {},
  links: {},
};
