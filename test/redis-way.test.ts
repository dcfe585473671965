/**
 * One person's way on Redis, from the link to what comes after the plan: the same words as on
 * SQLite, and nothing of theirs in the clear in what Redis writes to the disk.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqliteStore } from '../src/store/sqlite.ts';
import type { Store } from '../src/store/store.ts';
import { Bot, texts } from './fakes/bot.ts';
import { durable, openLink, openStore, RedisServer } from './fakes/redis.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start([
    ...durable,
    '--slowlog-log-slower-than',
    '0',
    '--slowlog-max-len',
    '5000',
  ]);
});
afterAll(() => server.stop());

/** What they were told on the way, and who they were. */
async function way(store: Store): Promise<{ told: string[]; bot: Bot; id: number }> {
  const bot = await Bot.start({ store });
  const anna = bot.telegram.user({ firstName: 'Navnemerke' });
  await bot.settlesIn(anna);
  await bot.plans(anna);
  for (let i = 0; i < 4; i++) await bot.toNext();
  await bot.says(anna, 'Tekstmerke');
  return { told: texts(anna), bot, id: anna.id };
}

test('the way is the same, and nothing of it is on the disk in the clear', async () => {
  const [here, there] = [await way(new SqliteStore(':memory:')), await way(await openStore(server.url))];
  expect(there.told).toEqual(here.told);
  expect(there.told.length).toBeGreaterThan(12);
  // Long enough that no number of something else holds them by chance.
  const marks = ['Navnemerke', 'Tekstmerke', 'Kristiansand', String(there.id)];
  expect(marks.filter((mark) => server.log().includes(mark))).toEqual([]);
  const link = await openLink(server.url);
  const [slow] = await link.everywhere('SLOWLOG', 'GET', '-1');
  await link.close();
  expect(marks.filter((mark) => String(slow).includes(mark))).toEqual([]);
  expect(String(slow)).toContain('bm:{p');
  expect(server.log()).toContain('bm:{p');
  await here.bot.stop();
  await there.bot.stop();
});
