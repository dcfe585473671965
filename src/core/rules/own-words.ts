/**
 * Somebody writes in their own words where a talk or a menu listens: what it sounds like is said and asked about, with buttons. Danger
 * was looked for before this. It must never keep the words, and never lead anywhere without asking.
 */
import type { Aside } from '../dialog/step.ts';
import { type Obstacle, obstacleNames } from '../obstacles.ts';
import type { Frame } from '../records.ts';
import type { Part, Turn } from '../turn.ts';
import { understand } from '../understand.ts';
import { choiceKey } from '../words.ts';

/** Where somebody looks for what to talk about. */
const menus = ['menu', 'obstacles', 'heard'];
/** The steps of talks that listen to anything; others listen to one thing, such as a name. */
const open = ['own', 'heard'];
/** Talks that craving belongs to. */
const ofCraving: readonly string[] = ['old-company', 'relapsed', 'moderation'] satisfies Obstacle[];

/** In a menu any guess is worth asking about; in a talk only what clearly is about something else. */
export function overhear(turn: Turn, text: string, frame: Frame, hears: string | null): Aside | null {
  const choosing = menus.includes(frame.dialogue);
  const talking = isObstacle(frame.dialogue) && hears !== null && open.includes(hears);
  if (!choosing && !talking) return null;
  const { danger, obstacle, sure, guesses } = understand(text, turn.person.language, turn.reference.freeText);
  if (obstacle && sure && obstacle !== frame.dialogue)
    return { place: choosing ? 'heard/one' : 'heard/another', vars: { heard: obstacle } };
  if (danger?.kind === 'craving' && choosing) return { place: 'heard/craving', vars: {} };
  if (danger?.kind === 'craving' && !ofCraving.includes(frame.dialogue))
    return { place: 'heard/craving-meanwhile', vars: {} };
  if (!choosing) return null;
  return guesses.length > 0 ? { place: 'heard/several', vars: { heard: guesses.join(' ') } } : null;
}

const isObstacle = (name: string): name is Obstacle => (obstacleNames as readonly string[]).includes(name);

const guessed = (frame: Frame): string[] => (frame.vars.heard ?? '').split(' ').filter(isObstacle);

/** As the list of obstacles calls it. */
function nameOf(turn: Turn, obstacle: string): string {
  const { dialogues, words } = turn.reference;
  const steps = Object.entries(dialogues.get('obstacles')?.steps ?? {});
  const step = steps.find(([, { choices }]) => choices && Object.hasOwn(choices, obstacle))?.[0] ?? '';
  return words.say(turn.person.language, choiceKey('obstacles', step, obstacle));
}

export const vocabulary: Part = {
  entries: ['heard/one', 'heard/several', 'heard/another', 'heard/craving', 'heard/craving-meanwhile'],
  conditions: Object.fromEntries(
    obstacleNames.map((obstacle) => [
      `heard-${obstacle}`,
      (_turn: Turn, frame: Frame) => frame.vars.heard === obstacle,
    ]),
  ),
  actions: {
    'take-picked': {
      outcomes: ['done'],
      act: (_turn, frame) => {
        frame.vars.heard = frame.vars.picked ?? '';
        return 'done';
      },
    },
    /** What was open before is over: the person has chosen something else. */
    'leave-rest': {
      outcomes: ['done'],
      act: (turn) => {
        turn.clear();
        return 'done';
      },
    },
  },
  readers: {},
  options: {
    'heard-guesses': (turn, frame) =>
      guessed(frame).map((obstacle) => ({ label: nameOf(turn, obstacle), value: obstacle })),
  },
  values: {
    heardAs: (turn, frame) => guessed(frame).map((obstacle) => turn.phrase(`heard-${obstacle}`))[0] ?? '',
  },
  links: {},
};
