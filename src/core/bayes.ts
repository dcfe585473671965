/**
 * A second opinion on which label a text has: complement naive Bayes, which counts rather than weighs and so errs elsewhere than the
 * borders of `classify.ts`. It exists because the two together are right more often with strangers. Alone it is too sure of itself.
 */
import type { Example } from './classify.ts';
import type { Features } from './features.ts';

/** How much of every feature each label is taken to have beforehand. */
const beforehand = 0.03;
/** What is rarer than this says nothing. */
const fewest = 1.5;
/** Added to the amount of features, so that short texts do not count for more than long ones. */
const shortest = 4;

/** For each of `labels`, in their order, the log odds of a text, by the square root of how much it says. */
export function bayes(
  examples: readonly Example[],
  labels: readonly string[],
): (features: Features) => Float64Array {
  const amounts = new Map<string, Float64Array>();
  const totals = new Float64Array(labels.length);
  const number = new Map(labels.map((label, k) => [label, k]));
  for (const { features, label } of examples) {
    const k = number.get(label)!;
    for (const [feature, weight] of features) {
      const amount = amounts.get(feature) ?? new Float64Array(labels.length);
      amounts.set(feature, amount);
      amount[k]! += weight;
      totals[k]! += weight;
    }
  }
  const everything = totals.reduce((sum, total) => sum + total, 0);
  const smooth = beforehand * amounts.size;
  const odds = new Map<string, Float64Array>();
  for (const [feature, amount] of amounts) {
    const all = amount.reduce((sum, one) => sum + one, 0);
    if (all < fewest) continue;
    const inside = amount.map((one, k) => (one + beforehand) / (totals[k]! + smooth));
    const outside = amount.map((one, k) => (all - one + beforehand) / (everything - totals[k]! + smooth));
    odds.set(
      feature,
      inside.map((share, k) => Math.log(share / outside[k]!)),
    );
  }
  return (features) => {
    const sum = new Float64Array(labels.length);
    let length = shortest;
    for (const [feature, weight] of features) {
      length += weight;
      odds.get(feature)?.forEach((one, k) => {
        sum[k]! += one * weight;
      });
    }
    return sum.map((one) => one / Math.sqrt(length));
  };
}
