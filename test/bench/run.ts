/**
 * `npm run bench`: measures what is asked for, or everything, prints it, and with `--write` puts it into BENCHMARKS.md. Nothing is
 * asserted, since a figure says as much about the machine as about the program; only ratios of one run mean something.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ceilingBench } from './ceiling.ts';
import { choosingBench } from './choosing.ts';
import { growthBench } from './growth.ts';
import { remindersBench } from './reminders.ts';
import { inMarkdown, type Report, record } from './report.ts';
import { startingBench } from './starting.ts';
import { turnsBench } from './turns.ts';

/** Each with a size that is over soon. */
const benches: Record<string, (quick: boolean) => Promise<Report>> = {
  turns: (quick) => turnsBench(quick ? { rounds: 1 } : {}),
  reminders: (quick) => remindersBench(quick ? { reminders: 3_000, rounds: 1 } : {}),
  growth: (quick) => growthBench(quick ? { sizes: [1_000, 10_000] } : {}),
  ceiling: (quick) => ceilingBench(quick ? { reminders: 5_000 } : {}),
  starting: () => startingBench(),
  choosing: async () => choosingBench(),
};

const names = Object.keys(benches);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, write: { type: 'boolean' }, quick: { type: 'boolean' } },
});
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) stop(`There is no benchmark ${unknown.join(', ')}; there are ${names.join(', ')}.`);
if (values.write && values.quick) stop('Figures of a quick run are not written down.');
if (!existsSync(new URL('../peers/node_modules', import.meta.url)))
  stop('The peers are not installed: npm ci --prefix test/peers --ignore-scripts');

const reports: Report[] = [];
for (const name of positionals.length > 0 ? positionals : names) {
  const report = await benches[name]!(values.quick ?? false);
  reports.push(report);
  if (!values.json) process.stdout.write(`${inMarkdown(report)}\n`);
  if (values.write) record(report);
}
if (values.json) process.stdout.write(`${JSON.stringify(reports)}\n`);

function stop(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
