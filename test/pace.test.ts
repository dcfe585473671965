/**
 * The platforms' limits: no stretch of time ever holds more messages than the rates allow, nobody waits longer than
 * that takes, and a platform that wants to be left alone is.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WebChannel } from '../src/channels/web.ts';
import { neverCrash } from '../src/engine/crash.ts';
import { Deliverer } from '../src/engine/deliver.ts';
import { Pace } from '../src/engine/pace.ts';
import { WaitingLanes } from '../src/engine/waiting.ts';
import { deliveryLease } from '../src/engine/worker.ts';
import { silentLog } from '../src/log.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import { StageClock } from '../src/tools/stage.ts';
import { Rig, start } from './rig.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const rates = fc.record({
  overall: fc.integer({ min: 1, max: 60 }),
  each: fc.double({ min: 0.2, max: 5, noNaN: true }),
  burst: fc.integer({ min: 1, max: 5 }),
});
const chats = ['a', 'b', 'c', 'd'];
const arrivals = fc.array(
  fc.record({
    chat: fc.constantFrom(...chats),
    after: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 1500 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 200_000 }) },
    ),
  }),
  { minLength: 1, maxLength: 80 },
);

/** Lets each message wait as it is told, one after the other; when each went. */
function run(pace: Pace, wanted: { chat: string; after: number }[]): { chat: string; at: number }[] {
  let now = 1_000_000;
  return wanted.map(({ chat, after }) => {
    now += after;
    for (let wait = pace.take(chat, now); wait > 0; wait = pace.take(chat, now)) now += wait;
    return { chat, at: now };
  });
}

/** The most messages that any stretch of `window` ms holds. */
function most(times: number[], window: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + window).length));
}

describe('the pace', () => {
  test.each([1000, 3000, 20_000])('is never exceeded in any stretch of %i ms', (window) => {
    fc.assert(
      fc.property(rates, arrivals, (limits, wanted) => {
        const went = run(new Pace(limits), wanted);
        const allowed = (rate: number, burst: number) => Math.ceil((rate * window) / 1000 + burst + 1e-6);
        const burst = Math.max(1, limits.overall / 8);
        expect(
          most(
            went.map(({ at }) => at),
            window,
          ),
        ).toBeLessThanOrEqual(allowed(limits.overall, burst));
        for (const chat of chats) {
          const own = went.filter((one) => one.chat === chat).map(({ at }) => at);
          expect(most(own, window)).toBeLessThanOrEqual(allowed(limits.each, limits.burst));
        }
      }),
    );
  });

  test('of Telegram stays below thirty a second for everybody together', () => {
    const pace = new Pace({ overall: 25, each: 1, burst: 3 });
    const times = Array.from({ length: 300 }, (_, i) => ({ chat: `chat-${i}`, after: 0 }));
    expect(
      most(
        run(pace, times).map(({ at }) => at),
        1000,
      ),
    ).toBeLessThan(30);
  });

  test('lets a message go when the wait is over that it was told, but for a rounding', () => {
    fc.assert(
      fc.property(rates, arrivals, (limits, wanted) => {
        const pace = new Pace(limits);
        let now = 0;
        for (const { chat, after } of wanted) {
          now += after;
          const wait = pace.take(chat, now);
          if (wait === 0) continue;
          expect(wait).toBeLessThanOrEqual(Math.ceil(1000 / Math.min(limits.overall, limits.each)) + 1);
          now += wait;
          const rest = pace.take(chat, now);
          expect(rest).toBeLessThanOrEqual(1);
          if (rest > 0) now += rest;
        }
      }),
    );
  });

  test('wastes no time: many chats get through at the overall rate', () => {
    const limits = { overall: 20, each: 1, burst: 1 };
    const wanted = Array.from({ length: 400 }, (_, i) => ({ chat: `chat-${i}`, after: 0 }));
    const went = run(new Pace(limits), wanted);
    const lasted = (went.at(-1)?.at ?? 0) - (went[0]?.at ?? 0);
    expect(lasted).toBeLessThanOrEqual((400 / 20) * 1000 * 1.05);
  });

  test('lets a quiet chat have its burst, and then one at a time', () => {
    const pace = new Pace({ overall: 1000, each: 1, burst: 3 });
    expect([0, 0, 0, 0].map(() => pace.take('a', 0))).toEqual([0, 0, 0, 1000]);
    expect(pace.take('b', 0)).toBe(0);
    expect(pace.take('a', 1000)).toBe(0);
    expect(pace.take('a', 1000)).toBe(1000);
    // However long it was quiet, no more than that has gathered.
    expect([0, 0, 0, 0].map(() => pace.take('a', 500_000))).toEqual([0, 0, 0, 1000]);
  });

  test('takes no place for what must wait', () => {
    const pace = new Pace({ overall: 1000, each: 1, burst: 1 });
    pace.take('a', 0);
    for (let i = 0; i < 100; i++) pace.take('a', 500);
    expect(pace.take('a', 1000)).toBe(0);
  });

  test('tells how many could go at once, and how long until the next one may', () => {
    const pace = new Pace({ overall: 16, each: 1, burst: 1 });
    expect([pace.places(0), pace.closed(0)]).toEqual([2, 0]);
    pace.take('a', 0);
    pace.take('b', 0);
    expect([pace.places(0), pace.closed(0)]).toEqual([0, 63]);
    expect([pace.places(62), pace.places(63)]).toEqual([0, 1]);
    pace.block('a', true, 5000);
    expect([pace.places(4999), pace.closed(4000)]).toEqual([0, 1000]);
  });

  test('does not run ahead when the clock steps back', () => {
    const pace = new Pace({ overall: 1000, each: 1, burst: 1 });
    expect(pace.take('a', 10_000)).toBe(0);
    expect(pace.take('a', 4_000)).toBeGreaterThan(0);
  });

  test('keeps to its limits with more chats than it remembers', () => {
    const pace = new Pace({ overall: 100_000, each: 0.1, burst: 2 });
    for (let i = 0; i < 6000; i++) expect(pace.take(`chat-${i}`, i)).toBe(0);
    for (let i = 3000; i < 6000; i++) pace.take(`chat-${i}`, 6000);
    for (let i = 3000; i < 6000; i++) expect(pace.take(`chat-${i}`, 6000)).toBeGreaterThan(0);
    expect(pace.take('chat-0', 60_000)).toBe(0);
  });
});

