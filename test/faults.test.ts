/**
 * The program is killed at random moments under load, so is the Redis under it, the disk runs full and Telegram fails. What people did must all be decided, what was committed must all
 * come, every reminder once; twice only what was being sent when the program died. `npm run test:faults` does it for
 * longer; SEED=... draws the same moments and the same people again.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { Chance } from '../src/tools/chance.ts';
import { RedisServer } from './fakes/redis.ts';
import { emptyFolder } from './fakes/running.ts';
import type { Trouble } from './fakes/telegram-faults.ts';
import { settle, told } from './faults/account.ts';
import { Crowd, momentOf } from './faults/crowd.ts';
import { pause, Scene, type SceneOptions } from './faults/scene.ts';

const long = process.env.FAULTS === 'long';
const seed = Number(process.env.SEED ?? (long ? Date.now() % 1_000_000 : 20_261_122));

/** `moments`: over how many of a plan's moments this goes. */
type Size = { writers: number; planners: number; moments: number; blows: number };
type Blow = (scene: Scene, crowd: Crowd, chance: Chance) => Promise<void>;

/** So many sends may be under way at once. */
const mostInFlight = 16;

const programDies: Blow = (scene, crowd, chance) =>
  scene.soon(chance, (struck) => scene.kill(struck, () => crowd.crowdsIn(chance)));

/** Plans come due one moment after another, and over each of them so many blows are struck. */
async function storm(
  { onTestFinished }: TestContext,
  name: string,
  size: Size,
  blows: readonly Blow[] = [programDies],
  options: SceneOptions = {},
): Promise<void> {
  const chance = new Chance(seed);
  const scene = await Scene.open(options);
  onTestFinished(() => scene.stop());
  const crowd = new Crowd(scene.telegram, scene.updates, seed, size);
  await scene.seat(crowd.records);
  await scene.start();
  crowd.arrives();
  for (const { kind, at } of crowd.moments) {
    // What takes days is no load: the days between two moments pass while everybody rests.
    await crowd.rests();
    await scene.drained();
    await scene.reach(at - 60_000);
    crowd.writes();
    const struck = (async () => {
      for (let i = 0; i < size.blows; i++) await blows[scene.blows % blows.length]?.(scene, crowd, chance);
    })();
    await scene.reach(at);
    await struck;
    const heard = () =>
      crowd.planners.filter(({ received }) => received.some((one) => momentOf(one) === kind)).length;
    await scene.until(
      () => heard() === crowd.planners.length,
      () => `${kind} came to ${heard()} of ${crowd.planners.length}`,
    );
    if (kind === 'day-before') crowd.plannersAnswer();
  }
  await crowd.rests();
  const account = await settle(scene, crowd);
  process.stdout.write(told(name, seed, account));
  expect(account.wrong).toEqual([]);
  expect(account.blows).toBe(size.blows * crowd.moments.length);
  expect(account.uncertain).toBeLessThanOrEqual(mostInFlight * account.blows);
  expect(account.doubled).toBeLessThanOrEqual(account.uncertain);
}

test.concurrent('killed again and again under load, on SQLite', async (context) => {
  await storm(
    context,
    'SQLite',
    long
      ? { writers: 8, planners: 30, moments: 4, blows: 5 }
      : { writers: 3, planners: 12, moments: 2, blows: 2 },
  );
}, 900_000);

const redisDies =
  (redis: RedisServer): Blow =>
  (scene, crowd, chance) =>
    scene.soon(chance, async (struck) => {
      await redis.kill();
      struck();
      crowd.crowdsIn(chance);
      await redis.again();
    });

/** It answers nobody until the program has noticed, and in the long form for half a minute. */
const redisFreezes =
  (redis: RedisServer): Blow =>
  (scene, crowd, chance) =>
    scene.soon(chance, async (struck) => {
      const program = await scene.running();
      const before = program.output.length;
      redis.signal('SIGSTOP');
      struck();
      crowd.crowdsIn(chance);
      while (!/"event":"(beat|poll)-failed"/.test(program.output.slice(before))) await pause();
      if (long) await new Promise((resolve) => setTimeout(resolve, 30_000));
      redis.signal('SIGCONT');
    });

