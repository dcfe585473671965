/**
 * No word from the groups' own language goes unexplained: a dialogue that says such a word must have a step that explains
 * it, and that step says so (`explains`). Whether the explanation is a good one only a reader can say.
 */
import { sayKey, sourceLanguage, type Words } from '../words.ts';
import type { Fault } from './check.ts';
import type { Dialogue, Dialogues } from './schema.ts';

/** Word id -> language -> its forms; `fadder*` is any ending. */
export type Jargon = ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>;

export function unexplained(
  dialogues: Dialogues,
  words: Words,
  languages: readonly string[],
  known: Jargon,
): Fault[] {
  const patterns = [...known].flatMap(([id, forms]) =>
    languages.map((language) => ({ id, language, pattern: anyOf(forms[language] ?? []) })),
  );
  return [...dialogues.values()].flatMap((dialogue) => {
    const explained = Object.values(dialogue.steps).flatMap((step) => step.explains ?? []);
    return [
      ...patterns
        .filter(({ id }) => !explained.includes(id))
        .flatMap(({ id, language, pattern }) => uses(dialogue, words, id, language, pattern)),
      ...Object.entries(dialogue.steps).flatMap(([step, { explains = [] }]) =>
        explains.flatMap((id, i) =>
          claims(dialogue, words, step, id, patterns).map((message) => ({
            dialogue: dialogue.id,
            path: ['steps', step, 'explains', i],
            message,
          })),
        ),
      ),
    ];
  });
}

/** Every place where the word is said. */
function uses(dialogue: Dialogue, words: Words, id: string, language: string, pattern: RegExp): Fault[] {
  return Object.entries(dialogue.steps).flatMap(([step, { say = [] }]) =>
    say.flatMap((_, i) => {
      const found = pattern.exec(words.raw(language, sayKey(dialogue.id, step, i)) ?? '')?.[0];
      if (found === undefined) return [];
      const message = `${found} is a word of the groups: explain it in a step with explains: [${id}], or say it plainly`;
      const path = ['steps', step, 'say', i];
      return [{ dialogue: dialogue.id, path, message, ...(language === sourceLanguage ? {} : { language }) }];
    }),
  );
}

/** What is wrong with a step's claim to explain a word. */
function claims(
  dialogue: Dialogue,
  words: Words,
  step: string,
  id: string,
  patterns: readonly { id: string; language: string; pattern: RegExp }[],
): string[] {
  const own = patterns.filter((one) => one.id === id);
  if (own.length === 0) return [`${id} is no known word of the groups`];
  return own
    .filter(({ language, pattern }) => {
      const said = (dialogue.steps[step]?.say ?? []).map((_, i) =>
        words.raw(language, sayKey(dialogue.id, step, i)),
      );
      return !said.some((text) => pattern.test(text ?? ''));
    })
    .map(({ language }) => `explains ${id}, but does not say it in ${language}`);
}

function anyOf(forms: readonly string[]): RegExp {
  const one = forms.map((form) =>
    form
      .replace(/[.+?^$()[\]{}|\\]/g, '\\$&')
      .replaceAll('*', '\\p{L}*')
      .replaceAll(' ', '\\s+'),
  );
  return new RegExp(`(?<![\\p{L}-])(?:${one.join('|') || '(?!)'})(?!\\p{L})`, 'iu');
}
