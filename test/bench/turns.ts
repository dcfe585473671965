/** A turn: somebody writes, and is answered. Against other bots that do the same step, all with Redis writing to the disk at once. */
import { House, type Peer, peers, type Wish } from './bots.ts';
import { drive, type Speed } from './load.ts';
import { chatOf } from './people.ts';
import { median, type Report, times } from './report.ts';

const people = 5_000;
const warmUp = 1_500;
const turns = 4_000;
const atOnce = 32;

const runners: { name: string; wish: Wish }[] = [
  { name: 'Bli med, Redis', wish: { who: 'bli-med', store: 'redis' } },
  { name: 'Bli med, SQLite', wish: { who: 'bli-med', store: 'sqlite' } },
  { name: 'grammY, session in Redis', wish: { who: 'grammy-session', store: 'redis' } },
  { name: 'grammY conversations, Redis', wish: { who: 'grammy-conversations', store: 'redis' } },
  { name: 'botbuilder-dialogs, Redis', wish: { who: 'botbuilder-dialogs', store: 'redis' } },
];

export async function turnsBench({ rounds = 3 }): Promise<Report> {
  const speeds = new Map<Wish['who'] | 'sqlite', Speed[]>();
  const alone = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const { name, wish } of runners) {
      const house = await House.open(wish);
      await house.enrol({ from: 0, count: people });
      const bot = await house.start();
      const chats = Array.from({ length: people }, (_, n) => chatOf(n));
      const load = { platform: house.platform, target: bot.target, chats, text: () => 'meny' };
      await drive({ ...load, atOnce, turns: warmUp });
      const speed = await drive({ ...load, atOnce, turns });
      const one = await drive({ ...load, atOnce: 1, turns: 300 });
      const key = wish.store === 'sqlite' ? 'sqlite' : wish.who;
      speeds.set(key, [...(speeds.get(key) ?? []), speed]);
      alone.set(name, [...(alone.get(name) ?? []), one.p50]);
      await bot.stop();
      await house.close();
    }
  }
  const of = (who: Wish['who'] | 'sqlite', what: keyof Speed) =>
    median((speeds.get(who) ?? []).map((speed) => speed[what]));
  const ratio = (peer: Peer) => of('bli-med', 'perSecond') / of(peer, 'perSecond');
  const [plain, ...others] = peers;
  const p99 = of('bli-med', 'p99');
  return {
    id: 'turns',
    title: 'A turn',
    about: `An update comes by an HTTP webhook, is decided and committed, and the reply reaches a local Bot API by HTTP. ${atOnce} people wait for their answer at once, each message is by somebody else; bot, Redis (\`appendfsync always\`), load and Bot API share the machine. Median of ${rounds} rounds of ${turns.toLocaleString('en')} turns. Bli med does what the peers do not: it seals every record, commits state and reply together under a version, marks the send before and after, keeps each person's order over restarts, and drops what comes twice.`,
    columns: ['turns a second', 'p50 ms', 'p99 ms', 'one at a time, ms', 'Bli med on Redis : this'],
    rows: runners.map(({ name, wish }) => {
      const key = wish.store === 'sqlite' ? 'sqlite' : wish.who;
      const speed = of(key, 'perSecond');
      const cells = [speed, of(key, 'p50'), of(key, 'p99'), median(alone.get(name) ?? [])];
      return { name, cells: [...cells, of('bli-med', 'perSecond') / speed] };
    }),
    aims: [
      { aim: 'at least 1.0 x a plain grammY session', came: times(ratio(plain)), reached: ratio(plain) >= 1 },
      ...others.map((peer) => ({
        aim: `at least 3 x ${peer}`,
        came: times(ratio(peer)),
        reached: ratio(peer) >= 3,
      })),
      { aim: `p99 under 50 ms with ${atOnce} at once`, came: `${p99.toFixed(0)} ms`, reached: p99 < 50 },
    ],
  };
}
