/**
 * The command line: every command with one line of help, and nothing else. What a command does lies in its own file.
 */
import { Command, InvalidArgumentError } from 'commander';
import { check } from './check.ts';
import { invite } from './invite.ts';
import { notices } from './notices.ts';
import { play } from './play.ts';
import { script } from './script.ts';
import { simulate } from './simulate.ts';
import { understandLines } from './understand.ts';

const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('Expected a whole number from 1.');
  return number;
};

/** `start` runs the server; it is what happens when no command is given. */
export function commandLine({ start }: { start: () => Promise<void> }): Command {
  const program = new Command('blimed').description(
    'A chat bot that helps people to their first self-help group meeting.',
  );
  program
    .command('start', { isDefault: true })
    .description('start the program (also without any command)')
    .action(start);
  program
    .command('check')
    .description('check all dialogues, words and content')
    .option('--mi', 'also measure the talks by motivational interviewing, and all texts by reading ease')
    .action(check);
  program
    .command('play')
    .description('play a dialogue in the terminal')
    .argument('[dialogue]', 'the dialogue to begin with; the whole way in when left out')
    .option('--lang <language>', 'nb or en', 'nb')
    .option('--save <file>', 'write the conversation as a story for test/stories')
    .action(play);
  program
    .command('script')
    .description('print a dialogue as a script on one page')
    .argument('<dialogue>', 'which one')
    .option('--lang <language>', 'the language', 'nb')
    .action(script);
  program
    .command('understand')
    .description('read lines and print what is understood of each, as JSON')
    .option('--lang <language>', 'the language of the chat', 'nb')
    .action(understandLines);
  program
    .command('simulate')
    .description('let invented patients use it for weeks, and count')
    .option('--patients <n>', 'how many', wholeNumber, 20)
    .option('--days <n>', 'how long', wholeNumber, 30)
    .option('--seed <n>', 'the same seed gives the same run', wholeNumber, 1)
    .option('--start <date>', 'the first day', '2026-03-01')
    .option('--json', 'print the totals as JSON')
    .action(simulate);
  program
    .command('invite')
    .description('make an invitation and print its links')
    .option('--alias <name>', "the clinic's own name for the patient")
    .option('--discharge <date>', 'planned discharge, such as 2026-12-01')
    .option('--young', 'a clinician has decided that somebody under 18 may take part')
    .option('--json', 'print the links as JSON')
    .action(invite);
  program
    .command('notices')
    .description('print what patients want the clinic to know')
    .option('--json', 'print as JSON')
    .action(notices);
  return program;
}
