/**
 * Holds what is said to its spirit and its readers: nothing persuades or confronts, on no path of a talk are there
 * fewer reflections than questions, the reflections add something, and the words are easy. It measures the codes that
 * authors gave; whether a code is honest only a reader can say.
 */
import { readability } from '../readability.ts';
import { sourceLanguage, type Words } from '../words.ts';
import type { Fault } from './check.ts';
import { complexShare, miReport } from './mi.ts';
import type { Dialogue, Dialogues } from './schema.ts';

/** MITI 4.2.1 calls 40 % complex reflections fair. */
const fairShare = 0.4;

export function quality(dialogues: Dialogues, words: Words, languages: readonly string[]): Fault[] {
  return [...dialogues.values()].flatMap((dialogue) => [
    ...pressure(dialogue),
    ...(dialogue.kind === 'talk' ? listening(dialogues, dialogue) : []),
    ...languages.flatMap((language) => ease(dialogue.id, words, language)),
  ]);
}

function pressure({ id, steps }: Dialogue): Fault[] {
  return Object.entries(steps).flatMap(([step, { say }]) =>
    (say ?? []).flatMap(({ mi }, i) =>
      mi === 'persuade' || mi === 'confront'
        ? [{ dialogue: id, path: ['steps', step, 'say', i], message: `${mi} has no place here` }]
        : [],
    ),
  );
}

function listening(dialogues: Dialogues, dialogue: Dialogue): Fault[] {
  const fault = (message: string): Fault => ({ dialogue: dialogue.id, path: [], message });
  try {
    const { worst, total } = miReport(dialogues, dialogue);
    const share = complexShare(total);
    return [
      ...(worst.reflections < worst.questions
        ? [
            fault(
              `${worst.reflections} reflections for ${worst.questions} questions on the path ${worst.steps.join(' > ')}`,
            ),
          ]
        : []),
      ...(share < fairShare
        ? [fault(`${Math.round(100 * share)} % complex reflections; at least 40 %`)]
        : []),
    ];
  } catch (error) {
    if (error instanceof RangeError) return [fault(`${error.message}: simplify it`)];
    throw error;
  }
}

function ease(dialogue: string, words: Words, language: string): Fault[] {
  const { index, value, easy } = readability(words.spoken(language, dialogue), language);
  if (easy) return [];
  const message = `hard to read in ${language}: ${index} ${value.toFixed(1)}`;
  return [{ dialogue, path: [], message, ...(language === sourceLanguage ? {} : { language }) }];
}
