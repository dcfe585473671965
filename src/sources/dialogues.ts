/**
 * Reads the dialogues and all words from `dialogs/` and `content/<language>/`, checks them as a whole, and hands them
 * to the program ready to speak. A single fault anywhere stops the start: nobody meets half a dialogue.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { check, type Fault } from '../core/dialog/check.ts';
import { unexplained } from '../core/dialog/jargon.ts';
import { quality } from '../core/dialog/quality.ts';
import { type Dialogue, type Dialogues, dialogueSchema } from '../core/dialog/schema.ts';
import { vocabulary } from '../core/vocabulary.ts';
import { choiceKey, evidenceKey, languages, linkKey, sayKey, sourceLanguage, Words } from '../core/words.ts';
import { evidenceSchema } from './evidence.ts';
import { missingWords } from './missing-words.ts';
import { FileFaults, YamlFile } from './yaml-file.ts';

const text = z.string().trim().min(1);
const translation = z.record(
  z.string(),
  z.strictObject({
    say: z.array(text).optional(),
    choices: z.record(z.string(), text).optional(),
    links: z.record(z.string(), text).optional(),
  }),
);
const phrases = z.record(z.string(), text);
const jargon = z.record(z.string(), z.record(z.enum(languages), z.array(text).min(1)));

type Texts = Map<string, Map<string, string>>;

/** @throws FileFaults with all files that cannot be read, or else every fault, as `file:line: what is wrong` */
export function loadDialogues(
  dialogsDir: string,
  contentDir: string,
): { dialogues: Dialogues; words: Words } {
  const faults: string[] = [];
  const texts: Texts = new Map(languages.map((language) => [language, new Map()]));
  const sources = new Map<string, YamlFile<unknown>>();

  const read = <T>(place: string, file: string, schema: z.ZodType<T>): T | null => {
    const found = new YamlFile(file, schema);
    sources.set(place, found);
    faults.push(...found.faults);
    return found.value;
  };

  const dialogues = new Map<string, Dialogue>();
  for (const id of yamlFiles(dialogsDir)) {
    const dialogue = read(id, join(dialogsDir, `${id}.yaml`), dialogueSchema);
    if (!dialogue) continue;
    if (dialogue.id !== id) faults.push(sources.get(id)?.fault(['id'], `the file is called ${id}`) ?? '');
    dialogues.set(id, dialogue);
    addSource(texts.get(sourceLanguage), dialogue);
  }
  for (const language of languages) {
    const table = texts.get(language);
    const own = read(`${language}:phrases`, join(contentDir, language, 'phrases.yaml'), phrases);
    for (const [key, value] of Object.entries(own ?? {})) table?.set(`phrases.${key}`, value);
    if (language === sourceLanguage) continue;
    for (const id of dialogues.keys()) {
      const file = join(contentDir, language, `${id}.yaml`);
      if (existsSync(file)) addTranslation(table, id, read(`${language}:${id}`, file, translation) ?? {});
    }
  }

  for (const { id, statement, limits } of read(
    'evidence',
    join(contentDir, 'evidence.yaml'),
    evidenceSchema,
  ) ?? []) {
    for (const language of languages) {
      texts.get(language)?.set(evidenceKey(id), `${statement[language]}\n\n${limits[language]}`);
    }
  }

  const known = new Map(Object.entries(read('jargon', join(contentDir, 'jargon.yaml'), jargon) ?? {}));

  // What could not be read comes first: everything that leads there would be told as a fault too.
  if (faults.length > 0) throw new FileFaults(faults);

  const words = new Words(texts);
  const faultsFound = check(dialogues, words, languages, vocabulary);
  // A dialogue that is broken can not be measured.
  const all =
    faultsFound.length > 0
      ? faultsFound
      : [...quality(dialogues, words, languages), ...unexplained(dialogues, words, languages, known)];
  const told = all.map((fault) => tell(fault, sources, dialogsDir, contentDir));
  if (told.length > 0) throw new FileFaults(told, missingWords(dialogues, words, languages));
  return { dialogues, words };
}

function yamlFiles(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

function addSource(table: Map<string, string> | undefined, { id, steps }: Dialogue): void {
  for (const [step, { say, choices, links }] of Object.entries(steps)) {
    say?.forEach((utterance, i) => {
      table?.set(sayKey(id, step, i), utterance.text);
    });
    for (const [key, choice] of Object.entries(choices ?? {}))
      table?.set(choiceKey(id, step, key), choice.text);
    for (const [key, label] of Object.entries(links ?? {})) table?.set(linkKey(id, step, key), label);
  }
}

function addTranslation(
  table: Map<string, string> | undefined,
  id: string,
  steps: z.infer<typeof translation>,
): void {
  for (const [step, { say, choices, links }] of Object.entries(steps)) {
    say?.forEach((words, i) => {
      table?.set(sayKey(id, step, i), words);
    });
    for (const [key, label] of Object.entries(choices ?? {})) table?.set(choiceKey(id, step, key), label);
    for (const [key, label] of Object.entries(links ?? {})) table?.set(linkKey(id, step, key), label);
  }
}

/** A translation mirrors the steps without the `steps` level, and its choices are bare words. */
function tell(
  fault: Fault,
  sources: Map<string, YamlFile<unknown>>,
  dialogsDir: string,
  contentDir: string,
): string {
  const { dialogue, language } = fault;
  const name = language ? `${language}:${dialogue}` : dialogue;
  const path = language ? fault.path.filter((part) => part !== 'steps') : fault.path;
  const file = language
    ? join(contentDir, language, `${dialogue}.yaml`)
    : join(dialogsDir, `${dialogue}.yaml`);
  return sources.get(name)?.fault(path, fault.message) ?? `${file}:1: ${fault.message}`;
}
