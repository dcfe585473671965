/**
 * Reads the words of each command in every language. They are data, so that somebody who knows how people write can
 * improve them without touching code.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { type Command, Commands, commandNames } from '../core/commands.ts';
import { languages } from '../core/words.ts';
import { loadYaml } from './yaml-file.ts';

const phrases = z.array(z.string().trim().min(1)).min(1);
const commandFile = z.strictObject({
  ...(Object.fromEntries(commandNames.map((name) => [name, phrases])) as Record<Command, typeof phrases>),
  /** Command and description, as a chat app lists them. */
  shown: z.record(
    z.string().regex(/^[a-z]{1,32}$/, 'must be 1 to 32 letters a to z'),
    z.string().min(1).max(60),
  ),
});

const read = (contentDir: string, language: string) =>
  loadYaml(join(contentDir, language, 'commands.yaml'), commandFile);

/** @throws FileFaults */
export function loadCommands(contentDir: string): Commands {
  return new Commands(
    languages.flatMap((language) => {
      const { shown: _, ...commands } = read(contentDir, language);
      return Object.entries(commands).flatMap(([name, ways]) =>
        ways.map((way) => [name as Command, way] as const),
      );
    }),
  );
}

export type ShownCommands = Record<string, { command: string; description: string }[]>;

/** What a chat app may list in its own menu, by language. @throws FileFaults */
export const loadShownCommands = (contentDir: string): ShownCommands =>
  Object.fromEntries(
    languages.map((language) => [
      language,
      Object.entries(read(contentDir, language).shown).map(([command, description]) => ({
        command,
        description,
      })),
    ]),
  );
