/**
 * Words that work in any state, in every language at once: help, menu, stop and their like, and plain yes and no.
 * A whole message must be the command, so that "stopp" inside a sentence is still a sentence.
 */
import { fold } from './fold.ts';

export const commandNames = [
  'help',
  'hard',
  'menu',
  'pause',
  'stop',
  'data',
  'delete',
  'plan',
  'meetings',
  'yes',
  'no',
] as const;
export type Command = (typeof commandNames)[number];

export class Commands {
  readonly #byWords = new Map<string, Command>();

  /** `words`: every way to say each command, in all languages. */
  constructor(words: Iterable<readonly [Command, string]>) {
    for (const [command, text] of words) this.#byWords.set(fold(text), command);
  }

  /** The command that this whole message is, or null. A leading slash, as Telegram writes commands, is ignored. */
  intent(text: string): Command | null {
    return this.#byWords.get(fold(text.slice(0, 200))) ?? null;
  }
}
