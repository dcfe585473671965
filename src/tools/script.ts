/**
 * Prints a dialogue as a script on one page that a clinician can read and mark up: every step with its words, the codes
 * of motivational interviewing, the evidence, and where each answer leads. It shows what is written and judges nothing.
 */
import { readConfig } from '../config.ts';
import { type Dialogue, exits, type Step } from '../core/dialog/schema.ts';
import { choiceKey, languages, sayKey, type Words } from '../core/words.ts';
import { CannotStart, loadReference } from '../engine/program.ts';

const width = 100;

export async function script(name: string, options: { lang: string }): Promise<void> {
  const { dialogues, words } = loadReference(readConfig().clinic.meetingsFile);
  const dialogue = dialogues.get(name);
  if (!dialogue) {
    throw new CannotStart(`There is no dialogue ${name}. There are: ${[...dialogues.keys()].join(', ')}.`);
  }
  const { lang } = options;
  if (!(languages as readonly string[]).includes(lang)) {
    throw new CannotStart(`--lang: expected ${languages.join(' or ')}`);
  }
  const steps = inOrder(dialogue).map((id) => page(dialogue, id, lang, words));
  process.stdout.write(`${[name.toUpperCase(), '', ...steps.flat()].join('\n')}\n`);
}

/** The steps as somebody meets them: from the start on, each before what it leads to. */
function inOrder({ start, steps }: Dialogue): string[] {
  const seen: string[] = [];
  const open = [start];
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    const step = steps[id];
    if (!step || seen.includes(id)) continue;
    seen.push(id);
    open.push(...exits(step).map(({ to }) => to));
  }
  return [...seen, ...Object.keys(steps).filter((id) => !seen.includes(id))];
}

function page({ id: dialogue, steps }: Dialogue, id: string, language: string, words: Words): string[] {
  const step = steps[id] as Step;
  const cited = step.evidence ? `   (${step.evidence.join(', ')})` : '';
  const said = (step.say ?? []).flatMap(({ mi, if: when }, i) => [
    ...wrapped(words.raw(language, sayKey(dialogue, id, i)) ?? '', '    '),
    `      [${mi}${when ? `, if ${when}` : ''}]`,
  ]);
  const chosen = Object.entries(step.choices ?? {}).map(
    ([key, { to, if: when }]) =>
      `      > ${words.raw(language, choiceKey(dialogue, id, key))}   -> ${to}${when ? ` (if ${when})` : ''}`,
  );
  const rest = [
    ...(step.options ? [`      > one of: ${step.options}   -> ${step.picked}`] : []),
    ...(step.reads ? [`      > written: ${step.reads}`] : []),
    ...(step.hears ? [`      > own words   -> ${step.hears}`] : []),
    ...(step.silence ? [`      > silence for ${step.silence.after}   -> ${step.silence.to}`] : []),
    ...(step.do ? [`      does: ${step.do}`] : []),
    ...Object.entries(step.on ?? {}).map(([outcome, to]) => `      ${outcome}   -> ${to}`),
    ...(step.when ?? []).map(({ if: when, to }) => `      ${when ? `if ${when}` : 'otherwise'}   -> ${to}`),
    ...(step.to ? [`      -> ${step.to}`] : []),
    ...(step.end ? ['      (ends)'] : []),
  ];
  return [`${id}${cited}`, ...said, ...chosen, ...rest, ''];
}

/** Lines of at most the page's width, each behind the margin. */
function wrapped(text: string, margin: string): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line && margin.length + line.length + word.length + 1 > width) {
        lines.push(margin + line);
        line = word;
      } else {
        line = line ? `${line} ${word}` : word;
      }
    }
    return [...lines, margin + line];
  });
}
