/**
 * The measures of a dialogue, on small ones that can be counted by hand: volleys, paths, what a condition is worth, and
 * the two indices of reading ease.
 */
import { describe, expect, test } from 'vitest';
import { complexShare, miReport, perQuestion } from '../src/core/dialog/mi.ts';
import { type Dialogue, dialogueSchema } from '../src/core/dialog/schema.ts';
import { ari, lix, readability } from '../src/core/readability.ts';

const report = (steps: object) => {
  const dialogue: Dialogue = dialogueSchema.parse({ id: 'talk', kind: 'talk', start: 'open', steps });
  return miReport(new Map([['talk', dialogue]]), dialogue);
};
const say = (...codes: string[]) => codes.map((mi) => ({ mi, text: 'Ord.' }));
const to = (...targets: string[]) =>
  Object.fromEntries(targets.map((target, i) => [`c${i}`, { text: 'Videre', to: target }]));

describe('a volley', () => {
  test('counts its reflections once, as complex if any is, and its questions once', () => {
    const { total } = report({
      open: {
        say: say('simple-reflection', 'complex-reflection', 'question', 'question'),
        choices: to('menu/'),
      },
    });
    expect(total).toMatchObject({ simple: 0, complex: 1, questions: 1, volleys: 1 });
  });

  test('goes on over steps that do not wait', () => {
    const { total } = report({
      open: { say: say('simple-reflection'), to: 'after' },
      after: { say: say('simple-reflection', 'seek'), choices: to('menu/') },
    });
    expect(total).toMatchObject({ simple: 1, volleys: 1, adherent: 1 });
  });

  test('what is said under a condition counts against it, never for it', () => {
    const { total } = report({
      open: {
        say: [
          { mi: 'complex-reflection', if: 'enrolled', text: 'Ord.' },
          { mi: 'question', if: 'enrolled', text: 'Ord?' },
        ],
        choices: to('menu/'),
      },
    });
    expect(total).toMatchObject({ complex: 0, questions: 1 });
  });

  test('greetings and structure are not counted', () => {
    const { total } = report({ open: { say: say('none'), choices: to('menu/') } });
    expect(total).toMatchObject({ simple: 0, complex: 0, questions: 0, adherent: 0, information: 0 });
  });
});

describe('the paths', () => {
  test('go through each step at most once, and each way out is one', () => {
    const { paths, total } = report({
      open: { say: say('complex-reflection', 'question'), choices: to('more', 'menu/') },
      more: { say: say('simple-reflection', 'seek'), choices: to('open', 'menu/') },
    });
    // open and out; open, more and out; open, more, and back to open, where the walk ends.
    expect(paths).toBe(3);
    expect(total).toMatchObject({ complex: 3, simple: 2, questions: 3 });
    expect(perQuestion(total)).toBeCloseTo(5 / 3);
    expect(complexShare(total)).toBeCloseTo(3 / 5);
  });

  test('the one with the fewest reflections for its questions is named', () => {
    const { worst } = report({
      open: { say: say('complex-reflection', 'question'), choices: to('dry', 'warm') },
      dry: { say: say('question'), choices: to('menu/') },
      warm: { say: say('complex-reflection', 'seek'), choices: to('menu/') },
    });
    expect(worst).toEqual({ steps: ['open', 'dry'], reflections: 1, questions: 2 });
  });

  test('persuading and confronting are found', () => {
    const { total } = report({ open: { say: say('persuade', 'confront'), choices: to('menu/') } });
    expect(total.nonAdherent).toBe(2);
  });
});

describe('reading ease', () => {
  test('LIX is words per sentence and the share of long words', () => {
    // 8 words in 2 sentences, 2 of them over six letters: 4 + 25.
    expect(lix('Jeg går hjem nå. Ingenting haster, egentlig ikke.')).toBeCloseTo(8 / 2 + (100 * 2) / 8);
  });

  test('ARI is letters per word and words per sentence', () => {
    expect(ari('I go home. You stay.')).toBeCloseTo(4.71 * (14 / 5) + 0.5 * (5 / 2) - 21.43);
  });

  test('short plain words are easy, a law is not', () => {
    expect(readability('Du kan gå når du vil.', 'nb').easy).toBe(true);
    const law =
      'Helsepersonellovens taushetspliktbestemmelser gjennomføres hensiktsmessig gjennom virksomhetsinterne retningslinjer.';
    expect(readability(law, 'nb').easy).toBe(false);
    expect(readability('', 'nb').easy).toBe(true);
  });
});
