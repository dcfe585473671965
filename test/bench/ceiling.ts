/**
 * The day on which everybody is to be reminded at five o'clock, at the platform's own limit: what do those who write meanwhile wait,
 * and is any reminder later than the limit forces? Both are plotted.
 */
import { Agent } from 'node:http';
import { Chance } from '../../src/tools/chance.ts';
import { House } from './bots.ts';
import { post, spreadOf, updateOf } from './load.ts';
import { chatOf } from './people.ts';
import type { Report } from './report.ts';

/** Ten times Telegram's pace and ten times the writers: it is over sooner, and harder on the program. */
const faster = 10;
const telegram = 25;
const writesASecond = 2;
const writers = 5_000;
const bins = 20;
const widest = 40;

type Reply = { at: number; took: number };

export async function ceilingBench({ reminders = 100_000, times = faster }): Promise<Report> {
  const pace = telegram * times;
  const house = await House.open({ who: 'bli-med', store: 'redis', pace });
  await house.enrol({ from: 0, count: writers });
  await house.enrol({ from: writers, count: reminders, planning: true });
  const { platform } = house;
  const start = performance.now();
  const sent: number[] = [];
  const replies: Reply[] = [];
  const over = Promise.withResolvers<void>();
  platform.onMessage((chat) => {
    if (chat < chatOf(writers)) return;
    sent.push(performance.now() - start);
    if (sent.length === reminders) over.resolve();
  });
  const bot = await house.start();
  const agent = new Agent({ keepAlive: true });
  const chance = new Chance(17);
  const under = new Set<Promise<void>>();
  let next = 0;
  const write = async () => {
    const chat = chatOf(next++ % writers);
    const at = performance.now();
    const heard = platform.reaches(chat);
    await post(agent, bot.target, updateOf(chat, 'meny'));
    await heard;
    replies.push({ at: at - start, took: performance.now() - at });
  };
  let timer: NodeJS.Timeout;
  const again = () => {
    // People write independently of each other.
    const wait = (-Math.log(1 - chance.next()) * 1000) / (writesASecond * times);
    timer = setTimeout(() => {
      const one = write().finally(() => under.delete(one));
      under.add(one);
      again();
    }, wait);
  };
  again();
  await over.promise;
  clearTimeout(timer!);
  await Promise.all(under);
  agent.destroy();
  await bot.stop();
  await house.close();

  const [first = 0, last = 0] = [sent[0], sent.at(-1)];
  const took = (last - first) / 1000;
  const forced = (reminders + replies.length) / pace;
  const { p50, p99 } = spreadOf(replies.map((reply) => reply.took));
  const slowest = Math.max(...replies.map((reply) => reply.took));
  return {
    id: 'ceiling',
    title: 'At the platform’s limit',
    about: `${reminders.toLocaleString('en')} reminders are due at the same moment and the platform takes ${pace} messages a second (${times} x Telegram’s pace, so that it is over ${times} x sooner), while ${writesASecond * times} others a second write and are answered. Redis with \`appendfsync always\`.`,
    columns: [
      'messages',
      'p50 ms',
      'p99 ms',
      'slowest ms',
      's from the first to the last',
      's that the limit forces',
    ],
    rows: [
      { name: 'replies', cells: [replies.length, p50, p99, slowest, null, null] },
      { name: 'reminders', cells: [sent.length, null, null, null, took, forced] },
    ],
    aims: [
      { aim: 'replies with a p99 under one second', came: `${p99.toFixed(0)} ms`, reached: p99 < 1_000 },
      {
        aim: 'no reminder later than the limit forces (within 2 %)',
        came: `${((100 * took) / forced - 100).toFixed(1)} % later`,
        reached: took <= 1.02 * forced,
      },
    ],
    plot: plotted(sent, replies, last),
  };
}

/** A line for each stretch of time: how many reminders went, and what the replies took. */
function plotted(sent: readonly number[], replies: readonly Reply[], end: number): string[] {
  const width = end / bins;
  const within = (at: number, bin: number) => at >= bin * width && at < (bin + 1) * width;
  const lines = Array.from({ length: bins }, (_, bin) => {
    const count = sent.filter((at) => within(at, bin)).length;
    const took = replies.filter(({ at }) => within(at, bin)).map((reply) => reply.took);
    return { from: (bin * width) / 1000, rate: count / (width / 1000), ...spreadOf(took) };
  });
  const most = Math.max(...lines.map(({ rate }) => rate));
  return [
    `from s   reminders a second${' '.repeat(widest - 12)}p50 and p99 of replies, ms`,
    ...lines.map(({ from, rate, p50, p99 }) => {
      const bar = '#'.repeat(Math.round((widest * rate) / most)).padEnd(widest);
      const [at, speed] = [from.toFixed(0).padStart(6), rate.toFixed(0).padStart(6)];
      return `${at}   ${bar} ${speed}   ${p50.toFixed(0).padStart(6)} ${p99.toFixed(0).padStart(6)}`;
    }),
  ];
}
