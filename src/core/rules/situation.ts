/**
 * What a dialogue learns about somebody's situation and hopes, one plain fact at a time, and how important and how
 * possible it feels to them. It is used to say the right thing and to suggest the right meeting, never to rate anybody.
 */
import type { Frame, Reading, Situation, WishFor } from '../records.ts';
import { wishes } from '../records.ts';
import { toLocal } from '../time.ts';
import type { Part, Turn } from '../turn.ts';

const facts = ['lar', 'medication', 'opioids', 'before', 'young'] as const satisfies (keyof Situation)[];
/** Readings that are kept; older ones say nothing about today. */
const mostReadings = 5;

const done = (act: (turn: Turn, frame: Frame) => void) => ({
  outcomes: ['done'],
  act: (turn: Turn, frame: Frame) => {
    act(turn, frame);
    return 'done';
  },
});

const note = (fact: keyof Situation, value: boolean) =>
  done((turn) => {
    turn.person.situation[fact] = value;
  });

const wish = (wanted: WishFor) =>
  done((turn) => {
    turn.person.wishes = [...new Set([...turn.person.wishes, wanted])];
  });

const read = (ruler: 'importance' | 'confidence') =>
  done((turn, frame) => {
    const reading: Reading = { at: turn.now, value: Number(frame.vars.picked) };
    const before = turn.person.rulers[ruler];
    const last = before.at(-1);
    frame.vars.now = String(reading.value);
    if (last) frame.vars.before = String(last.value);
    else delete frame.vars.before;
    turn.person.rulers[ruler] = [...before, reading].slice(-mostReadings);
  });

const number = (frame: Frame, name: string): number => Number(frame.vars[name] ?? Number.NaN);

export const vocabulary: Part = {
  entries: [],
  conditions: {
    ...Object.fromEntries(
      facts.flatMap((fact) => [
        [`is-${fact}`, (turn: Turn) => turn.person.situation[fact] === true],
        [`not-${fact}`, (turn: Turn) => turn.person.situation[fact] === false],
      ]),
    ),
    ...Object.fromEntries(
      wishes.map((wanted) => [`wants-${wanted}`, (turn: Turn) => turn.person.wishes.includes(wanted)]),
    ),
    /** The clinic named a discharge date that lies ahead. */
    'before-discharge': (turn) => {
      const { invitation } = turn.world;
      return (
        invitation?.discharge != null && invitation.discharge >= toLocal(turn.now, turn.person.zone).date
      );
    },
    'ruler-up': (_turn, frame) => number(frame, 'now') > number(frame, 'before'),
    'ruler-down': (_turn, frame) => number(frame, 'now') < number(frame, 'before'),
    'ruler-same': (_turn, frame) => number(frame, 'now') === number(frame, 'before'),
    'ruler-lowest': (_turn, frame) => number(frame, 'now') === 0,
    'ruler-highest': (_turn, frame) => number(frame, 'now') === 10,
  },
  actions: {
    ...Object.fromEntries(
      facts.flatMap((fact) => [
        [`note-${fact}`, note(fact, true)],
        [`note-not-${fact}`, note(fact, false)],
      ]),
    ),
    ...Object.fromEntries(wishes.map((wanted) => [`wish-${wanted}`, wish(wanted)])),
    'read-importance': read('importance'),
    'read-confidence': read('confidence'),
  },
  readers: {},
  options: {
    ruler: () => Array.from({ length: 11 }, (_, i) => ({ label: String(i), value: String(i) })),
  },
  values: {
    rulerNow: (_turn, frame) => frame.vars.now ?? '',
    rulerBefore: (_turn, frame) => frame.vars.before ?? '',
    rulerLower: (_turn, frame) => String(Math.max(0, number(frame, 'now') - 3)),
    rulerHigher: (_turn, frame) => String(Math.min(10, number(frame, 'now') + 1)),
  },
  links: {},
};
