/** How long it takes from nothing to the first reply, what an idle program holds, and how long the dialogues take to check. */
import { House, runToEnd, type Wish } from './bots.ts';
import { drive } from './load.ts';
import { chatOf } from './people.ts';
import { median, type Report } from './report.ts';

const rounds = 5;
const runners: { name: string; wish: Wish }[] = [
  { name: 'Bli med, SQLite', wish: { who: 'bli-med', store: 'sqlite' } },
  { name: 'Bli med, Redis', wish: { who: 'bli-med', store: 'redis' } },
  { name: 'grammY, session in Redis', wish: { who: 'grammy-session', store: 'redis' } },
];

export async function startingBench(): Promise<Report> {
  const found = runners.map(({ name }) => ({ name, took: [] as number[], memory: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, { wish }] of runners.entries()) {
      const house = await House.open(wish);
      await house.enrol({ from: 0, count: 1 });
      const start = performance.now();
      const bot = await house.start();
      const load = { platform: house.platform, target: bot.target, chats: [chatOf(0)], atOnce: 1, turns: 1 };
      await drive({ ...load, text: () => 'meny' });
      found[i]?.took.push(performance.now() - start);
      found[i]?.memory.push(bot.memory);
      await bot.stop();
      await house.close();
    }
  }
  const checks = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await runToEnd(['src/start.js', 'check'], {});
    checks.push((performance.now() - start) / 1000);
  }
  return {
    id: 'starting',
    title: 'Starting',
    about: `From the start of the process to the arrival of the first reply, and what the process holds then; median of ${rounds} starts on a store that is there already. \`blimed check\` reads and checks every dialogue in three languages in ${median(checks).toFixed(1)} s.`,
    columns: ['s to the first reply', 'MiB'],
    rows: found.map(({ name, took, memory }) => ({ name, cells: [median(took) / 1000, median(memory)] })),
    aims: [],
  };
}