describe('a platform that wants to be left alone', () => {
  test('by one chat: that chat waits, and the others do not', () => {
    const pace = new Pace({ overall: 100, each: 10, burst: 10 });
    pace.block('a', false, 5000);
    expect(pace.take('a', 1000)).toBe(4000);
    expect(pace.take('a', 4999)).toBe(1);
    expect(pace.take('b', 1000)).toBe(0);
    expect(pace.take('a', 5000)).toBe(0);
  });

  test('by everybody: all wait, and the longest wish counts', () => {
    const pace = new Pace({ overall: 100, each: 10, burst: 10 });
    pace.block('a', true, 5000);
    pace.block('b', true, 3000);
    pace.block('b', false, 7000);
    pace.block('b', false, 6000);
    expect(pace.take('a', 1000)).toBe(4000);
    expect(pace.take('c', 1000)).toBe(4000);
    expect(pace.take('b', 1000)).toBe(6000);
    expect(pace.take('c', 5000)).toBe(0);
  });
});

test('a lane that waits is let go of when its moment has come, and not before', () => {
  const waiting = new WaitingLanes();
  expect(waiting.next(0)).toBeNull();
  waiting.add({ lane: 'a', partition: 3 }, 100);
  waiting.add({ lane: 'b', partition: 4 }, 200);
  expect(waiting.next(40)).toBe(60);
  expect(waiting.release(99)).toEqual([]);
  expect(waiting.names()).toEqual(['a', 'b']);
  expect(waiting.release(100)).toEqual([3]);
  expect(waiting.names()).toEqual(['b']);
  expect(waiting.next(100)).toBe(100);
  expect(waiting.release(200)).toEqual([4]);
  expect(waiting.next(200)).toBeNull();
});

test('what waits for its turn is not looked at again and again', async () => {
  let looks = 0;
  const store = new Proxy(new SqliteStore(':memory:'), {
    get: (target, name) => {
      if (name === 'load') looks++;
      return Reflect.get(target, name).bind(target);
    },
  });
  const rig = await Rig.open({ store, pace: { overall: 20, each: 1, burst: 2 } });
  const people = Array.from({ length: 300 }, (_, i) => `chat-${i}`);
  for (const chat of people) {
    await rig.seat(chat);
    await rig.post(chat, ['one'], 'check-in', 3);
  }
  looks = 0;
  await rig.goOn(20_000);
  expect(rig.channel.got).toHaveLength(300);
  expect(looks).toBeLessThan(4 * 300);
});

test('a place that comes free while the store is asked is not slept over', async () => {
  const clock = new StageClock(start);
  let slow = 0;
  const store = new Proxy(new SqliteStore(':memory:'), {
    get: (target, name) => {
      if (name === 'sendable') clock.set(clock.now() + slow);
      return Reflect.get(target, name).bind(target);
    },
  });
  const rig = await Rig.open({ store, clock, pace: { overall: 8, each: 8, burst: 8 } });
  for (const chat of ['ada', 'berit']) {
    await rig.seat(chat);
    await rig.post(chat, ['one'], 'reminder', 2);
  }
  const { vault, engine, channel } = rig;
  const channels = [channel, new WebChannel()];
  const deliverer = new Deliverer({ vault, engine, channels, clock, log: silentLog, crash: neverCrash });
  const fence = (await store.lease(deliveryLease, 'elsewhere:1:pace', 1000, start)) ?? 0;
  deliverer.hold({ name: deliveryLease, fence });
  expect(await deliverer.round()).toBe(125);
  await deliverer.idle();
  slow = 200;
  expect(await deliverer.round()).toBe(1);
  slow = 0;
  await deliverer.round();
  await deliverer.idle();
  expect(channel.got).toHaveLength(2);
});

test('a morning of reminders goes out at the platform’s pace, each chat once', async () => {
  const rig = await Rig.open({ pace: { overall: 25, each: 1, burst: 3 } });
  const people = Array.from({ length: 200 }, (_, i) => `chat-${i}`);
  for (const chat of people) {
    await rig.seat(chat);
    await rig.post(chat, ['one'], 'reminder', 2);
  }
  await rig.goOn(20_000);
  expect(rig.channel.got).toHaveLength(200);
  expect(new Set(rig.channel.got.map(({ address }) => address)).size).toBe(200);
  expect(
    most(
      rig.channel.got.map(({ at }) => at),
      1000,
    ),
  ).toBeLessThan(30);
});
