/**
 * The interpreter: runs a dialogue from where it stands until its next wait, and reads what the person answers there.
 * It knows files, words and the host's named conditions and actions, and nothing of patients or meetings.
 * It must never loop: a run ends after a fixed number of steps, and a step that is gone leads on to the menu.
 */
import type { Button, Outgoing } from '../decision.ts';
import { fold } from '../fold.ts';
import type { Purpose } from '../purpose.ts';
import { purposes } from '../purpose.ts';
import type { Frame } from '../records.ts';
import { choiceKey, evidenceKey, linkKey, sayKey, type Words } from '../words.ts';
import { type Dialogues, resolve, type Step, waits } from './schema.ts';

export type Option = { label: string; value: string };

/** What a dialogue may ask of the world around it, by name. */
export type Host = {
  language: string;
  /** Unprompted messages are announced neutrally and unfold when tapped. */
  discreet: boolean;
  newId(): string;
  condition(name: string, frame: Frame): boolean;
  /** Does it and says which of its outcomes came true. */
  act(name: string, frame: Frame): string;
  read(name: string, text: string, frame: Frame): string;
  options(name: string, frame: Frame): Option[];
  value(name: string, frame: Frame): string;
  link(name: string, frame: Frame): string | null;
  /** Where somebody's own words lead instead of `hears`, on top of what is open; null when nowhere else. */
  overhear(text: string, frame: Frame, hears: string | null): Aside | null;
  /** A plain yes or no in written words. */
  intent(text: string): 'yes' | 'no' | null;
  say(message: Omit<Outgoing, 'language'>): void;
  /** Milliseconds since the epoch `duration` (ISO 8601) from now. */
  after(duration: string): number;
};

/** `place`: dialogue/step. */
export type Aside = { place: string; vars: Record<string, string> };

const longestRun = 60;
/** Texts of one run are sent as one message up to this length. */
const comfortable = 900;
export const showChoice = 'show';
/** On every question that leans on evidence: how do you know that? */
export const whyChoice = 'why';

type Place = { dialogue: string; step: string };

/** Opens a dialogue at a step for the given purpose; null when it ended without a question. */
export function enter(
  dialogues: Dialogues,
  words: Words,
  host: Host,
  place: Place,
  purpose: Purpose,
  vars: Record<string, string> = {},
): Frame | null {
  const frame: Frame = {
    ...place,
    wait: host.newId(),
    purpose,
    vars,
    cited: [],
    options: [],
    veiled: purposes[purpose].unprompted && host.discreet,
    silence: null,
  };
  if (!frame.veiled) return run(dialogues, words, host, frame, purpose);
  ask(dialogues, words, host, frame, purpose);
  return frame;
}

/** Says again what this frame is waiting for, with the same buttons. */
export function ask(
  dialogues: Dialogues,
  words: Words,
  host: Host,
  frame: Frame,
  purpose: Purpose,
  before: string[] = [],
): void {
  if (frame.veiled) {
    host.say({
      purpose,
      text: words.say(host.language, 'phrases.veil'),
      buttons: [{ label: words.say(host.language, 'phrases.show'), data: `${frame.wait}.${showChoice}` }],
    });
    return;
  }
  const step = stepOf(dialogues, frame);
  if (!step) return;
  host.say({
    purpose,
    text: [...before, ...texts(words, host, frame, step)].join('\n\n'),
    buttons: buttons(words, host, frame, step),
  });
}

/** Follows a tapped choice. 'stale' when this wait does not offer it (any more). */
export function tap(
  dialogues: Dialogues,
  words: Words,
  host: Host,
  frame: Frame,
  choice: string,
): { frame: Frame | null; label: string } | 'stale' {
  if (frame.veiled) {
    if (choice !== showChoice) return 'stale';
    const label = words.say(host.language, 'phrases.show');
    return { frame: run(dialogues, words, host, { ...frame, veiled: false }, 'answer'), label };
  }
  const step = stepOf(dialogues, frame);
  if (!step) return 'stale';
  if (choice === whyChoice && frame.cited.length > 0) {
    const known = frame.cited.map((id) => words.say(host.language, evidenceKey(id)));
    ask(dialogues, words, host, frame, 'answer', known);
    return { frame, label: words.say(host.language, 'phrases.how-known') };
  }
  const known = step.choices?.[choice];
  if (known && (!known.if || host.condition(known.if, frame))) {
    const label = words.say(host.language, choiceKey(frame.dialogue, frame.step, choice), (name) =>
      host.value(name, frame),
    );
    return { frame: go(dialogues, words, host, frame, known.to), label };
  }
  const option = /^o\d+$/.test(choice) ? frame.options[Number(choice.slice(1))] : undefined;
  if (!option || !step.picked) return 'stale';
  const picked = { ...frame, vars: { ...frame.vars, picked: option.value } };
  return { frame: go(dialogues, words, host, picked, step.picked), label: option.label };
}

/** Follows written words. 'unclear' when this wait can make nothing of them. */
export function hear(
  dialogues: Dialogues,
  words: Words,
  host: Host,
  frame: Frame,
  text: string,
): { frame: Frame | null } | Aside | 'unclear' {
  if (frame.veiled) return { frame: run(dialogues, words, host, { ...frame, veiled: false }, 'answer') };
  const step = stepOf(dialogues, frame);
  if (!step) return 'unclear';
  const chosen = choiceIn(buttons(words, host, frame, step), step, text, host.intent(text));
  if (chosen) {
    const result = tap(dialogues, words, host, frame, chosen);
    if (result !== 'stale') return { frame: result.frame };
  }
  if (step.reads) {
    const draft = { ...frame, vars: { ...frame.vars } };
    const to = step.on?.[host.read(step.reads, text, draft)];
    if (to) return { frame: go(dialogues, words, host, draft, to) };
  }
  const aside = host.overhear(text, frame, step.hears ?? null);
  if (aside) return aside;
  return step.hears ? { frame: go(dialogues, words, host, frame, step.hears) } : 'unclear';
}

