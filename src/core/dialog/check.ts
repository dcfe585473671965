/**
 * Proves, before the program starts, that no dialogue can fail in the middle of a conversation: every target and
 * name exists, everything is reachable, every wait can end, every word is there in every language and short enough.
 * It finds faults and words for them; it repairs nothing.
 */
import type { Vocabulary } from '../turn.ts';
import {
  choiceKey,
  compile,
  evidenceKey,
  linkKey,
  placeholders,
  sayKey,
  sourceLanguage,
  type Words,
} from '../words.ts';
import { type Dialogue, type Dialogues, exits, resolve, type Step, waits } from './schema.ts';

/** `path` leads to the place in the dialogue's file; `language` is set when the fault lies in a translation. */
export type Fault = { dialogue: string; path: (string | number)[]; language?: string; message: string };

const longestUtterance = 400;
const longestLabel = 40;

/** Every fault of all dialogues together. */
export function check(
  dialogues: Dialogues,
  words: Words,
  languages: readonly string[],
  vocabulary: Vocabulary,
): Fault[] {
  return [
    ...[...dialogues.values()].flatMap((dialogue) => [
      ...Object.entries(dialogue.steps).flatMap(([id, step]) =>
        [
          ...shapeFaults(step),
          ...nameFaults(step, vocabulary),
          ...targetFaults(dialogues, dialogue, step),
          ...evidenceFaults(dialogue, step, words),
        ].map(({ path, message }) => ({ dialogue: dialogue.id, path: ['steps', id, ...path], message })),
      ),
      ...circleFaults(dialogues, dialogue),
      ...wordFaults(dialogue, words, languages, vocabulary),
    ]),
    ...reachFaults(dialogues, vocabulary),
    ...strayWords(dialogues, words, languages),
  ];
}

type Local = { path: (string | number)[]; message: string };

/** A step does exactly one thing after it has spoken, and a wait can always end. */
function shapeFaults(step: Step): Local[] {
  const ways = [
    waits(step) && 'waits',
    step.do && 'does an action',
    step.when && 'branches',
    step.to && !step.do && 'goes on',
    step.end && 'ends',
  ].filter((way) => typeof way === 'string');
  const faults: Local[] = [];
  if (ways.length === 0)
    faults.push({ path: [], message: 'leads nowhere: give it choices, do, when, to or end' });
  if (ways.length > 1) faults.push({ path: [], message: `${ways.join(' and ')}: a step does one thing` });
  if (step.options && !step.picked) faults.push({ path: ['options'], message: 'has options but no picked' });
  if (step.picked && !step.options) faults.push({ path: ['picked'], message: 'has picked but no options' });
  if (step.on && !step.do && !step.reads) faults.push({ path: ['on'], message: 'has outcomes of nothing' });
  if (waits(step)) {
    const open = Object.values(step.choices ?? {}).some((choice) => !choice.if);
    if (!open && !step.hears && !step.reads) {
      faults.push({ path: [], message: 'can wait for ever: no choice is always there' });
    }
    if (!step.say) faults.push({ path: [], message: 'waits without having said anything' });
  }
  if (step.when?.at(-1)?.if)
    faults.push({ path: ['when'], message: 'the last branch must have no condition' });
  step.when?.slice(0, -1).forEach((branch, i) => {
    if (!branch.if) faults.push({ path: ['when', i], message: 'hides the branches after it' });
  });
  for (const id of Object.keys(step.choices ?? {})) {
    if (/^(o\d+|why)$/.test(id))
      faults.push({ path: ['choices', id], message: `choice id ${id} is kept for the program` });
  }
  return faults;
}

