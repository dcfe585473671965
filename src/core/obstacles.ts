/**
 * The obstacles that a patient may name in their own words, and how one is recognised. It exists so that a talk can begin where
 * the person is; where it is unsure it gives the likeliest, to be asked about. It must never be used to judge a person.
 */
import { learn, learntOnce, type Margins, type Shelf } from './borders.ts';
import { sentencesOf } from './sentences.ts';
import type { Traits } from './traits.ts';

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
const clear = 0.75;
/** How far inside its own border it must lie to be named: whoever stands alone may still stand far off. */
const inside = 0.75;
const mostGuesses = 3;

/** How dear an example on the wrong side is, and how much naive Bayes has to say; chosen in the same way as `enough`. */
const cost = 4;
const secondOpinion = 0.15;
/** What stands after this is not read: nobody says anything new there, and the time stays bounded. */
const longestText = 1000;

const labels = [noObstacle, ...obstacleNames] as const;

/** A line from which is learnt; its label is `noObstacle` or one of `obstacleNames`. */
export type ObstacleLine = { text: string; label: string };

export class Obstacles {
  readonly #traits: Traits;
  readonly #lines: () => readonly ObstacleLine[];
  readonly #shelf: Shelf | null;
  #margins: Margins | null = null;

  /** `lines` are asked for when they are needed. */
  constructor(traits: Traits, lines: () => readonly ObstacleLine[], shelf: Shelf | null = null) {
    this.#traits = traits;
    this.#lines = lines;
    this.#shelf = shelf;
  }

  /** Learns now unless that is done already and lies on the shelf, so that nobody's first words must wait for it. */
  learnAhead(): void {
    if (!this.#shelf?.holds()) this.#learnOnce();
  }

  hear(text: string): Heard {
    const [none = 0, ...others] = this.#learnOnce()(this.#traits.of(wordsOf(text)));
    const likeliest = obstacleNames
      .map((name, k) => [name, others[k]!] as const)
      .sort(([, one], [, other]) => other - one);
    const [[name, margin], [, next]] = likeliest as [(typeof likeliest)[0], (typeof likeliest)[0]];
    const lead = margin - none;
    return {
      obstacle: lead >= enough ? name : null,
      sure: margin >= inside && Math.min(lead, margin - next) >= clear,
      guesses: lead >= plausible ? likeliest.slice(0, mostGuesses).map(([one]) => one) : [],
    };
  }

  /** Seconds go into it, so what never hears a text, such as a command, does without. */
  #learnOnce(): Margins {
    this.#margins ??= learntOnce(this.#shelf, () => this.#learn());
    return this.#margins;
  }

  #learn() {
    const examples = this.#lines().map(({ text, label }) => ({
      features: this.#traits.of(wordsOf(text), this.#traits.learning),
      sides: Int8Array.from(labels, (one) => (one === label ? 1 : -1)),
      cost,
    }));
    return learn(examples, labels.length, secondOpinion);
  }
}

const wordsOf = (text: string): string[] => sentencesOf(text.slice(0, longestText)).flat();
