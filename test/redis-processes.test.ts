/**
 * What only several processes on one Redis can show: one of many wins a claim, an event is done once, a timer happens
 * once, and workers share the outbox, in order and without sending twice, also when one of them dies.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Outgoing } from '../src/core/decision.ts';
import type { RedisStore } from '../src/store/redis.ts';
import { MasterKey } from '../src/store/seal.ts';
import { type Parcel, Vault } from '../src/store/vault.ts';
import { commitOf } from './contracts/store-ground.ts';
import { openLink, openStore, RedisServer } from './fakes/redis.ts';
import { masterKey } from './fakes/redis-child.ts';

let server: RedisServer;
let store: RedisStore;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());
beforeEach(async () => {
  const link = await openLink(server.url);
  await link.everywhere('FLUSHALL');
  await link.close();
  store = await openStore(server.url);
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await store.close();
});

type Told = {
  ready?: true;
  report?: unknown;
  stopped?: true;
  sends?: string;
  to?: string;
  by?: number;
};

/** A process that is ready; `hears` is told all that it tells afterwards. */
function ready(task: string, hears: (told: Told) => void = () => {}): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('fakes/redis-child.ts', import.meta.url));
  const child = fork(script, [server.url, task], { execArgv: [] });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.on('message', (told: Told) => (told.ready ? resolve(child) : hears(told)));
    child.once('exit', (code) => {
      children.delete(child);
      reject(new Error(`ended with ${code}`));
    });
  });
}

/** The task done by `count` processes that begin together: their reports. */
async function together<T>(task: string, count: number): Promise<T[]> {
  const reports: Promise<T>[] = [];
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      const report = Promise.withResolvers<T>();
      reports.push(report.promise);
      return ready(task, (told) => report.resolve(told.report as T));
    }),
  );
  for (const child of all) child.send({ go: true });
  return Promise.all(reports);
}

test('of fifty claims of one thing by five processes, exactly one wins, and all are told which', async () => {
  const told = (await together<string[]>('claims', 5)).flat();
  expect(told).toHaveLength(50);
  expect([...new Set(told)]).toEqual([await store.claimed('thing')]);
});

test('an event that four processes get is done by one of them', async () => {
  const reports = await together<string[]>('events', 4);
  for (let i = 0; i < 50; i++) {
    const results = reports.map((report) => report[i]).sort();
    expect(results).toEqual(['done', 'seen', 'seen', 'seen']);
  }
  const { records } = await store.load(0, null, [{ owner: 'ada', kind: 'person', id: 'ada' }]);
  expect(records[0]?.version).toBe(50);
});

test('a timer happens once, however many look', async () => {
  for (const partition of [0, 5]) {
    const owners = Array.from({ length: 120 }, (_, i) => `${partition}:${i}`);
    const set = owners.map((owner, i) => ({ owner, matter: 'plan', due: i % 90 }));
    await store.commit(partition, commitOf({ timers: { set, clear: [] } }));
  }
  const fired = await together<number>('timers', 4);
  expect(fired.reduce((sum, one) => sum + one)).toBe(240);
  expect(await store.sendable(0, [], 1000)).toHaveLength(240);
  expect(await store.timersDue(1000, 1)).toEqual([]);
});

/** The platform: what arrived, in what order, by whom; it says yes until it is told to hold back its answers. */
class Platform {
  readonly arrivals: { text: string; to: string; by: number }[] = [];
  /** Texts that arrived while no yes was given. */
  readonly unanswered: string[] = [];
  answers = true;
  #looks = new Set<() => void>();

  async worker(): Promise<ChildProcess> {
    const child: ChildProcess = await ready('works', ({ sends, to, by }) => {
      if (sends === undefined || to === undefined || by === undefined) return;
      this.arrivals.push({ text: sends, to, by });
      if (this.answers) child.send({ arrived: sends });
      else this.unanswered.push(sends);
      for (const look of this.#looks) look();
    });
    child.send({ go: true });
    return child;
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      look();
    });
  }

  /** The texts that a chat got, the same one after itself once. */
  got(to: string): string[] {
    const texts = this.arrivals.filter((one) => one.to === to).map(({ text }) => text);
    return texts.filter((text, i) => text !== texts[i - 1]);
  }
}

