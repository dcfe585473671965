/**
 * Looks at free text for danger to life, before anything else does. What it goes by are lines that people can read and
 * add to, and lists of what words are about; it asks rather than judges, and errs towards asking.
 * It must never be used to rate or score a person.
 */
import {
  type Example,
  type Features,
  type Learnt,
  learn,
  learntOnce,
  type Margins,
  type Shelf,
} from './borders.ts';
import type { Memory } from './concepts.ts';
import { clausesOf, sentencesOf, stretchesOf } from './sentences.ts';
import type { Traits } from './traits.ts';

export const dangerKinds = ['suicide', 'overdose', 'violence', 'withdrawal', 'craving'] as const;
export type DangerKind = (typeof dangerKinds)[number];

/** `imminent`: something is happening now, so no question first. `possible`: ask calmly. `none`: no danger. */
export const urgencies = ['imminent', 'possible', 'none'] as const;
export type Urgency = (typeof urgencies)[number];

export type Danger = { kind: DangerKind; urgency: Urgency };

/**
 * A line from which is learnt; `danger` is null when it is harmless, also where it may not look so. `trust`: how much it counts, 1 where
 * nothing is said.
 */
export type DangerLine = { text: string; danger: Danger | null; trust?: number };

/**
 * The borders that are learnt: danger against what is harmless; what happens now against the same, without what may
 * come; among dangers what happens now against what may come; and each kind.
 */
const atAll = 0;
const acute = 1;
const now = 2;
const firstKind = 3;

/**
 * How dear an error is. Stretches of harmless lines, and talk of other things, teach that a word alone is no danger;
 * found by leaving out one writer at a time.
 */
const costs = { imminent: 5, possible: 5, harmless: 5, talk: 0.25 };
/** How much naive Bayes has to say. */
const secondOpinion = 0.04;

/**
 * Beyond this it is danger. Chosen by leaving out one writer at a time: lower sees more, and asks more people who are in
 * none. What looks like happening now is believed sooner, and asked about where only that border takes it for danger.
 */
const enough = { [atAll]: -0.04, [acute]: -0.2 };

/** A clause torn from its sentence has to say it more clearly. */
const clauseNeeds = 0.4;

/** What one stretch of a text tells of, and how far inside the border of danger it lies. */
type Finding = Danger & { strength: number };

type Known = {
  margins: Margins;
  /** What was written down word for word needs no judging; so a line that is added surely helps. */
  written: ReadonlyMap<string, Danger | null>;
};

export class DangerSigns {
  readonly #traits: Traits;
  readonly #lines: () => readonly DangerLine[];
  readonly #talk: () => readonly string[];
  readonly #shelf: Shelf | null;
  #learnt: Known | null = null;

  /** Learns from `lines`, and from `talk` that nothing in ordinary talk is danger. They are asked for when they are needed. */
  constructor(
    traits: Traits,
    lines: () => readonly DangerLine[],
    talk: () => readonly string[],
    shelf: Shelf | null = null,
  ) {
    this.#traits = traits;
    this.#shelf = shelf;
    this.#lines = lines;
    this.#talk = talk;
  }

  /** Learns now unless that is done already and lies on the shelf, so that nobody's first words must wait for it. */
  learnAhead(): void {
    if (!this.#shelf?.holds()) this.#learnt ??= this.#learn();
  }

  /** The most urgent of everything the text tells of; craving, which is none, when there is nothing else; or null. */
  look(text: string): Danger | null {
    const memories = this.#traits.memories();
    const findings = [
      ...stretchesOf(sentencesOf(text)).flatMap((words) => this.#judge(words, memories) ?? []),
      ...clausesOf(text).flatMap((words) => this.#judge(words, memories, clauseNeeds) ?? []),
    ];
    for (const urgency of urgencies) {
      const worst = strongest(findings.filter((finding) => finding.urgency === urgency));
      if (worst) return { kind: worst.kind, urgency };
    }
    return null;
  }

  /** `more`: how much further inside a border it has to lie. */
  #judge(words: readonly string[], memories: readonly Memory[], more = 0): Finding | null {
    // Seconds go into it, so what never looks at a text, such as a command, does without.
    this.#learnt ??= this.#learn();
    const written = this.#learnt.written.get(joined(words));
    if (written !== undefined) return written && { ...written, strength: 1 };
    const margins = this.#learnt.margins(this.#traits.of(words, memories));
    const strength = margins[atAll]!;
    const surely = strength > enough[atAll] + more;
    if (surely || margins[acute]! > enough[acute] + more)
      return {
        kind: kindOf(margins),
        urgency: surely && margins[now]! > 0 ? 'imminent' : 'possible',
        strength,
      };
    return margins[firstKind + craving]! > 0 ? { kind: 'craving', urgency: 'none', strength } : null;
  }

  #learn(): Known {
    return {
      margins: learntOnce(this.#shelf, () => this.#learnNow()),
      written: new Map(this.#lines().map(({ text, danger }) => [joined(sentencesOf(text).flat()), danger])),
    };
  }

  #learnNow(): Learnt {
    const traits = (words: readonly string[]) => this.#traits.of(words, this.#traits.learning);
    const examples = [
      ...this.#lines().flatMap((line) => examplesOf(line, false, traits)),
      ...this.#talk().flatMap((text) => examplesOf({ text, danger: null }, true, traits)),
    ];
    return learn(examples, firstKind + dangerKinds.length, secondOpinion);
  }
}

const craving = dangerKinds.indexOf('craving');

const joined = (words: readonly string[]): string => words.join(' ');

const strongest = (findings: readonly Finding[]): Finding | undefined =>
  findings.toSorted((one, other) => other.strength - one.strength)[0];

/** The dangerous kind that lies furthest inside its border. */
function kindOf(margins: Float64Array): DangerKind {
  const margin = (kind: DangerKind) => margins[firstKind + dangerKinds.indexOf(kind)]!;
  return dangerKinds
    .filter((kind) => kind !== 'craving')
    .reduce((best, kind) => (margin(kind) > margin(best) ? kind : best));
}

/** A whole line; and when it is harmless, then each of its sentences is. */
function examplesOf(
  { text, danger, trust = 1 }: DangerLine,
  isTalk: boolean,
  traits: (words: readonly string[]) => Features,
): Example[] {
  const sentences = sentencesOf(text);
  const sides = sidesOf(danger, isTalk);
  const urgency = danger?.urgency ?? 'none';
  const cost = trust * (isTalk ? costs.talk : urgency === 'none' ? costs.harmless : costs[urgency]);
  const whole = { features: traits(sentences.flat()), sides, cost };
  if (isTalk || urgency !== 'none' || sentences.length < 2) return [whole];
  return [whole, ...stretchesOf(sentences).map((words) => ({ features: traits(words), sides, cost }))];
}

/** Kinds and urgency are told apart among dangers only; craving among what is harmless. */
function sidesOf(danger: Danger | null, isTalk: boolean): Int8Array {
  const sides = new Int8Array(firstKind + dangerKinds.length);
  const isDanger = danger !== null && danger.urgency !== 'none';
  sides[atAll] = isDanger ? 1 : -1;
  sides[acute] = isDanger && danger.urgency === 'possible' ? 0 : sides[atAll]!;
  if (isDanger) {
    sides[now] = danger.urgency === 'imminent' ? 1 : -1;
    dangerKinds.forEach((kind, at) => {
      if (kind !== 'craving') sides[firstKind + at] = kind === danger.kind ? 1 : -1;
    });
  } else if (!isTalk) sides[firstKind + craving] = danger?.kind === 'craving' ? 1 : -1;
  return sides;
}
