/** What becomes of a turn and of memory when many more people are enrolled, nearly all of whom are silent just now. */
import { House } from './bots.ts';
import { drive } from './load.ts';
import { chatOf } from './people.ts';
import { median, type Report, times } from './report.ts';

const rounds = 3;
const turns = 4_000;
const atOnce = 8;
/** Leads to everybody in turn, and far away each time. */
const stride = 7919;

export async function growthBench({ sizes = [1_000, 100_000, 1_000_000] }): Promise<Report> {
  const house = await House.open({ who: 'bli-med', store: 'redis' });
  const rows: { size: number; p50: number; p99: number; idle: number; busy: number }[] = [];
  let enrolled = 0;
  for (const size of sizes) {
    await house.enrol({ from: enrolled, count: size - enrolled });
    enrolled = size;
    const bot = await house.start();
    const idle = bot.memory;
    const load = { platform: house.platform, target: bot.target, atOnce, turns, text: () => 'meny' };
    // Others in every round, as far as there are others.
    const chats = (round: number) =>
      Array.from({ length: turns }, (_, i) => chatOf(((round * turns + i) * stride) % size));
    await drive({ ...load, chats: chats(rounds) });
    const speeds = [];
    for (let round = 0; round < rounds; round++) speeds.push(await drive({ ...load, chats: chats(round) }));
    const [p50, p99] = [median(speeds.map((one) => one.p50)), median(speeds.map((one) => one.p99))];
    rows.push({ size, p50, p99, idle, busy: bot.memory });
    await bot.stop();
  }
  await house.close();
  const [first, last] = [rows[0], rows.at(-1)];
  const ratio = (last?.p99 ?? Number.NaN) / (first?.p99 ?? Number.NaN);
  const memory = (last?.busy ?? Number.NaN) / (first?.busy ?? Number.NaN);
  return {
    id: 'growth',
    title: 'Growth',
    about: `Turns of people from all over those who are enrolled (generated), ${atOnce} at once, on Redis; median of ${rounds} rounds of ${turns.toLocaleString('en')} turns. Memory is that of the program, after its start and after the turns.`,
    columns: ['p50 ms', 'p99 ms', 'MiB after the start', 'MiB after the turns'],
    rows: rows.map(({ size, p50, p99, idle, busy }) => ({
      name: `${size.toLocaleString('en')} people`,
      cells: [p50, p99, idle, busy],
    })),
    aims: [
      {
        aim: `p99 with ${last?.size.toLocaleString('en')} within 1.3 x of that with ${first?.size.toLocaleString('en')}`,
        came: times(ratio),
        reached: ratio <= 1.3,
      },
      { aim: 'memory flat (within 1.1 x)', came: times(memory), reached: memory <= 1.1 },
    ],
  };
}
