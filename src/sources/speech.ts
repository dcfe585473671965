/**
 * Reads what the program listens for: the words of each command in every language, and the phrases that may mean
 * danger. Both are data, so that somebody who knows how people write can improve them without touching code.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { type Command, Commands, commandNames } from '../core/commands.ts';
import { DangerSigns } from '../core/danger.ts';
import { languages } from '../core/words.ts';
import { loadYaml } from './yaml-file.ts';

const phrases = z.array(z.string().trim().min(1)).min(1);
const commandFile = z.strictObject(
  Object.fromEntries(commandNames.map((name) => [name, phrases])) as Record<Command, typeof phrases>,
);
const dangerFile = z.strictObject({ imminent: phrases, possible: phrases, harmless: phrases });

/** @throws FileFaults */
export function loadCommands(contentDir: string): Commands {
  return new Commands(
    languages.flatMap((language) =>
      Object.entries(loadYaml(join(contentDir, language, 'commands.yaml'), commandFile)).flatMap(
        ([name, ways]) => ways.map((way) => [name as Command, way] as const),
      ),
    ),
  );
}

/** @throws FileFaults */
export function loadDanger(contentDir: string): DangerSigns {
  const files = languages.map((language) => loadYaml(join(contentDir, language, 'danger.yaml'), dangerFile));
  return new DangerSigns({
    imminent: files.flatMap((file) => file.imminent),
    possible: files.flatMap((file) => file.possible),
    harmless: files.flatMap((file) => file.harmless),
  });
}
