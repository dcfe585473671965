/**
 * Learns from examples where the borders between classes run: linear support vector machines over whatever features it is given, with
 * naive Bayes as a second opinion. It exists so that whoever knows how people write can improve what is understood by adding lines,
 * of danger and of obstacles alike. It must never be given what patients wrote, and never depend on chance: same examples, same borders.
 */

/** What was noticed in a text: numbers below `buckets` that stand for features, and how strongly each is there. */
export type Features = { ids: Int32Array; strengths: Float32Array };

/** For each border: 1 inside, -1 outside, 0 when the example says nothing about it. */
export type Example = { features: Features; sides: Int8Array; cost: number };

/** What was learnt, in plain numbers: it can be kept, and is the same whenever the examples are. */
export type Learnt = {
  /** How much each feature speaks for each border, a row of borders for every feature. */
  slopes: Float32Array<ArrayBuffer>;
  constants: Float32Array<ArrayBuffer>;
  /** How much each feature weighs: what is rare weighs more. */
  rarity: Float32Array<ArrayBuffer>;
};

/** Where what was learnt can be kept, so that the next start need not learn again. `holds` is quick, and may be wrong where it is damaged. */
export type Shelf = { holds: () => boolean; find: () => Learnt | null; put: (learnt: Learnt) => void };

/** How far inside each border something lies: above 0 is inside, -1 is far outside. */
export type Margins = (features: Features) => Float64Array;

/** Features share numbers by their hash; with this many, a clash costs less than the time that more would take. */
const buckets = 2 ** 18;
const rounds = 4;
/** The value of the feature that everything has: it holds how common a class is. */
const constant = 0.5;
/** Added to the length of everything, so that one telling word alone is no certainty. */
const doubt = 8;
/** Corrections below this change nothing one could see. */
const smallestMove = 0.02;
/** What lies so far on its own side without any pull stays there, and is asked no more. */
const farInside = 1;
/** How much of every feature either side of a border is taken to have beforehand. */
const beforehand = 0.03;
/** What there is less of than this tells nothing, as far as it is counted. */
const fewest = 1.5;

/** Counts features as they are noticed, and hands them over. One can be used again and again. */
export class Tally {
  readonly #strength = new Float32Array(buckets);
  readonly #ids = new Int32Array(buckets);
  #count = 0;

