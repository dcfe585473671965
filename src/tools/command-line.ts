/**
 * The command line: every command with one line of help, and nothing else. What a command does lies in its own file.
 */
import { Argument, Command, InvalidArgumentError } from 'commander';
import { backup, restore } from './backup.ts';
import { check } from './check.ts';
import { importList } from './import.ts';
import { invite } from './invite.ts';
import { know } from './know.ts';
import { showLists } from './lists.ts';
import { meetings } from './meetings.ts';
import { move } from './move.ts';
import { notices } from './notices.ts';
import { play } from './play.ts';
import { rotate } from './rotate.ts';
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
    .command('import')
    .description('take in a list of meetings and account for every row')
    .argument('[file-or-url]', 'the list, or the address of a source that is asked again every twelve hours')
    .option('--format <format>', 'bmlt, meeting-guide or csv')
    .option('--fellowship <name>', 'whose list it is, such as AA or NA')
    .option('--zone <zone>', 'time zone of meetings that name none', 'Europe/Oslo')
    .option('--source <id>', 'short name of the list, with which its ids begin; from the file when left out')
    .option('--formats <file>', "BMLT: the server's answer to GetFormats, where the list has none in it")
    .option('--dry-run', 'tell what would come in and change nothing')
    .option(
      '--add',
      'keep the rest of the list, and add these or put them in the place of what had their ids',
    )
    .option('--sure', 'take it in also where more than 30 % of the old list goes')
    .option('--lang <language>', 'nb, nn or en', 'nb')
    .option('--json', 'print the account as JSON')
    .option('--template', 'print a CSV to fill in instead')
    .action(importList);
  program
    .command('lists')
    .description('show the lists that were taken in, and decide about them')
    .option('--accept <list>', 'the edition that was held back counts')
    .option('--discard <list>', 'the edition that was held back is thrown away')
    .option('--remove <list>', 'take a list away with all its meetings')
    .option('--drop <meeting>', 'take a single meeting off its list')
    .option('--json', 'print as JSON')
    .action(showLists);
  program
    .command('know')
    .description('note what the clinic knows of a meeting beside the lists; without a meeting, show it')
    .argument('[meeting]', 'its id')
    .option('--mark <mark>', 'lar (LAR-friendly), medication (welcome with medicines), young or quiet')
    .option('--not', 'take that mark back')
    .option('--confirmed', 'somebody made sure that it is as listed')
    .option('--looked', 'the clinic has looked into what was reported, and it runs')
    .option('--pause <dates>', 'it does not run on a date, or from one to another: 2026-06-22..2026-08-14')
    .option(
      '--weeks <weeks>',
      'weeks of the month in which it runs: 1,3 or -1 for the last; every: as listed',
    )
    .option('--holidays <state>', 'closed or open on public holidays')
    .option('--by <who>', 'who says so: initials, never a name', 'clinic')
    .option('--json', 'print as JSON')
    .action(know);
  program
    .command('invite')
    .description('make an invitation and print its links')
    .option('--alias <name>', "the clinic's own name for the patient")
    .option('--discharge <date>', 'planned discharge, such as 2026-12-01')
    .option('--young', 'a clinician has decided that somebody under 18 may take part')
    .option('--json', 'print the links as JSON')
    .action(invite);
  program
    .command('meetings')
    .description('print which meetings are on near a place')
    .requiredOption('--near <place>', 'a postcode or the name of a place')
    .option('--limit <n>', 'how many', wholeNumber, 5)
    .option('--at <time>', 'from when on, such as 2026-03-28T20:00; now when left out')
    .option('--list <file>', 'another list of meetings in YAML')
    .option('--json', 'print as JSON')
    .action(meetings);
  program
    .command('notices')
    .description('print what patients want the clinic to know')
    .option('--json', 'print as JSON')
    .action(notices);
  program
    .command('rotate')
    .description('wrap all keys by the current master key, or give everybody a fresh data key')
    .addArgument(new Argument('<which>').choices(['master', 'data']))
    .action(rotate);
  program
    .command('backup')
    .description('write everything into one encrypted file, also while the program runs')
    .argument('<file>', 'a new file')
    .action(backup);
  program
    .command('restore')
    .description('put a backup into an empty store; nothing of the past is sent again')
    .argument('<file>', 'the backup')
    .option('--erased <file...>', 'further lists of who was erased since, from other machines')
    .action(restore);
  program
    .command('move')
    .description('move everything from one store to another, verified, while the program is stopped')
    .requiredOption('--from <store>', 'sqlite:FOLDER, an address of Redis, or redis for the one in REDIS_URL')
    .requiredOption('--to <store>', 'the same; it must be empty')
    .action(move);
  return program;
}