test.concurrent('Redis dies and freezes under load, and so does the program on it', async (context) => {
  const redis = await RedisServer.start();
  context.onTestFinished(() => redis.stop());
  const dies = redisDies(redis);
  const blows = long ? [dies, redisFreezes(redis), programDies, dies] : [dies];
  const size = long
    ? { writers: 8, planners: 30, moments: 4, blows: 4 }
    : { writers: 4, planners: 8, moments: 2, blows: 1 };
  await storm(context, 'Redis', size, blows, { redis });
}, 900_000);

const troubles: Trouble[] = [
  ...(['reset before', 'answer lost', 'hang'] as const),
  ...([{ retryAfter: 1 }, { status: 500 }, { status: 502, delivered: true }, { status: 504 }] as const),
];

/** A few requests go wrong, in one of the ways in which Telegram's do; a hanging one is answered when all hang. */
const telegramFails: Blow = (scene, crowd, chance) =>
  scene.soon(chance, async (struck) => {
    const trouble = chance.pick(troubles) ?? 'hang';
    const method = chance.hits(0.7) ? 'sendMessage' : 'getUpdates';
    // There is one poll at a time, and it may be held open for long before it goes wrong.
    const times = method === 'getUpdates' ? 1 : chance.between(1, 2);
    const fault = scene.telegram.fails(method, trouble, { times });
    struck();
    crowd.crowdsIn(chance);
    await fault.struck(times);
    fault.release();
  });

/** Nobody answers there any longer, until the program has noticed. */
const telegramGoes: Blow = (scene, crowd, chance) =>
  scene.soon(chance, async (struck) => {
    const program = await scene.running();
    const before = program.output.length;
    struck();
    await scene.telegram.goesDown();
    crowd.crowdsIn(chance);
    while (!/"event":"poll-failed"/.test(program.output.slice(before))) await pause();
    await scene.telegram.comesUp();
  });

test.concurrent('Telegram fails in all its ways under load, and goes away', async (context) => {
  const size = long
    ? { writers: 8, planners: 20, moments: 4, blows: 12 }
    : { writers: 3, planners: 8, moments: 2, blows: 3 };
  await storm(context, 'Telegram', size, [telegramFails, telegramFails, telegramGoes], { frail: true });
}, 900_000);

const mostAsks = 500;

/** No byte more can be written, until the program has noticed and has told whoever asked to come back. */
const diskFills =
  (disk: string): Blow =>
  (scene, crowd, chance) =>
    scene.soon(chance, async (struck) => {
      const ballast = join(disk, 'ballast');
      const { address } = await scene.running();
      fill(ballast);
      struck();
      crowd.crowdsIn(chance);
      const headers = { 'content-type': 'application/json' };
      const asks = () =>
        fetch(`${address}/demo/advance`, { method: 'POST', headers, body: '{"by":"PT0.001S"}' });
      // Its log of writes may have room from before, which no ballast takes.
      for (let n = 0; n < mostAsks && (await asks()).status !== 503; n++) fill(ballast);
      rmSync(ballast);
    });

/** Takes what is left of the disk. */
function fill(file: string): void {
  for (const size of [65_536, 4_096, 512]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}

// Only root may make a disk so small that a test can fill it.
const canFill = process.getuid?.() === 0 && process.platform === 'linux';
(canFill ? test.concurrent : test.skip)(
  'the disk runs full under load',
  async (context) => {
    const disk = emptyFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
    context.onTestFinished(() => {
      execFileSync('umount', ['--lazy', disk]);
    });
    const size = long
      ? { writers: 8, planners: 20, moments: 4, blows: 3 }
      : { writers: 3, planners: 8, moments: 2, blows: 1 };
    await storm(context, 'a full disk', size, [diskFills(disk)], { disk });
  },
  900_000,
);
