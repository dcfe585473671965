/** Checks everything that is written by hand: dialogues, words, commands, help lines, meetings. Prints every fault as file:line. */
import { readConfig } from '../config.ts';
import { languages } from '../core/words.ts';
import { loadReference } from '../engine/program.ts';

/** @throws FileFaults, which the caller prints */
export async function check(): Promise<void> {
  const { dialogues, meetings } = loadReference(readConfig().clinic.meetingsFile);
  const steps = [...dialogues.values()].reduce(
    (sum, dialogue) => sum + Object.keys(dialogue.steps).length,
    0,
  );
  process.stdout.write(
    `${dialogues.size} dialogues with ${steps} steps in ${languages.join(' and ')}, ${meetings.length} meetings: no faults\n`,
  );
}
