/**
 * Lets invented patients use the program for weeks on a clock of its own, and counts what they received against what
 * their plans demanded. Any reminder that was lost, doubled, late or at night, any dead end and any error fails it.
 */
import { readConfig } from '../config.ts';
import { isDate } from '../core/time.ts';
import { CannotStart, loadReference } from '../engine/program.ts';
import { wrongs } from './simulate-account.ts';
import { rehearse, type Totals } from './simulate-run.ts';

const mostFaultsShown = 40;

export async function simulate(options: {
  patients: number;
  days: number;
  seed: number;
  start: string;
  json?: boolean;
}): Promise<void> {
  const { patients, days, seed, start, json } = options;
  if (!isDate(start)) throw new CannotStart(`--start: ${start} is no date; write it as 2026-03-01`);
  const { clinic } = readConfig();
  const reference = loadReference(clinic.meetingsFile);
  const began = performance.now();
  const totals = await rehearse({ patients, days, seed, start, zone: clinic.zone, reference });
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  process.stdout.write(json ? `${JSON.stringify({ ...totals, seconds })}\n` : table(totals, seconds));
  if (totals.faults.length > 0) process.exitCode = 1;
}

function table(totals: Totals, seconds: number): string {
  const { reminders, visited, faults } = totals;
  const withdrawn = Object.entries(reminders.withdrawn).map(([why, count]) => `${why} ${count}`);
  const rows: [string, string | number][] = [
    ['patients, days, seed', `${totals.patients}, ${totals.days} from ${totals.start}, ${totals.seed}`],
    ['events', `${totals.events}, of them redelivered ${totals.redelivered}`],
    ['messages', totals.messages],
    ['plans', totals.plans],
    ['reminders due', reminders.due],
    ['  sent', reminders.sent],
    ['  withdrawn', withdrawn.join(', ') || 'none'],
    ...wrongs.map((wrong): [string, number] => [`  ${wrong}`, reminders[wrong]]),
    ['dead ends', totals.deadEnds],
    ['refused as old', totals.refused],
    ['done twice', totals.repeated],
    ['errors', totals.errors],
    ['visited', `${visited.steps} of ${visited.of} steps (${Math.round(visited.share * 100)} %)`],
    ['  not visited', visited.unseen.join(' ') || 'none'],
    ['seconds', seconds],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(22)}${value}`);
  const shown = faults
    .slice(0, mostFaultsShown)
    .map(({ patient, moment, what }) => `${patient}  ${moment}  ${what}`);
  const more = faults.length - shown.length;
  return `${[...lines, ...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')}\n`;
}
