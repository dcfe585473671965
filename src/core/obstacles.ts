/**
 * The obstacles that a patient may name in their own words, and how one is recognised. It exists so that a talk can begin where
 * the person is; where it is unsure it gives the likeliest, to be asked about. It must never be used to judge a person.
 */
import { type Example, learn } from './classify.ts';
import type { Features } from './features.ts';

export const obstacleNames = [
  'speaking',
  'psychiatric',
  'rock-bottom',
  'religion',
  'form',
  'shame',
  'found-out',
  'alone',
  'intensity',
  'dependence',
  'disease',
  'powerless',
  'language',
  'medication',
  'lar',
  'young',
  'tried-it',
  'no-effect',
  'distance',
  'relapsed',
  'own-strength',
  'moderation',
  'label',
  'old-company',
] as const;
export type Obstacle = (typeof obstacleNames)[number];

/** The label of examples that are no obstacle. */
export const noObstacle = 'none';

export type Heard = {
  /** The likeliest obstacle; null where "none" is likelier. */
  obstacle: Obstacle | null;
  /** Whether it stands so far before the next that it can be named. Where it is not, `guesses` are there to choose from. */
  sure: boolean;
  /** The likeliest three, the first of them first; none where nothing sounds like an obstacle at all. */
  guesses: readonly Obstacle[];
};

/** How far the likeliest obstacle must lie before "none"; chosen by leaving out one writer at a time. */
const enough = 0;
/** Below this even a guess would be made up. */
const plausible = -0.4;
/** How far it must lie before the next obstacle and before "none" to be named. */
const clear = 0.9;
/** How far inside its own border it must lie to be named: whoever stands alone may still stand far off. */
const inside = 0.9;
const mostGuesses = 3;
const secondOpinion = 0.125;

/** Learns from examples whose labels are `obstacleNames` and `noObstacle`. */
export function obstaclesFrom(examples: readonly Example[]): (features: Features) => Heard {
  const classify = learn(examples, secondOpinion);
  return (features) => {
    const margins = classify(features);
    const none = margins.find(([label]) => label === noObstacle)?.[1] ?? 0;
    const likeliest = margins.filter(([label]) => label !== noObstacle) as [Obstacle, number][];
    const [first, second] = likeliest;
    const lead = first ? first[1] - none : Number.NEGATIVE_INFINITY;
    return {
      obstacle: first && lead >= enough ? first[0] : null,
      sure:
        first !== undefined &&
        first[1] >= inside &&
        Math.min(lead, first[1] - (second?.[1] ?? none)) >= clear,
      guesses: lead >= plausible ? likeliest.slice(0, mostGuesses).map(([label]) => label) : [],
    };
  };
}