/** A worker has no more sends under way than these: with all of them unanswered, nothing is still in the pipe. */
const mostInFlight = 16;
const people = Array.from({ length: 24 }, (_, i) => `person ${i}`);
const textsOf = (person: string) => Array.from({ length: 15 }, (_, i) => `${person}: ${i}`);

/** Fifteen messages to each of the people, in several partitions. */
async function post(): Promise<void> {
  const vault = await Vault.open(store, () => new MasterKey(masterKey));
  const at = Date.now();
  const nothing = { event: null, at, expected: [], put: [], drop: [], erase: [], facts: [] };
  for (let i = 0; i < 15; i++) {
    for (const [n, person] of people.entries()) {
      const message: Outgoing = { purpose: 'answer', language: 'nb', text: `${person}: ${i}`, buttons: [] };
      const chat = { channel: 'test', address: person };
      const parcel: Parcel = { kind: 'message', chat, written: at, message };
      const to = { owner: person, lane: person, channel: 'test' };
      const outbox = [{ id: `${n}-${i}`, ...to, priority: 1, due: at, parcel }];
      await vault.commit(n % 3, { ...nothing, timers: { set: [], clear: [] }, outbox });
    }
  }
}

const ended = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));
const total = people.length * 15;

test('two workers take turns at the outbox: nothing is sent twice, and each person’s order holds', async () => {
  await post();
  const platform = new Platform();
  const one = await platform.worker();
  await platform.until(() => platform.arrivals.length >= total / 3);
  platform.answers = false;
  await platform.until(() => platform.unanswered.length >= mostInFlight);
  await platform.worker();
  one.send({ stop: true });
  for (const text of platform.unanswered) one.send({ arrived: text });
  await ended(one);
  platform.answers = true;
  const first = platform.arrivals.length;
  await platform.until(() => platform.arrivals.length >= total);
  expect(first).toBeLessThan(total);
  expect(platform.arrivals).toHaveLength(total);
  for (const person of people) expect(platform.got(person)).toEqual(textsOf(person));
  expect(new Set(platform.arrivals.map(({ by }) => by)).size).toBe(2);
});

test('a worker that dies is followed by another: nothing is lost, and only what was on its way comes twice', async () => {
  await post();
  const platform = new Platform();
  const one = await platform.worker();
  await platform.until(() => platform.arrivals.length >= total / 3);
  platform.answers = false;
  await platform.until(() => platform.unanswered.length >= mostInFlight);
  one.kill('SIGKILL');
  await ended(one);
  const onTheirWay = [...platform.unanswered];
  platform.answers = true;
  const two = await platform.worker();
  // Its lease runs out by real time alone: nobody is taken for dead because they are silent.
  two.send({ passes: 11_000 });
  await platform.until(() => new Set(platform.arrivals.map(({ text }) => text)).size === total);
  for (const person of people) expect(platform.got(person)).toEqual(textsOf(person));
  const texts = platform.arrivals.map(({ text }) => text);
  const twice = texts.filter((text, i) => texts.indexOf(text) !== i);
  expect(twice.filter((text) => !onTheirWay.includes(text))).toEqual([]);
});

test('a worker that slept through its lease marks nothing any more', async () => {
  await post();
  const platform = new Platform();
  const one = await platform.worker();
  platform.answers = false;
  await platform.until(() => platform.unanswered.length >= mostInFlight);
  one.kill('SIGSTOP');
  const held = [...platform.unanswered];
  platform.answers = true;
  const two = await platform.worker();
  two.send({ passes: 11_000 });
  await platform.until(() => platform.arrivals.filter(({ by }) => by === two.pid).length >= 20);
  // Only now does it hear that its messages arrived; the marks it makes of that come too late.
  for (const text of held) one.send({ arrived: text });
  one.kill('SIGCONT');
  await platform.until(() => people.every((person) => platform.got(person).length >= 15));
  for (const person of people) expect(platform.got(person)).toEqual(textsOf(person));
  const texts = platform.arrivals.map(({ text }) => text);
  const twice = texts.filter((text, i) => texts.indexOf(text) !== i);
  expect(twice.filter((text) => !held.includes(text))).toEqual([]);
});
