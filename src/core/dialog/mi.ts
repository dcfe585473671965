/**
 * Measures dialogues the way a coder of motivational interviewing counts a session (MITI 4.2.1): by volley, over the
 * paths a person can take. It counts the codes that authors gave and judges no words; a flattering code is a defect
 * that only a reader can find.
 */
import { type Dialogue, type Dialogues, resolve, type Step, waits } from './schema.ts';

export type Count = {
  simple: number;
  complex: number;
  questions: number;
  /** Affirm, seek collaboration, emphasise autonomy. */
  adherent: number;
  /** Persuade, confront. */
  nonAdherent: number;
  information: number;
  volleys: number;
};

export type MiReport = {
  dialogue: string;
  paths: number;
  /** Summed over all paths. */
  total: Count;
  /** The path with the fewest reflections for its questions, as step names. */
  worst: { steps: string[]; reflections: number; questions: number };
};

export const noCount: Count = {
  simple: 0,
  complex: 0,
  questions: 0,
  adherent: 0,
  nonAdherent: 0,
  information: 0,
  volleys: 0,
};

const mostPaths = 200_000;

export const reflections = (count: Count): number => count.simple + count.complex;
export const complexShare = (count: Count): number =>
  reflections(count) === 0 ? 0 : count.complex / reflections(count);
export const perQuestion = (count: Count): number =>
  count.questions === 0 ? Number.POSITIVE_INFINITY : reflections(count) / count.questions;

export function plus(a: Count, b: Count): Count {
  return {
    simple: a.simple + b.simple,
    complex: a.complex + b.complex,
    questions: a.questions + b.questions,
    adherent: a.adherent + b.adherent,
    nonAdherent: a.nonAdherent + b.nonAdherent,
    information: a.information + b.information,
    volleys: a.volleys + b.volleys,
  };
}

/**
 * Walks every path through a dialogue, each step at most once, until it leaves the dialogue.
 * @throws RangeError when there are more paths than can be walked; then the dialogue is too tangled for its readers too
 */
export function miReport(dialogues: Dialogues, dialogue: Dialogue): MiReport {
  let paths = 0;
  let total = noCount;
  let worst: MiReport['worst'] = { steps: [], reflections: 0, questions: 0 };
  let worstBalance = Number.POSITIVE_INFINITY;

  const walk = (id: string, seen: readonly string[], done: Count, volley: readonly Said[]): void => {
    const step = dialogue.steps[id];
    if (!step || seen.includes(id)) {
      finish(seen, plus(done, countOf(volley)));
      return;
    }
    const steps = [...seen, id];
    const spoken = [...volley, ...saidIn(step)];
    const wait = waits(step);
    const soFar = wait ? plus(done, countOf(spoken)) : done;
    const open = wait ? [] : spoken;
    const nexts = new Set(targets(step).map((to) => inside(dialogues, dialogue, to)));
    if (nexts.size === 0 || nexts.has(null)) finish(steps, plus(soFar, countOf(open)));
    for (const next of nexts) if (next !== null) walk(next, steps, soFar, open);
  };
  const finish = (steps: readonly string[], count: Count): void => {
    if (++paths > mostPaths) throw new RangeError(`${dialogue.id} has more than ${mostPaths} paths`);
    total = plus(total, count);
    const balance = reflections(count) - count.questions;
    if (balance < worstBalance) {
      worstBalance = balance;
      worst = { steps: [...steps], reflections: reflections(count), questions: count.questions };
    }
  };
  walk(dialogue.start, [], noCount, []);
  return { dialogue: dialogue.id, paths, total, worst };
}

type Said = { mi: string; sure: boolean };

const saidIn = (step: Step): Said[] => (step.say ?? []).map(({ mi, if: when }) => ({ mi, sure: !when }));

const targets = (step: Step): string[] => [
  ...Object.values(step.choices ?? {}).map((choice) => choice.to),
  ...(step.picked ? [step.picked] : []),
  ...(step.hears ? [step.hears] : []),
  ...Object.values(step.on ?? {}),
  ...(step.when ?? []).map((branch) => branch.to),
  ...(step.to ? [step.to] : []),
];

/** The step inside this dialogue, or null when the target lies in another one. */
function inside(dialogues: Dialogues, dialogue: Dialogue, to: string): string | null {
  const place = resolve(dialogues, dialogue.id, to);
  return place.dialogue === dialogue.id ? place.step : null;
}

/**
 * One volley: reflections count once, as complex if any is; a question counts once. What is said only under a
 * condition counts against the dialogue, never for it.
 */
function countOf(volley: readonly Said[]): Count {
  if (volley.length === 0) return noCount;
  const sure = volley.filter((said) => said.sure).map((said) => said.mi);
  const any = volley.map((said) => said.mi);
  const complex = sure.includes('complex-reflection');
  const number = (codes: readonly string[], among: readonly string[]) =>
    among.filter((mi) => codes.includes(mi)).length;
  return {
    complex: complex ? 1 : 0,
    simple: !complex && sure.includes('simple-reflection') ? 1 : 0,
    questions: any.includes('question') ? 1 : 0,
    adherent: number(['affirm', 'seek', 'autonomy'], sure),
    nonAdherent: number(['persuade', 'confront'], any),
    information: number(['information', 'persuade-with-permission'], any),
    volleys: 1,
  };
}