/** The choice that written words name: its label, its number, or a plain yes or no where one is offered. */
function choiceIn(
  shown: Button[],
  step: Step,
  text: string,
  intent: 'yes' | 'no' | null,
): string | undefined {
  const offered = shown.flatMap((b) => ('data' in b ? [{ label: b.label, id: b.data.split('.')[1] }] : []));
  const typed = fold(text);
  const byLabel = offered.find((o) => fold(o.label) === typed);
  if (byLabel) return byLabel.id;
  if (/^\d{1,2}$/.test(typed) && (step.options || !step.reads)) return offered[Number(typed) - 1]?.id;
  return intent ? offered.find((o) => o.id === intent)?.id : undefined;
}

/** Follows silence, when this wait says where it leads; where it does not any more, the question merely stays open. */
export function silent(dialogues: Dialogues, words: Words, host: Host, frame: Frame): Frame | null {
  const step = stepOf(dialogues, frame);
  return step?.silence ? go(dialogues, words, host, frame, step.silence.to) : { ...frame, silence: null };
}

function stepOf(dialogues: Dialogues, frame: Place): Step | undefined {
  return dialogues.get(frame.dialogue)?.steps[frame.step];
}

function go(dialogues: Dialogues, words: Words, host: Host, frame: Frame, to: string): Frame | null {
  const place = resolve(dialogues, frame.dialogue, to);
  return run(dialogues, words, host, { ...frame, ...place }, 'answer');
}

function run(dialogues: Dialogues, words: Words, host: Host, start: Frame, purpose: Purpose): Frame | null {
  let frame: Frame = { ...start, vars: { ...start.vars }, cited: [], options: [], silence: null };
  let said: string[] = [];
  const flush = () => {
    if (said.length > 0) host.say({ purpose, text: said.join('\n\n'), buttons: [] });
    said = [];
  };
  for (let count = 0; count < longestRun; count++) {
    let step = stepOf(dialogues, frame);
    if (!step) {
      frame = { ...frame, ...resolve(dialogues, '', 'menu/') };
      step = stepOf(dialogues, frame);
      if (!step) throw new Error(`neither step ${start.dialogue}/${start.step} nor a menu to lead on to`);
    }
    if (step.options) frame.options = host.options(step.options, frame);
    frame.cited = [...new Set([...frame.cited, ...(step.evidence ?? [])])];
    const spoken = texts(words, host, frame, step);
    if ([...said, ...spoken].join('\n\n').length > comfortable) flush();
    said.push(...spoken);
    if (waits(step)) {
      frame.wait = host.newId();
      frame.silence = step.silence ? host.after(step.silence.after) : null;
      host.say({ purpose, text: said.join('\n\n'), buttons: buttons(words, host, frame, step) });
      return frame;
    }
    if (step.end) {
      const open = buttons(words, host, frame, step);
      if (open.length > 0) host.say({ purpose, text: said.join('\n\n'), buttons: open });
      else flush();
      return null;
    }
    let to = step.when?.find((branch) => !branch.if || host.condition(branch.if, frame))?.to ?? step.to;
    if (step.do) {
      flush();
      // Acted before looking: where there is nothing to look up, it must be done all the same.
      const outcome = host.act(step.do, frame);
      to = step.on?.[outcome] ?? step.to;
    }
    if (!to) throw new Error(`step ${frame.dialogue}/${frame.step} leads nowhere`);
    frame = { ...frame, ...resolve(dialogues, frame.dialogue, to), options: [] };
  }
  throw new Error(`dialogue ${start.dialogue} runs in a circle from ${start.step}`);
}

function texts(words: Words, host: Host, frame: Frame, step: Step): string[] {
  return (step.say ?? []).flatMap((utterance, i) =>
    utterance.if && !host.condition(utterance.if, frame)
      ? []
      : [words.say(host.language, sayKey(frame.dialogue, frame.step, i), (name) => host.value(name, frame))],
  );
}

function buttons(words: Words, host: Host, frame: Frame, step: Step): Button[] {
  const links = Object.keys(step.links ?? {}).flatMap((name): Button[] => {
    const url = host.link(name, frame);
    const label = () => words.say(host.language, linkKey(frame.dialogue, frame.step, name));
    return url ? [{ label: label(), url }] : [];
  });
  const options = frame.options.map((o, i): Button => ({ label: o.label, data: `${frame.wait}.o${i}` }));
  const choices = Object.entries(step.choices ?? {}).flatMap(([key, choice]): Button[] => {
    if (choice.if && !host.condition(choice.if, frame)) return [];
    const label = words.say(host.language, choiceKey(frame.dialogue, frame.step, key), (name) =>
      host.value(name, frame),
    );
    return [{ label, data: `${frame.wait}.${key}` }];
  });
  const why: Button[] =
    step.end || frame.cited.length === 0
      ? []
      : [{ label: words.say(host.language, 'phrases.how-known'), data: `${frame.wait}.${whyChoice}` }];
  return [...links, ...options, ...choices, ...why];
}