  add(hash: number, strength: number): void {
    const mixed = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    const id = (mixed ^ (mixed >>> 13)) & (buckets - 1);
    if (this.#strength[id] === 0) this.#ids[this.#count++] = id;
    this.#strength[id]! += strength;
  }

  /** What was added since the last time. What comes often counts for more, but not as often as it comes. */
  take(): Features {
    const ids = this.#ids.slice(0, this.#count);
    const strengths = new Float32Array(this.#count);
    for (let j = 0; j < ids.length; j++) {
      const id = ids[j]!;
      strengths[j] = Math.sqrt(this.#strength[id]!);
      this.#strength[id] = 0;
    }
    this.#count = 0;
    return { ids, strengths };
  }
}

/** FNV-1a over the UTF-16 units from `from` up to `to`; the seed keeps features of different sorts apart. */
export function hashOf(text: string, seed: number, from = 0, to = text.length): number {
  let hash = seed;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** Of two in this order. */
export const hashOfBoth = (one: number, other: number): number => Math.imul(one, 31) ^ other;

/**
 * Lays each border between the examples inside and those outside it, by dual coordinate descent with squared loss
 * (Hsieh and others, ICML 2008). An example of more cost is less easily left on the wrong side. `secondOpinion`: how much
 * naive Bayes has to say, which counts rather than weighs and so errs elsewhere; the two together are right more often with strangers.
 */
export function learn(examples: readonly Example[], borders: number, secondOpinion: number): Learnt {
  const rarity = raritiesOf(examples);
  const weigh = weighing(rarity);
  const weighed = examples.map(({ features }) => weigh(features));
  const slopes = new Float32Array(buckets * borders);
  const constants = new Float32Array(borders);
  const lengths = weighed.map(({ strengths }) =>
    strengths.reduce((sum, strength) => sum + strength * strength, constant * constant),
  );
  const pulls = new Float32Array(examples.length * borders);
  const settled = new Uint8Array(pulls.length);
  const asked = new Int32Array(borders);
  const margins = new Float64Array(borders);
  const moves = new Float64Array(borders);
  for (const i of visits(examples.length)) {
    const { sides, cost } = examples[i]!;
    const { ids, strengths } = weighed[i]!;
    const softness = 1 / (2 * cost);
    // Only the borders are measured that the example says something about and that have not left it far behind.
    let asking = 0;
    for (let k = 0; k < borders; k++)
      if (sides[k] !== 0 && settled[i * borders + k] === 0) asked[asking++] = k;
    for (let m = 0; m < asking; m++) margins[m] = constants[asked[m]!]! * constant;
    for (let j = 0; j < ids.length; j++) {
      const row = ids[j]! * borders;
      const strength = strengths[j]!;
      // Where all are asked they lie in a row, which is read much faster; most of the time goes here.
      if (asking === borders) for (let k = 0; k < borders; k++) margins[k]! += slopes[row + k]! * strength;
      else for (let m = 0; m < asking; m++) margins[m]! += slopes[row + asked[m]!]! * strength;
    }
    let movers = 0;
    for (let m = 0; m < asking; m++) {
      const k = asked[m]!;
      const side = sides[k]!;
      const pull = pulls[i * borders + k]!;
      if (pull === 0 && side * margins[m]! > farInside) settled[i * borders + k] = 1;
      const wanted = pull - (side * margins[m]! - 1 + softness * pull) / (lengths[i]! + softness);
      const move = (Math.max(0, wanted) - pull) * side;
      if (Math.abs(move) < smallestMove) continue;
      pulls[i * borders + k] = pull + move * side;
      constants[k]! += move * constant;
      moves[movers] = move;
      asked[movers++] = k;
    }
    for (let j = 0; j < ids.length && movers > 0; j++) {
      const row = ids[j]! * borders;
      for (let m = 0; m < movers; m++) slopes[row + asked[m]!]! += moves[m]! * strengths[j]!;
    }
  }
  const all = amountsOf(examples);
  for (let k = 0; k < borders; k++) {
    const odds = oddsOf(examples, k, all);
    for (let id = 0; id < buckets; id++) slopes[id * borders + k]! += secondOpinion * odds[id]!;
  }
  return { slopes, constants, rarity };
}

/** How much of each feature there is in all of some examples. */
function amountsOf(examples: readonly Example[]): Float64Array {
  const amounts = new Float64Array(buckets);
  for (const { features } of examples) {
    const { ids, strengths } = features;
    for (let j = 0; j < ids.length; j++) amounts[ids[j]!]! += strengths[j]!;
  }
  return amounts;
}

/** How much likelier each feature is inside a border than outside it, as a logarithm. `all`: the amounts in all examples. */
function oddsOf(examples: readonly Example[], border: number, all: Float64Array): Float64Array {
  const inside = amountsOf(examples.filter(({ sides }) => sides[border] === 1));
  const unsaid = amountsOf(examples.filter(({ sides }) => sides[border] === 0));
  const outside = all.map((amount, id) => Math.max(0, amount - inside[id]! - unsaid[id]!));
  const isKnown = (id: number) => inside[id]! + outside[id]! >= fewest;
  const total = (side: Float64Array) =>
    side.reduce((sum, amount, id) => (isKnown(id) ? sum + amount + beforehand : sum), 0);
  const level = Math.log(total(outside) / total(inside));
  return inside.map((amount, id) =>
    isKnown(id) ? Math.log((amount + beforehand) / (outside[id]! + beforehand)) + level : 0,
  );
}

function marginsOf({ slopes, constants, rarity }: Learnt): Margins {
  const weigh = weighing(rarity);
  const borders = constants.length;
  return (features) => {
    const { ids, strengths } = weigh(features);
    const result = Float64Array.from(constants, (value) => value * constant);
    for (let j = 0; j < ids.length; j++) {
      const row = ids[j]! * borders;
      for (let k = 0; k < borders; k++) result[k]! += slopes[row + k]! * strengths[j]!;
    }
    return result;
  };
}

/** What lies on the shelf; else what is learnt now, which is then put there. */
export function learntOnce(shelf: Shelf | null, learnNow: () => Learnt): Margins {
  const found = shelf?.find();
  const learnt = found ?? learnNow();
  if (!found) shelf?.put(learnt);
  return marginsOf(learnt);
}

function raritiesOf(examples: readonly Example[]): Float32Array<ArrayBuffer> {
  const seen = new Int32Array(buckets);
  for (const { features } of examples) for (const id of features.ids) seen[id]! += 1;
  return Float32Array.from(seen, (n) => Math.log((1 + examples.length) / (1 + n)) + 1);
}

/** Gives rare features more weight than common ones, and everything about the same length. */
function weighing(rarity: Float32Array): (features: Features) => Features {
  return ({ ids, strengths }) => {
    const weighed = new Float32Array(ids.length);
    let square = doubt * doubt;
    for (let j = 0; j < ids.length; j++) {
      const strength = strengths[j]! * rarity[ids[j]!]!;
      weighed[j] = strength;
      square += strength * strength;
    }
    const length = Math.sqrt(square);
    for (let j = 0; j < ids.length; j++) weighed[j]! /= length;
    return { ids, strengths: weighed };
  };
}

/** Every example once a round, each round in another order: neighbours in a file are too alike to follow each other. */
function* visits(count: number): Generator<number> {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let seed = 12_345;
  for (let round = 0; round < rounds; round++) {
    for (let at = count - 1; at > 0; at--) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      const other = Math.floor((seed / 0x80000000) * (at + 1));
      const kept = order[at]!;
      order[at] = order[other]!;
      order[other] = kept;
    }
    yield* order;
  }
}
