/**
 * Tells short texts apart by examples: a linear classifier, learnt anew at every start, so that whoever knows how people write can
 * improve it by adding lines, and nothing from outside is asked. It must never be given what patients wrote: its examples are invented.
 */
import { bayes } from './bayes.ts';
import type { Features } from './features.ts';

export type Example = { features: Features; label: string };

/** Label -> how far the text lies on its side of the border: above 0 is inside, -1 is far outside. Highest first. */
export type Margins = readonly (readonly [label: string, margin: number])[];

export type Classifier = (features: Features) => Margins;

/** Added to the length of every text, so that one telling word in a two-word text is no certainty. */
const doubt = 15;
/** The value of the feature that every text has: it holds how common a label is. */
const constant = 0.5;
/** How much a mistaken example costs against a simple answer (C of a support vector machine). */
const cost = 1;
const rounds = 5;
/** Corrections below this change nothing one could see, and are left out. */
const smallestMove = 0.01;
/** What a single example has teaches nothing about others. */
const fewestExamples = 2;
/** The examples are visited in steps of this prime, so that neighbours in a file do not follow each other. */
const longStride = 7919;

type Weighed = { places: Int32Array; weights: Float32Array };

/**
 * For each label one border is laid between its examples and all others: a linear support vector machine with squared loss, by dual
 * coordinate descent (Hsieh and others, ICML 2008). The same examples always give the same classifier.
 * @throws RangeError when there are fewer than two labels
 */
export function learn(examples: readonly Example[], secondOpinion = 0): Classifier {
  const labels = [...new Set(examples.map(({ label }) => label))].sort();
  if (labels.length < 2) throw new RangeError('A classifier needs examples of at least two labels.');
  const { weigh, size } = weighing(examples.map(({ features }) => features));
  const number = new Map(labels.map((label, k) => [label, k]));
  const borders = descend(
    examples.map(({ features }) => weigh(features)),
    examples.map(({ label }) => number.get(label)!),
    size,
    labels.length,
  );
  const second = secondOpinion > 0 ? bayes(examples, labels) : null;
  return (features) => {
    const margins = borders(weigh(features));
    const opinion = second?.(features);
    return labels
      .map((label, k) => [label, margins[k]! + secondOpinion * (opinion?.[k] ?? 0)] as const)
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  };
}

/** Gives rare features more weight than common ones, and every text about the same length. */
function weighing(texts: readonly Features[]): { weigh: (features: Features) => Weighed; size: number } {
  const seen = new Map<string, number>();
  for (const features of texts) {
    for (const feature of features.keys()) seen.set(feature, (seen.get(feature) ?? 0) + 1);
  }
  const rarity = (n: number) => Math.log((1 + texts.length) / (1 + n)) + 1;
  const known = new Map<string, { place: number; rare: number }>();
  for (const [feature, n] of seen) {
    if (n >= fewestExamples) known.set(feature, { place: known.size, rare: rarity(n) });
  }
  const weigh = (features: Features): Weighed => {
    const places: number[] = [];
    const rare: number[] = [];
    let length = doubt * doubt;
    for (const [feature, weight] of features) {
      const one = known.get(feature);
      // What no example had has no say; but it makes the rest count for less.
      const weighed = weight * (one?.rare ?? rarity(0));
      length += weighed * weighed;
      if (!one) continue;
      places.push(one.place);
      rare.push(weighed);
    }
    const scale = Math.sqrt(length);
    return { places: Int32Array.from(places), weights: Float32Array.from(rare, (weight) => weight / scale) };
  };
  return { weigh, size: known.size };
}

/** All borders at once, since most of the time goes into finding the features and not into the labels. */
function descend(
  examples: readonly Weighed[],
  rights: readonly number[],
  size: number,
  labels: number,
): (text: Weighed) => Float64Array {
  const borders = new Float32Array(size * labels);
  const constants = new Float64Array(labels);
  const pulls = new Float32Array(examples.length * labels);
  const softness = 1 / (2 * cost);
  const margins = new Float64Array(labels);
  const moving = new Int32Array(labels);
  const moves = new Float64Array(labels);

  const measure = ({ places, weights }: Weighed, into: Float64Array) => {
    for (let k = 0; k < labels; k++) into[k] = constants[k]! * constant;
    for (let j = 0; j < places.length; j++) {
      const row = places[j]! * labels;
      const weight = weights[j]!;
      for (let k = 0; k < labels; k++) into[k]! += borders[row + k]! * weight;
    }
  };
  const steps = examples.map(
    ({ weights }) => weights.reduce((sum, weight) => sum + weight * weight, constant * constant) + softness,
  );
  let stride = longStride;
  while (examples.length % stride === 0) stride += 2;
  for (let visit = 0; visit < rounds * examples.length; visit++) {
    const i = (visit * stride) % examples.length;
    const { places, weights } = examples[i]!;
    measure(examples[i]!, margins);
    let movers = 0;
    for (let k = 0; k < labels; k++) {
      const side = k === rights[i] ? 1 : -1;
      const pull = pulls[i * labels + k]!;
      const wanted = pull - (side * margins[k]! - 1 + softness * pull) / steps[i]!;
      const move = (Math.max(0, wanted) - pull) * side;
      if (Math.abs(move) < smallestMove) continue;
      pulls[i * labels + k] = pull + move * side;
      constants[k]! += move * constant;
      moves[movers] = move;
      moving[movers++] = k;
    }
    for (let j = 0; j < places.length && movers > 0; j++) {
      const row = places[j]! * labels;
      const weight = weights[j]!;
      for (let m = 0; m < movers; m++) borders[row + moving[m]!]! += moves[m]! * weight;
    }
  }
  return (text) => {
    const result = new Float64Array(labels);
    measure(text, result);
    return result;
  };
}