function nameFaults(step: Step, vocabulary: Vocabulary): Local[] {
  const faults: Local[] = [];
  const known = (table: object, what: string, name: string | undefined, path: (string | number)[]) => {
    if (name && !Object.hasOwn(table, name)) faults.push({ path, message: `unknown ${what} ${name}` });
  };
  step.say?.forEach((u, i) => {
    known(vocabulary.conditions, 'condition', u.if, ['say', i, 'if']);
  });
  step.when?.forEach((b, i) => {
    known(vocabulary.conditions, 'condition', b.if, ['when', i, 'if']);
  });
  for (const [id, choice] of Object.entries(step.choices ?? {})) {
    known(vocabulary.conditions, 'condition', choice.if, ['choices', id, 'if']);
  }
  for (const id of Object.keys(step.links ?? {})) known(vocabulary.links, 'link', id, ['links', id]);
  known(vocabulary.options, 'list of options', step.options, ['options']);
  known(vocabulary.actions, 'action', step.do, ['do']);
  known(vocabulary.readers, 'reader', step.reads, ['reads']);
  const outcomes = step.do
    ? vocabulary.actions[step.do]?.outcomes
    : step.reads && vocabulary.readers[step.reads]?.outcomes;
  if (outcomes) faults.push(...outcomeFaults(step, outcomes));
  return faults;
}

function outcomeFaults(step: Step, outcomes: readonly string[]): Local[] {
  if (step.do && !step.on) {
    return outcomes.length > 1 || !step.to
      ? [{ path: ['do'], message: `say where it leads: ${outcomes.join(', ')}` }]
      : [];
  }
  const answered = Object.keys(step.on ?? {});
  return [
    ...outcomes
      .filter((outcome) => !answered.includes(outcome))
      .map((outcome) => ({ path: ['on'], message: `does not say where ${outcome} leads` })),
    ...answered
      .filter((outcome) => !outcomes.includes(outcome))
      .map((outcome) => ({ path: ['on', outcome], message: `${outcome} never comes true here` })),
  ];
}

function targetFaults(dialogues: Dialogues, dialogue: Dialogue, step: Step): Local[] {
  return exits(step).flatMap(({ to, path }) => {
    const place = resolve(dialogues, dialogue.id, to);
    return dialogues.get(place.dialogue)?.steps[place.step] ? [] : [{ path, message: `no such step: ${to}` }];
  });
}

/** Numbers to ring are no figures; a figure outside a flow, where only dates and times are agreed, needs a source. */
const toRing = /\b(?:11[023]|116 ?\d{3})\b/g;

function evidenceFaults({ kind }: Dialogue, step: Step, words: Words): Local[] {
  const unknown = (step.evidence ?? []).flatMap((id, i) =>
    words.has(sourceLanguage, evidenceKey(id))
      ? []
      : [{ path: ['evidence', i], message: `no such evidence: ${id}` }],
  );
  if (kind === 'flow' || step.evidence) return unknown;
  const figures = (step.say ?? []).flatMap(({ text }, i) =>
    /\d/.test(text.replace(toRing, ''))
      ? [{ path: ['say', i], message: 'a figure without evidence: name its id' }]
      : [],
  );
  return [...unknown, ...figures];
}

/** Steps that lead into one another without ever waiting. */
function circleFaults(dialogues: Dialogues, dialogue: Dialogue): Fault[] {
  return Object.keys(dialogue.steps).flatMap((id): Fault[] => {
    const seen = new Set<string>();
    const reaches = (at: { dialogue: string; step: string }): boolean => {
      const step = dialogues.get(at.dialogue)?.steps[at.step];
      if (!step || waits(step)) return false;
      return exits(step).some(({ to }) => {
        const next = resolve(dialogues, at.dialogue, to);
        if (next.dialogue === dialogue.id && next.step === id) return true;
        const key = `${next.dialogue}/${next.step}`;
        if (seen.has(key)) return false;
        seen.add(key);
        return reaches(next);
      });
    };
    return reaches({ dialogue: dialogue.id, step: id })
      ? [{ dialogue: dialogue.id, path: ['steps', id], message: 'runs in a circle without waiting' }]
      : [];
  });
}

