/** Reminders that are all due at once, handed to a platform that takes everything; against BullMQ's delayed jobs on the same Redis. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../fakes/redis.ts';
import { runToEnd } from './bots.ts';
import { enrol } from './people.ts';
import { median, type Report, times } from './report.ts';

/** Telegram's own limit, in messages a second. */
const telegram = 30;

export async function remindersBench({ reminders = 100_000, rounds = 3 }): Promise<Report> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await rateOf('test/bench/reminders-child.ts', reminders, true));
    theirs.push(await rateOf('test/peers/bullmq-reminders.js', reminders, false));
  }
  const ratio = median(ours) / median(theirs);
  return {
    id: 'reminders',
    title: 'Reminders',
    about: `${reminders.toLocaleString('en')} reminders due at once, dispatched to a platform in the same process that takes everything; Redis with \`appendfsync always\`. Median of ${rounds} rounds. A job of BullMQ is taken and removed; a reminder of Bli med is decided anew from the person's sealed record, its words are written, state and message are committed together, and the send is marked before and after. The last column is how far the rate lies above what Telegram takes.`,
    columns: ['a second', 'Bli med : this', `: ${telegram} a second`],
    rows: [
      { name: 'Bli med', cells: [median(ours), 1, median(ours) / telegram] },
      { name: 'BullMQ, 64 at once', cells: [median(theirs), ratio, median(theirs) / telegram] },
    ],
    aims: [{ aim: 'at least 1.5 x BullMQ', came: times(ratio), reached: ratio >= 1.5 }],
  };
}

async function rateOf(script: string, count: number, enrols: boolean): Promise<number> {
  const redis = await RedisServer.start();
  const folder = mkdtempSync(join(tmpdir(), 'bli-med-bench-'));
  const settings = { DATA_DIR: folder, REDIS_URL: redis.url };
  if (enrols) await enrol(settings, { from: 0, count, planning: true });
  const said = await runToEnd([script, String(count)], settings);
  const outcome = JSON.parse(said.trim().split('\n').at(-1) ?? '') as { count: number; took: number };
  if (outcome.count !== count) throw new Error(`${outcome.count} of ${count} reminders went out`);
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
  return count / (outcome.took / 1000);
}
