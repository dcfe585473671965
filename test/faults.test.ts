/**
 * The program is killed at random moments under load. What people did must all be decided, what was committed must all
 * come, every reminder once; twice only what was being sent when the program died. `npm run test:faults` does it for
 * longer; SEED=... draws the same moments and the same people again.
 */
import { expect, type TestContext, test } from 'vitest';
import { Chance } from '../src/tools/chance.ts';
import { settle, told } from './faults/account.ts';
import { Crowd, momentOf } from './faults/crowd.ts';
import { Scene, type SceneOptions } from './faults/scene.ts';

const long = process.env.FAULTS === 'long';
const seed = Number(process.env.SEED ?? (long ? Date.now() % 1_000_000 : 20_261_122));

type Size = { writers: number; planners: number; kills: number };

/** Plans come due one moment after another, and at each of them the program dies `kills` times. */
async function storm(
  { onTestFinished }: TestContext,
  name: string,
  size: Size,
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
    const killed = (async () => {
      for (let i = 0; i < size.kills; i++) await scene.killSoon(chance, () => crowd.crowdsIn(chance));
    })();
    await scene.reach(at);
    await killed;
    const heard = () =>
      crowd.planners.filter(({ received }) => received.some((one) => momentOf(one) === kind)).length;
    await scene.until(
      () => heard() === crowd.planners.length,
      () => `${kind} came to ${heard()} of ${crowd.planners.length}`,
    );
    if (kind === 'day-before') crowd.plannersAnswer();
  }
  await crowd.rests();
  await scene.settle(() => crowd.received);
  const account = await settle(scene, crowd);
  process.stdout.write(told(name, seed, account));
  expect(account.wrong).toEqual([]);
  expect(account.deaths).toBe(size.kills * crowd.moments.length);
  expect(account.doubled).toBeLessThanOrEqual(account.uncertain);
}

test('killed again and again under load, on SQLite', async (context) => {
  await storm(
    context,
    'SQLite',
    long ? { writers: 12, planners: 40, kills: 8 } : { writers: 5, planners: 12, kills: 1 },
  );
}, 900_000);