/** What no entry and no step leads to would be written for nobody. */
function reachFaults(dialogues: Dialogues, vocabulary: Vocabulary): Fault[] {
  const reached = new Set<string>();
  const visit = (at: { dialogue: string; step: string }) => {
    const key = `${at.dialogue}/${at.step}`;
    const step = dialogues.get(at.dialogue)?.steps[at.step];
    if (!step || reached.has(key)) return;
    reached.add(key);
    for (const { to } of exits(step)) visit(resolve(dialogues, at.dialogue, to));
  };
  const missing = vocabulary.entries.flatMap((entry): Fault[] => {
    const place = resolve(dialogues, '', entry);
    visit(place);
    return dialogues.get(place.dialogue)?.steps[place.step]
      ? []
      : [{ dialogue: place.dialogue, path: [], message: `the program opens ${entry}, which is missing` }];
  });
  // A talk can be opened by its name, whenever somebody writes what holds them back.
  for (const { id, kind, start } of dialogues.values())
    if (kind === 'talk') visit({ dialogue: id, step: start });
  const unreached = [...dialogues.values()].flatMap((dialogue) =>
    Object.keys(dialogue.steps)
      .filter((id) => !reached.has(`${dialogue.id}/${id}`))
      .map((id) => ({ dialogue: dialogue.id, path: ['steps', id], message: 'nothing leads here' })),
  );
  return [...missing, ...unreached];
}

/** Every word of a step: its key, where it stands, and how long it may be. */
function wordsOf(dialogue: Dialogue): { key: string; path: (string | number)[]; longest: number }[] {
  return Object.entries(dialogue.steps).flatMap(([id, step]) => [
    ...(step.say ?? []).map((_, i) => ({
      key: sayKey(dialogue.id, id, i),
      path: ['steps', id, 'say', i],
      longest: longestUtterance,
    })),
    ...Object.keys(step.choices ?? {}).map((choice) => ({
      key: choiceKey(dialogue.id, id, choice),
      path: ['steps', id, 'choices', choice],
      longest: longestLabel,
    })),
    ...Object.keys(step.links ?? {}).map((link) => ({
      key: linkKey(dialogue.id, id, link),
      path: ['steps', id, 'links', link],
      longest: longestLabel,
    })),
  ]);
}

function wordFaults(
  dialogue: Dialogue,
  words: Words,
  languages: readonly string[],
  vocabulary: Vocabulary,
): Fault[] {
  return wordsOf(dialogue).flatMap(({ key, path, longest }) =>
    languages.flatMap((language): Fault[] => {
      const fault = (message: string): Fault => ({
        dialogue: dialogue.id,
        path,
        message,
        ...(language === sourceLanguage ? {} : { language }),
      });
      const text = words.raw(language, key);
      if (text === undefined) return [fault(`no words in ${language} for ${key}`)];
      try {
        compile(text, language);
      } catch (error) {
        return [fault(`not a well-formed message: ${error instanceof Error ? error.message : error}`)];
      }
      const faults: Fault[] = [];
      if (text.length > longest) faults.push(fault(`${text.length} characters; at most ${longest}`));
      const names = placeholders(text, language);
      for (const name of names) {
        if (!Object.hasOwn(vocabulary.values, name)) faults.push(fault(`unknown value {${name}}`));
      }
      const source = words.raw(sourceLanguage, key);
      if (source !== undefined && language !== sourceLanguage && !sameNames(names, source)) {
        faults.push(fault(`asks for other values than the ${sourceLanguage} words`));
      }
      return faults;
    }),
  );
}

function sameNames(names: string[], source: string): boolean {
  try {
    return placeholders(source, sourceLanguage).join() === names.join();
  } catch {
    return true;
  }
}

/** Translations of steps that are gone, and phrases that one language lacks. */
function strayWords(dialogues: Dialogues, words: Words, languages: readonly string[]): Fault[] {
  const phrases = (language: string) =>
    words.keys(language).filter((key) => /^(phrases|evidence)\./.test(key));
  const expected = new Set([
    ...[...dialogues.values()].flatMap((dialogue) => wordsOf(dialogue).map(({ key }) => key)),
    ...phrases(sourceLanguage),
  ]);
  return languages.flatMap((language): Fault[] => [
    ...words
      .keys(language)
      .filter((key) => !expected.has(key))
      .map((key) => ({
        dialogue: key.split('.')[0] ?? '',
        path: key.split('.').slice(1),
        language,
        message: `words for ${key}, which the ${sourceLanguage} dialogue does not have`,
      })),
    ...phrases(sourceLanguage)
      .filter((key) => !words.has(language, key))
      .map((key) => ({
        dialogue: 'phrases',
        path: [],
        language,
        message: `no words in ${language} for ${key}`,
      })),
  ]);
}
