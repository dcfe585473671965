/**
 * What comes after: did you go, how was it, a line for the diary, and a thought that somebody wanted to come back to.
 * Attendance is only ever what the person says. A missed meeting meets no reproach.
 */
import { withoutPlan } from '../plan.ts';
import type { Frame, Person } from '../records.ts';
import type { Millis } from '../time.ts';
import { addDays, atLocal, isQuiet, quietEnds, toLocal } from '../time.ts';
import type { Part, Rule, Turn } from '../turn.ts';

const feelings = ['good', 'mixed', 'hard'];
const repeats = ['yes', 'maybe', 'no'];
const waitsFor = ['1', '3', '7'];

/** The thought comes back when the person asked for it. */
export const thinking = (person: Person): Millis | null => person.later;

export const comeBack: Rule = (turn, event) => {
  if (event.kind !== 'due' || event.matter !== 'later') return false;
  turn.person.later = null;
  turn.open('later/nudge', 'nudge');
  return true;
};

/** After a restore: it was said already, or its day is over. */
export const letPass: Rule = (turn, event) => {
  const { person, now } = turn;
  if (event.kind === 'restored' && person.later !== null && person.later <= now) person.later = null;
  return false;
};

export const vocabulary: Part = {
  entries: ['later/nudge'],
  conditions: {
    'felt-good': (_turn, frame) => frame.vars.feeling === 'good',
    'felt-hard': (_turn, frame) => frame.vars.feeling === 'hard',
    /** Asked whether they would go there again, the person did not say yes. */
    'again-unsure': (_turn, frame) => frame.vars.again === 'maybe' || frame.vars.again === 'no',
  },
  actions: {
    went: { outcomes: ['noted', 'no-plan'], act: (turn, frame) => attended(turn, frame, true) },
    missed: { outcomes: ['noted', 'no-plan'], act: (turn, frame) => attended(turn, frame, false) },
    'note-feeling': note('feeling'),
    'note-again': note('again'),
    'keep-diary': {
      outcomes: ['done'],
      act: (turn, frame) => {
        const { plan = '', date = '', feeling = '', again = '', line } = frame.vars;
        if (!feeling && !again && !line) return 'done';
        turn.put.push({
          key: { owner: turn.person.id, kind: 'diary', id: plan },
          value: { v: 1, plan, date, feeling, again, line: line ?? null },
        });
        delete frame.vars.line;
        return 'done';
      },
    },
    /** A line that came up in the talk about a meeting, kept beside the two taps and never in their place. */
    'keep-thought': {
      outcomes: ['done'],
      act: (turn, frame) => {
        const { plan = '', date = toLocal(turn.now, turn.person.zone).date, line = '' } = frame.vars;
        turn.put.push({
          key: { owner: turn.person.id, kind: 'diary', id: `${plan}/${turn.newId()}` },
          value: { v: 1, plan, date, feeling: '', again: '', line },
        });
        delete frame.vars.line;
        return 'done';
      },
    },
    'think-until': {
      outcomes: ['done'],
      act: (turn, frame) => {
        const { person, now } = turn;
        const date = addDays(toLocal(now, person.zone).date, Number(frame.vars.picked));
        const noon = atLocal(date, '12:00', person.zone);
        person.later = isQuiet(noon, person.quiet, person.zone)
          ? quietEnds(noon, person.quiet, person.zone)
          : noon;
        return 'done';
      },
    },
    'stop-thinking': {
      outcomes: ['done'],
      act: (turn) => {
        turn.person.later = null;
        return 'done';
      },
    },
  },
  readers: {
    'diary-line': {
      outcomes: ['kept'],
      read: (_turn, text, frame) => {
        frame.vars.line = text.slice(0, 500);
        return 'kept';
      },
    },
  },
  options: {
    feelings: (turn) => feelings.map((id) => ({ label: turn.phrase(`feeling-${id}`), value: id })),
    repeats: (turn) => repeats.map((id) => ({ label: turn.phrase(`again-${id}`), value: id })),
    'later-days': (turn) => waitsFor.map((id) => ({ label: turn.phrase(`later-${id}`), value: id })),
  },
  values: {},
  links: {},
};

/** Writes down what the person says became of the plan that the frame speaks of; the plan is done with that. */
function attended(turn: Turn, frame: Frame, went: boolean): string {
  const { person, now } = turn;
  const { plan, date = '', fellowship = '' } = frame.vars;
  if (!plan) return 'no-plan';
  turn.put.push({
    key: { owner: person.id, kind: 'attendance', id: plan },
    value: { v: 1, plan, fellowship, date, went, at: now },
  });
  person.plans = withoutPlan(person.plans, plan);
  turn.fact('attendance-told', { plan });
  return 'noted';
}

function note(name: string) {
  return {
    outcomes: ['done'],
    act: (_turn: Turn, frame: Frame) => {
      frame.vars[name] = frame.vars.picked ?? '';
      return 'done';
    },
  };
}
