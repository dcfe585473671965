/**
 * Senses danger to life in free text: by the phrases that everybody can read, and by what was learnt from examples, since nobody can
 * list all ways in which people say it. It errs towards asking, and never rates or scores a person.
 */
import { type Example, learn } from './classify.ts';
import { type Danger, type DangerKind, type DangerSigns, dangerKinds, type Urgency } from './danger.ts';
import type { Features } from './features.ts';

/** Looks at one text; null when it tells of no danger and no craving. The same text always gives the same. */
export type DangerSense = { look: (text: string) => Danger | null };

/** The labels of examples that are no danger to life. */
export const harmlessLabel = 'harmless';
const calmLabels: readonly string[] = [harmlessLabel, 'craving' satisfies DangerKind];
export const dangerLabel = ({ kind, urgency }: Danger): string => `${kind} ${urgency}`;

/**
 * How far before the harmless a text must lie to count as danger; chosen by leaving out one writer at a time. What may be happening
 * now is believed sooner than what may come.
 */
const needed: Record<Urgency, number> = { imminent: -0.55, possible: -0.3, none: 0 };
/** How much more where it rather sounds like craving. */
const cravingNeeds = 0.3;
/** With less than this the person is asked rather than sent to 113 at once. */
const nowNeeds = -0.05;
/** What a phrase of that urgency adds. */
const phraseCounts: Record<Urgency, number> = { imminent: 0.5, possible: 0.4, none: 0 };
/** What a harmless saying takes away where there is no such phrase. */
const sayingCounts = 0.6;
/** In so few words a phrase is nearly all that was written, and needs no support; only what is well known as harmless outdoes it. */
const fewWords = 6;
const wellKnown = -1.6;
const sentenceEnd = /(?<=[.!?\n])\s+/;
const clauseEnd = /[,;.!?\n]+\s*/;
/** More pieces than these are only looked at together. */
const mostPieces = 12;

type Sensed = Danger & { lead: number };

/** `learnt`: examples with `dangerLabel`s, 'craving' and `harmlessLabel`, asked for once, when the first text is looked at. */
export function dangerSense(
  signs: DangerSigns,
  featuresOf: (text: string) => Features,
  learnt: () => readonly Example[],
): DangerSense {
  let classify: ReturnType<typeof learn> | undefined;
  const senseOne = (text: string): Sensed | null => {
    const { danger: sign, saying } = signs.read(text);
    classify ??= learn(learnt());
    const margins = classify(featuresOf(text));
    const calm = margins.find(([label]) => isHarmless(label))!;
    const worst = margins.find(([label]) => !isHarmless(label))!;
    const learntDanger = dangerOf(worst[0]);
    const bare = worst[1] - calm[1];
    const words = text.match(/[\p{L}\d]+/gu)?.length ?? 0;
    if (sign && sign.urgency !== 'none' && words <= fewWords && bare > wellKnown)
      return { ...sign, lead: bare };
    const craves = sign?.kind === 'craving' || calm[0] === 'craving';
    const lead = bare + (sign ? phraseCounts[sign.urgency] : saying ? -sayingCounts : 0);
    if (lead > needed[learntDanger.urgency] + (craves ? cravingNeeds : 0)) {
      if (sign?.urgency === 'imminent' && learntDanger.urgency !== 'imminent') return { ...sign, lead };
      return lead > nowNeeds
        ? { ...learntDanger, lead }
        : { kind: learntDanger.kind, urgency: 'possible', lead };
    }
    return craves ? { kind: 'craving', urgency: 'none', lead } : null;
  };
  return {
    look(text) {
      // Where a phrase of danger stands, what is said beside it must not talk it away.
      const dangerous = signs.look(text)?.urgency ?? 'none';
      const pieces = text
        .split(dangerous === 'none' ? sentenceEnd : clauseEnd)
        .filter((one) => one.trim() !== '');
      const parts = pieces.length > 1 && pieces.length <= mostPieces ? [text, ...pieces] : [text];
      const found = parts.flatMap((part) => senseOne(part) ?? []);
      const worst = found.toSorted((a, b) => rank(a) - rank(b) || b.lead - a.lead)[0];
      return worst ? { kind: worst.kind, urgency: worst.urgency } : null;
    },
  };
}

const isHarmless = (label: string): boolean => calmLabels.includes(label);

const rank = ({ urgency }: Danger): number => ['imminent', 'possible', 'none'].indexOf(urgency);

function dangerOf(label: string): Danger {
  const [kind, urgency] = label.split(' ');
  return { kind: dangerKinds.find((one) => one === kind) as DangerKind, urgency: urgency as Urgency };
}
