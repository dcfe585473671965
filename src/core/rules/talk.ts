/**
 * The conversation itself: commands that work in any state, taps and written words that answer the open question,
 * and what is said when an answer fits nothing. Nobody is ever left without a next step.
 */
import type { Command } from '../commands.ts';
import { enrolled } from '../records.ts';
import type { Part, Rule, Turn } from '../turn.ts';

/** Where each command leads; yes and no are answers, not commands. */
const doors: Partial<Record<Command, { place: string; purpose: 'answer' | 'safety'; leaves?: boolean }>> = {
  help: { place: 'help/', purpose: 'safety' },
  hard: { place: 'hard/', purpose: 'answer' },
  menu: { place: 'menu/', purpose: 'answer', leaves: true },
  pause: { place: 'quiet/pause', purpose: 'answer', leaves: true },
  stop: { place: 'quiet/stop', purpose: 'answer', leaves: true },
  data: { place: 'data/', purpose: 'answer', leaves: true },
  delete: { place: 'data/delete', purpose: 'answer', leaves: true },
  plan: { place: 'plan/', purpose: 'answer', leaves: true },
  meetings: { place: 'meetings/', purpose: 'answer', leaves: true },
};

export const command: Rule = (turn, event) => {
  if (!('text' in event) || event.text === undefined) return false;
  const intent = turn.reference.commands.intent(event.text);
  const door = intent && doors[intent];
  if (!door) return false;
  if (door.leaves) turn.clear();
  turn.open(door.place, door.purpose);
  return true;
};

/** Written words at the open question. Long ones are cut: no answer here needs more. */
export const converse: Rule = (turn, event) => {
  if (event.kind !== 'said') return false;
  if (turn.hear(event.text.slice(0, 2000))) return true;
  return repeat(turn, turn.current ? 'not-understood' : 'nothing-asked');
};

/** A tap on a button. An old one is refused kindly, and the open question asked again. */
export const follow: Rule = (turn, event) => {
  if (event.kind !== 'tapped') return false;
  if (turn.tap(event.wait, event.choice)) return true;
  return repeat(turn, 'old-button');
};

/** Whoever writes again can be reached again. */
export const noteContact: Rule = (turn, event) => {
  turn.person.heard = turn.now;
  if (event.kind === 'left') {
    if (turn.person.reachable) turn.fact('unreachable');
    turn.person.reachable = false;
    return true;
  }
  if (!turn.person.reachable) turn.fact('reachable');
  turn.person.reachable = true;
  return event.kind === 'returned' || event.kind === 'edited';
};

/** The platform says that nothing can be sent there any more. */
export const lose: Rule = (turn) => {
  if (turn.person.reachable) turn.fact('unreachable');
  turn.person.reachable = false;
  return true;
};

/** After an outage in which taps were lost: the open question is asked once more. */
export const askAgain: Rule = (turn, event) => {
  if (event.kind !== 'missed' || event.channel !== turn.person.chat.channel) return true;
  turn.askUnprompted(turn.phrase('was-away'));
  return true;
};

/** Silence where a question said what it leads to. */
export const fallSilent: Rule = (turn, event) => {
  if (event.kind !== 'due' || event.matter !== 'silence') return false;
  turn.silence();
  return true;
};

/** When the first open question gives up waiting. */
export const silence = (person: Turn['person']): number | null => {
  const moments = person.frames.flatMap((frame) => (frame.silence === null ? [] : [frame.silence]));
  return moments.length > 0 ? Math.min(...moments) : null;
};

function repeat(turn: Turn, phrase: string): boolean {
  const before = turn.phrase(phrase);
  if (turn.askAgain(before)) return true;
  turn.say({ purpose: 'answer', text: before, buttons: [] });
  turn.open(enrolled(turn.person) ? 'menu/' : 'start/', 'answer');
  return true;
}

export const vocabulary: Part = {
  entries: [...new Set(Object.values(doors).map((door) => door.place))],
  conditions: {},
  actions: {},
  readers: {},
  options: {},
  values: {},
  links: {},
};
