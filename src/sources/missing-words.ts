/**
 * Writes out what a language lacks, ready to paste into its file and fill in: whole steps, with the Norwegian words above
 * each line. It exists so that a translator need not hunt for keys; it must never fill a word in by itself.
 */
import type { Dialogue, Dialogues } from '../core/dialog/schema.ts';
import { choiceKey, linkKey, sayKey, sourceLanguage, type Words } from '../core/words.ts';

/** One text for all files that lack something; empty when none does. */
export function missingWords(dialogues: Dialogues, words: Words, languages: readonly string[]): string {
  return languages
    .filter((language) => language !== sourceLanguage)
    .flatMap((language) => {
      const write = (indent: string, start: string, key: string): string[] => [
        ...(words.raw(sourceLanguage, key) ?? '').split('\n').map((line) => `${indent}# ${line}`),
        `${indent}${start} ${JSON.stringify(words.raw(language, key) ?? '')}`,
      ];
      const lacking = (key: string) => !words.has(language, key);
      const file = (name: string, lines: string[]) =>
        lines.length > 0
          ? [`# content/${language}/${name}.yaml lacks words. Fill in and paste:`, ...lines]
          : [];
      const phrases = words.keys(sourceLanguage).filter((key) => key.startsWith('phrases.') && lacking(key));
      return [
        ...[...dialogues.values()].flatMap((dialogue) =>
          file(dialogue.id, stepsThatLack(dialogue, lacking, write)),
        ),
        ...file(
          'phrases',
          phrases.flatMap((key) => write('', `${key.slice('phrases.'.length)}:`, key)),
        ),
      ];
    })
    .join('\n');
}

function stepsThatLack(
  { id, steps }: Dialogue,
  lacking: (key: string) => boolean,
  write: (indent: string, start: string, key: string) => string[],
): string[] {
  return Object.entries(steps).flatMap(([step, { say, choices, links }]) => {
    const said = (say ?? []).map((_, i) => ({ start: '-', key: sayKey(id, step, i) }));
    const labels = Object.keys(choices ?? {}).map((name) => ({
      start: `${JSON.stringify(name)}:`,
      key: choiceKey(id, step, name),
    }));
    const linked = Object.keys(links ?? {}).map((name) => ({
      start: `${JSON.stringify(name)}:`,
      key: linkKey(id, step, name),
    }));
    if (![...said, ...labels, ...linked].some(({ key }) => lacking(key))) return [];
    const part = (name: string, of: typeof said) =>
      of.length > 0 ? [`  ${name}:`, ...of.flatMap(({ start, key }) => write('    ', start, key))] : [];
    return [`${step}:`, ...part('say', said), ...part('choices', labels), ...part('links', linked)];
  });
}
