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

type Row = { name: string; size: number; p50: number; p99: number; idle: number; busy: number };

export async function growthBench({ sizes = [1_000, 100_000, 1_000_000] }): Promise<Report> {
  const house = await House.open({ who: 'bli-med', store: 'redis' });
  const rows: Row[] = [];
  let enrolled = 0;
  for (const size of sizes) {
    await house.enrol({ from: enrolled, count: size - enrolled });
    enrolled = size;
    rows.push({ name: `Bli med, ${size.toLocaleString('en')} people`, ...(await measured(house, size)) });
  }
  await house.close();
  const [first, last] = [rows[0] as Row, rows.at(-1) as Row];
  const peer = await House.open({ who: 'grammy-session', store: 'redis' });
  rows.push({
    name: `grammY, session in Redis, ${last.size.toLocaleString('en')}`,
    ...(await measured(peer, last.size)),
  });
  await peer.close();
  const ratio = last.p99 / first.p99;
  const memory = last.busy / first.busy;
  return {
    id: 'growth',
    title: 'Growth',
    about: `Turns of people from all over those who are enrolled (generated), ${atOnce} at once, on Redis; median of ${rounds} rounds of ${turns.toLocaleString('en')} turns. Memory is that of the program, after its start and after the turns. The peer knows nobody beforehand: it has a session only for whoever wrote.`,
    columns: ['p50 ms', 'p99 ms', 'MiB after the start', 'MiB after the turns'],
    rows: rows.map(({ name, p50, p99, idle, busy }) => ({ name, cells: [p50, p99, idle, busy] })),
    aims: [
      {
        aim: `p99 with ${last.size.toLocaleString('en')} within 1.3 x of that with ${first.size.toLocaleString('en')}`,
        came: times(ratio),
        reached: ratio <= 1.3,
      },
      { aim: 'memory flat (within 1.1 x)', came: times(memory), reached: memory <= 1.1 },
    ],
  };
}

async function measured(house: House, size: number): Promise<Omit<Row, 'name'>> {
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
  const busy = bot.memory;
  await bot.stop();
  return { size, p50, p99, idle, busy };
}
