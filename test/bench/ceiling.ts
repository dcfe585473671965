/**
 * The day on which everybody is to be reminded at five o'clock, at the platform's own limit: what do those who write meanwhile wait,
 * and is any reminder later than the limit forces? Both are plotted.
 */
import { Agent } from 'node:http';
import { Chance } from '../../src/tools/chance.ts';
import { House, type Wish } from './bots.ts';
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
/** When reminders reached the platform, and what replies took; in ms from the start. */
type Storm = { sent: number[]; replies: Reply[] };

export async function ceilingBench({ reminders = 100_000, times = faster }): Promise<Report> {
  const pace = telegram * times;
  const ours = await storm('bli-med', reminders, pace, writesASecond * times);
  // In memory and first come, first served: a tenth shows it.
  const few = reminders / 10;
  const theirs = await storm('grammy-throttled', few, pace, writesASecond * times);
  const [first = 0, last = 0] = [ours.sent[0], ours.sent.at(-1)];
  const took = (last - first) / 1000;
  const forced = (reminders + ours.replies.length) / pace;
  const { p99 } = spreadOf(ours.replies.map((reply) => reply.took));
  return {
    id: 'ceiling',
    title: 'At the platform’s limit',
    about: `Reminders are due at the same moment and the platform takes ${pace} messages a second (${times} x Telegram’s pace, so that it is over ${times} x sooner), while ${writesASecond * times} others a second write and are answered. Bli med on Redis with \`appendfsync always\`; beside it a grammY bot with its throttler, which holds everything in memory, and a tenth of the reminders.`,
    columns: [
      'reminders',
      'replies',
      'p50 of replies, ms',
      'p99',
      'slowest',
      's for the reminders',
      's that the limit forces',
    ],
    rows: [
      { name: 'Bli med', cells: cellsOf(ours, pace) },
      { name: 'grammY, throttler', cells: cellsOf(theirs, pace) },
    ],
    aims: [
      { aim: 'replies with a p99 under one second', came: `${p99.toFixed(0)} ms`, reached: p99 < 1_000 },
      {
        aim: 'no reminder later than the limit forces (within 2 %)',
        came: `${((100 * took) / forced - 100).toFixed(1)} % later`,
        reached: took <= 1.02 * forced,
      },
    ],
    plot: plotted(ours, last),
  };
}

function cellsOf({ sent, replies }: Storm, pace: number): number[] {
  const took = replies.map((reply) => reply.took);
  const { p50, p99 } = spreadOf(took);
  const lasted = ((sent.at(-1) ?? 0) - (sent[0] ?? 0)) / 1000;
  const forced = (sent.length + replies.length) / pace;
  return [sent.length, replies.length, p50, p99, Math.max(...took), lasted, forced];
}

async function storm(who: Wish['who'], reminders: number, pace: number, writes: number): Promise<Storm> {
  const house = await House.open({ who, store: 'redis', pace });
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
  const told = [chatOf(writers), reminders, pace].map(String);
  const bot = await (who === 'bli-med' ? house.start() : house.start(...told));
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
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    // People write independently of each other.
    const wait = (-Math.log(1 - chance.next()) * 1000) / writes;
    timer = setTimeout(() => {
      const one = write().finally(() => under.delete(one));
      under.add(one);
      again();
    }, wait);
  };
  again();
  await over.promise;
  clearTimeout(timer);
  await Promise.all(under);
  agent.destroy();
  await bot.stop();
  await house.close();
  return { sent, replies };
}

/** A line for each stretch of time: how many reminders went, and what the replies took. */
function plotted({ sent, replies }: Storm, end: number): string[] {
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
