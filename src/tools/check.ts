/**
 * Checks everything that is written by hand: dialogues, words, commands, help lines, meetings, and learns from the examples, so that
 * the next start need not. Prints every fault as `file:line: what is wrong`; with --mi also how the dialogues measure by motivational
 * interviewing and by reading ease.
 */
import { readConfig } from '../config.ts';
import { complexShare, type MiReport, miReport, noCount, perQuestion, plus } from '../core/dialog/mi.ts';
import { readability } from '../core/readability.ts';
import { languages } from '../core/words.ts';
import { loadReference } from '../engine/program.ts';

/** @throws FileFaults, which the caller prints */
export async function check(options: { mi?: boolean }): Promise<void> {
  const { dialogues, words, meetings, freeText } = loadReference(readConfig().clinic.meetingsFile);
  freeText.learnAhead();
  const all = [...dialogues.values()];
  const steps = all.reduce((sum, dialogue) => sum + Object.keys(dialogue.steps).length, 0);
  process.stdout.write(
    `${all.length} dialogues with ${steps} steps in ${languages.join(' and ')}, ${meetings.all.length} meetings: no faults\n`,
  );
  if (!options.mi) return;

  const talks = all.filter(({ kind }) => kind === 'talk').map((dialogue) => miReport(dialogues, dialogue));
  const ease = all.map(({ id }) => {
    const indices = languages.map((language) => {
      const { index, value } = readability(words.spoken(language, id), language);
      return `${language} ${index} ${value.toFixed(1)}`;
    });
    return `${id.padEnd(16)}${indices.join('   ')}`;
  });
  const total = talks.map((talk) => talk.total).reduce(plus, noCount);
  const lines = [
    '',
    'Motivational interviewing, by volley over all paths (MITI 4.2.1)',
    row('talk', 'paths', 'R:Q', 'complex', 'adherent', 'non-adh.', 'info/100', 'fewest R for Q'),
    ...talks.map(measured),
    measured({ dialogue: 'all talks', paths: sum(talks), total, worst: null }),
    '',
    'Reading ease (LIX: below 40 is easy; ARI: a school grade)',
    ...ease,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const sum = (talks: MiReport[]): number => talks.reduce((paths, talk) => paths + talk.paths, 0);

function measured({
  dialogue,
  paths,
  total,
  worst,
}: Omit<MiReport, 'worst'> & { worst: MiReport['worst'] | null }): string {
  return row(
    dialogue,
    String(paths),
    perQuestion(total).toFixed(2),
    `${Math.round(100 * complexShare(total))} %`,
    String(total.adherent),
    String(total.nonAdherent),
    String(Math.round((100 * total.information) / Math.max(1, total.volleys))),
    worst ? `${worst.reflections} for ${worst.questions}` : '',
  );
}

const row = (name: string, ...cells: string[]): string =>
  name.padEnd(16) + cells.map((cell) => cell.padStart(9)).join('');
