/**
 * What somebody found at the door: closed, moved, or not as the list said. It exists so that nobody after them stands
 * there too; one report alone shuts no meeting, and who reported is kept as an opaque id only.
 */
import { learned, onHold, type ReportKind, withReport } from '../knowledge.ts';
import { withoutPlan } from '../plan.ts';
import { type Frame, knowledgeKey } from '../records.ts';
import type { Part, Turn } from '../turn.ts';

/** The meeting that the frame's plan is of. */
const meetingOf = (frame: Frame): string => (frame.vars.plan ?? '').split('@')[0] ?? '';

export const vocabulary: Part = {
  entries: [],
  conditions: {
    /** So many have found it otherwise that it is not suggested until the clinic has looked. */
    'meeting-held': (_turn, frame) => frame.vars.held === 'yes',
  },
  actions: {
    'report-door-closed': report('door-closed'),
    'report-moved': report('moved'),
    'report-not-as-listed': report('not-as-listed'),
  },
  readers: {},
  options: {},
  values: {},
  links: {},
};

function report(kind: ReportKind) {
  return {
    outcomes: ['noted'],
    act: (turn: Turn, frame: Frame) => {
      const meeting = meetingOf(frame);
      if (meeting === '') return 'noted';
      const { clinic, knowledge } = turn.world;
      const by = turn.person.id;
      const known = learned(knowledge, meeting, (one) => withReport(one, { by, at: turn.now, kind }));
      // Nobody is asked the day after how it was behind a closed door.
      if (kind !== 'not-as-listed') turn.person.plans = withoutPlan(turn.person.plans, frame.vars.plan);
      turn.put.push({ key: knowledgeKey(clinic.id), value: known });
      frame.vars.held = known.meetings[meeting] && onHold(known.meetings[meeting]) ? 'yes' : 'no';
      turn.fact('meeting-reported', { meeting, kind });
      return 'noted';
    },
  };
}
