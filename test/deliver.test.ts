/**
 * Delivery, against a platform that answers as it is told: order, back-off, doubt, refusal, pace, priorities, what a
 * crash or a lost lease leaves behind, and what people have said about being written to, asked at the moment of
 * sending. Time is set by hand.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Channel, Outcome } from '../src/channels/channel.ts';
import { type Purpose, purposes } from '../src/core/purpose.ts';
import { type Person, personKey } from '../src/core/records.ts';
import { neverCrash } from '../src/engine/crash.ts';
import { Deliverer } from '../src/engine/deliver.ts';
import { ownClinic } from '../src/engine/program.ts';
import { deliveryLease } from '../src/engine/worker.ts';
import { silentLog } from '../src/log.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import { emptyCommit } from '../src/store/store.ts';
import { day, hour, minute, Rig, sent, start } from './rig.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const ada = 'ada';
const berit = 'berit';
const second = 1000;
const later = (wait: number | null = null, everybody = false): Outcome => ({
  kind: 'later',
  wait,
  everybody,
});

async function seated(...addresses: string[]): Promise<Rig> {
  const rig = await Rig.open();
  for (const address of addresses) await rig.seat(address);
  return rig;
}

/** Answers the requests in turn with these outcomes, then accepts everything. */
const inTurn =
  (...outcomes: Outcome[]) =>
  (_: unknown, before: number): Outcome =>
    outcomes[before] ?? sent;

const timesOf = (rig: Rig): number[] => rig.channel.got.map(({ at }) => at - start);

describe('order', () => {
  test('is kept for each person, whatever fails', async () => {
    const outcome = fc.oneof(
      fc.constant(sent),
      fc.constant<Outcome>({ kind: 'ambiguous' }),
      fc.integer({ min: 1, max: 100_000 }).map((wait) => later(wait)),
      fc.constant(later()),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { maxLength: 40 }), async (outcomes) => {
        const chats = [ada, berit, 'carl'];
        const rig = await seated(...chats);
        rig.channel.answer = inTurn(...outcomes);
        const texts = ['1', '2', '3', '4', '5'];
        for (const chat of chats) await rig.post(chat, texts);
        await rig.goOn(2 * day);
        for (const chat of chats) {
          const got = rig.channel.texts(chat);
          // Each is tried until it is over, and only then the next.
          expect(got.filter((text, i) => text !== got[i - 1])).toEqual(texts);
        }
        expect(await rig.store.sendable(rig.clock.now() + day, [], 9)).toEqual([]);
        await rig.store.close();
      }),
      { numRuns: 60 },
    );
  });

  test('holds within one chat only: others go on while one waits', async () => {
    const rig = await seated(ada, berit);
    rig.channel.answer = ({ address }) => (address === ada ? later(hour) : sent);
    await rig.post(ada, ['1', '2']);
    await rig.post(berit, ['1', '2']);
    await rig.deliver();
    expect(rig.channel.texts(ada)).toEqual(['1']);
    expect(rig.channel.texts(berit)).toEqual(['1', '2']);
  });

  test('lets answers overtake what is sent in bulk', async () => {
    const chats = Array.from({ length: 50 }, (_, i) => `chat-${i}`);
    const rig = await Rig.open({ pace: { overall: 8, each: 1, burst: 1 } });
    for (const chat of [...chats, ada]) await rig.seat(chat);
    for (const chat of chats) await rig.post(chat, ['news'], 'check-in', purposes['check-in'].priority);
    await rig.goOn(second);
    await rig.post(ada, ['answer'], 'answer', purposes.answer.priority);
    const before = rig.channel.got.length;
    await rig.goOn(minute);
    expect(before).toBeGreaterThan(0);
    expect(rig.channel.got[before]?.message.text).toBe('answer');
    expect(rig.channel.got).toHaveLength(51);
  });

  test('has a channel that hangs keep no other waiting', async () => {
    const chats = Array.from({ length: 30 }, (_, i) => `chat-${i}`);
    const rig = await seated(...chats, ada);
    const { vault, engine, clock, channel } = rig;
    const heard: string[] = [];
    const other: Channel = {
      ...{ name: 'other', pace: null },
      send: async (_, message) => {
        heard.push(message.text);
        return sent;
      },
      wipe: async () => sent,
    };
    const parts = { vault, engine, clock, log: silentLog, crash: neverCrash };
    const deliverer = new Deliverer({ ...parts, channels: [channel, other] });
    const fence = (await rig.store.lease(deliveryLease, 'elsewhere:1:hangs', day, start)) ?? 0;
    deliverer.hold({ name: deliveryLease, fence });
    channel.answer = () => new Promise(() => {});
    for (const chat of chats) await rig.post(chat, ['1']);
    await deliverer.round();
    expect(channel.got).toHaveLength(16);
    const owner = rig.idOf(ada);
    await vault.commit(engine.directory.partitionOf(ownClinic), {
      ...emptyCommit(start),
      outbox: [
        {
          ...{ id: 'other', owner, lane: owner, channel: 'other', priority: 3, due: start },
          parcel: {
            ...{ kind: 'message', chat: { channel: 'other', address: ada }, written: start },
            message: { purpose: 'answer', language: 'nb', text: 'on the other', buttons: [] },
          },
        },
      ],
    });
    await deliverer.round();
    expect(channel.got).toHaveLength(16);
    expect(heard).toEqual(['on the other']);
  });

  test('has at most sixteen requests under way, and one for each chat', async () => {
    const chats = Array.from({ length: 30 }, (_, i) => `chat-${i}`);
    const rig = await seated(...chats);
    const open: (() => void)[] = [];
    rig.channel.answer = () => new Promise((resolve) => open.push(() => resolve(sent)));
    for (const chat of chats) await rig.post(chat, ['1', '2']);
    await rig.holdLease();
    for (let done = 0; done < 60; done++) {
      await rig.deliverer.round();
      await rig.deliverer.round();
      // Towards the end only second messages of the same chats are left.
      if (done < 30) expect(open.length).toBe(16);
      expect(open.length).toBeLessThanOrEqual(16);
      const under = rig.channel.got.slice(-open.length).map(({ address }) => address);
      expect(new Set(under).size).toBe(under.length);
      open.shift()?.();
      await rig.deliverer.progress();
    }
    expect(chats.every((chat) => rig.channel.texts(chat).join() === '1,2')).toBe(true);
  });
});

describe('what the platform answers', () => {
  test('sent: it is kept with its name there, and not sent again', async () => {
    const { rig, partition } = await one();
    await rig.goOn(hour);
    expect(rig.channel.texts(ada)).toEqual(['1', '2']);
    const kept = await rig.vault.sent(partition, rig.idOf(ada), 0);
    expect(kept.map(({ ref, parcel }) => [ref, parcel.kind === 'message' && parcel.message.text])).toEqual([
      ['ref-0', '1'],
      ['ref-1', '2'],
    ]);
  });

  test('later, with a wait: it is asked again exactly then', async () => {
    const { rig } = await one();
    rig.channel.answer = inTurn(later(7 * second), later(90 * second));
    await rig.goOn(hour);
    expect(rig.channel.texts(ada)).toEqual(['1', '1', '1', '2']);
    expect(timesOf(rig)).toEqual([0, 7, 97, 97].map((s) => s * second));
  });

  test('later, without one: the wait doubles from two seconds up to ten minutes', async () => {
    const { rig } = await one();
    rig.channel.answer = () => later();
    await rig.goOn(2 * hour);
    const waits = timesOf(rig).map((at, i, all) => ((all[i + 1] ?? Number.NaN) - at) / second);
    expect(waits.slice(0, 12)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
  });

  test('later, for everybody: no chat is written to until then', async () => {
    const rig = await Rig.open({ pace: { overall: 100, each: 10, burst: 10 } });
    for (const chat of [ada, berit]) await rig.seat(chat);
    rig.channel.answer = inTurn(later(30 * second, true));
    await rig.post(ada, ['1']);
    await rig.deliver();
    await rig.post(berit, ['1']);
    await rig.goOn(minute);
    expect(timesOf(rig)[0]).toBe(0);
    expect(
      timesOf(rig)
        .slice(1)
        .every((at) => at >= 30 * second),
    ).toBe(true);
    expect(rig.channel.got.map(({ address }) => address).sort()).toEqual([ada, ada, berit]);
  });

  test('nobody knows: it is tried six times with longer and longer waits, and then let be', async () => {
    const { rig } = await one();
    rig.channel.answer = ({ message }) => (message.text === '1' ? { kind: 'ambiguous' } : sent);
    await rig.goOn(hour);
    expect(rig.channel.texts(ada)).toEqual(['1', '1', '1', '1', '1', '1', '2']);
    const waits = timesOf(rig).map((at, i, all) => (at - (all[i - 1] ?? 0)) / second);
    expect(waits).toEqual([0, 2, 8, 32, 128, 512, 0]);
  });

  test('nobody knows, once: it is tried again, and what is sent then is sent', async () => {
    const { rig } = await one();
    rig.channel.answer = inTurn({ kind: 'ambiguous' });
    await rig.goOn(hour);
    expect(rig.channel.texts(ada)).toEqual(['1', '1', '2']);
  });

  test('a channel that breaks instead of answering counts as nobody knows', async () => {
    const { rig } = await one();
    rig.channel.answer = async ({ message }) => {
      if (message.text === '1') throw new TypeError('broken on purpose');
      return sent;
    };
    await rig.goOn(hour);
    expect(rig.channel.texts(ada)).toEqual(['1', '1', '1', '1', '1', '1', '2']);
    expect(rig.logged.filter(({ event }) => event === 'channel-failed')).toHaveLength(6);
  });

  test('refused: it is dropped, and the next one goes', async () => {
    const { rig } = await one();
    rig.channel.answer = inTurn({ kind: 'refused', why: '400' });
    await rig.goOn(minute);
    expect(rig.channel.texts(ada)).toEqual(['1', '2']);
    expect(timesOf(rig)).toEqual([0, 0]);
  });

  test('unreachable: the person is marked, reminders rest, and they come back with the next word', async () => {
    const rig = await Rig.open();
    await rig.seat(ada, { later: start + 3 * hour, discreet: false, ...withReminder(start + 6 * hour) });
    await rig.says(ada, 'meny');
    rig.channel.answer = () => ({ kind: 'unreachable' });
    await rig.deliver();
    expect(await rig.person(ada)).toMatchObject({ reachable: false });
    expect((await rig.person(ada))?.timers.plan).toBeUndefined();

    rig.channel.answer = () => sent;
    rig.clock.set(start + 3 * hour);
    await rig.worker.fireDue();
    await rig.deliver();
    expect(rig.channel.got).toHaveLength(1);

    await rig.says(ada, 'meny');
    expect(await rig.person(ada)).toMatchObject({ reachable: true });
    rig.clock.set(start + 4 * hour);
    await rig.worker.fireDue();
    await rig.deliver();
    expect(rig.channel.got).toHaveLength(3);
  });

  test('unreachable, for a farewell: nobody is looked for', async () => {
    const rig = await seated(ada);
    await rig.says(ada, 'slett');
    await rig.taps(ada, 'yes');
    rig.channel.answer = () => ({ kind: 'unreachable' });
    await rig.deliver();
    expect(await rig.store.sendable(start + day, [], 9)).toEqual([]);
  });

  async function one() {
    const rig = await seated(ada);
    await rig.post(ada, ['1', '2']);
    return { rig, partition: rig.engine.directory.partitionOf(ownClinic) };
  }
});

function withReminder(starts: number): Partial<Person> {
  return {
    consents: { channel: { given: true, at: start }, reminders: { given: true, at: start } },
    plans: [
      {
        ...{
          id: 'm@2026-11-18',
          meeting: 'demo-vennesla-elva',
          name: 'Møtet',
          fellowship: 'AA',
          openness: 'open',
        },
        ...{ date: '2026-11-18', starts, minutes: 60, zone: 'Europe/Oslo', where: null, online: null },
        ...{ notes: '', made: start - minute },
      },
    ],
  };
}

describe('what people have said, asked when it is sent', () => {
  /** Posts one message now, changes the person, lets time go by and tells when it went; null when it never did. */
  async function fate(
    purpose: Purpose,
    change: Partial<Person>,
    wait: number,
    from = start,
  ): Promise<number | null> {
    const rig = await seated(ada);
    rig.clock.set(from);
    await rig.post(ada, ['it'], purpose);
    const partition = rig.engine.directory.partitionOf(ownClinic);
    const { version, value } = (await rig.vault.load(partition, null, [personKey(rig.idOf(ada))]))
      .records[0] as { version: number; value: Person };
    await rig.vault.commit(partition, {
      ...emptyCommit(from),
      put: [{ key: personKey(value.id), version: version + 1, value: { ...value, ...change } }],
    });
    rig.clock.set(from + wait);
    await rig.goOn(4 * day);
    expect(await rig.store.sendable(rig.clock.now() + day, [], 9)).toEqual([]);
    await rig.store.close();
    return rig.channel.got[0]?.at ?? null;
  }

  const all = Object.keys(purposes) as Purpose[];

  test.each(all)('%s: a pause, a stop, a crisis and a lost chat as the table says', async (purpose) => {
    const conduct = purposes[purpose];
    const goes = async (change: Partial<Person>) => (await fate(purpose, change, minute)) !== null;
    expect(await goes({})).toBe(true);
    expect(await goes({ paused: start + day })).toBe(conduct.paused === 'pass');
    expect(await goes({ paused: start })).toBe(true);
    expect(await goes({ stopped: true })).toBe(conduct.stopped === 'pass');
    expect(await goes({ crisis: { since: start } })).toBe(conduct.crisis === 'pass');
    expect(await goes({ reachable: false })).toBe(!conduct.unprompted);
  });

  test.each(all)(
    '%s: at night it waits for the morning or goes at once, as the table says',
    async (purpose) => {
      const night = Date.parse('2026-11-18T21:30:00Z');
      const morning = Date.parse('2026-11-19T08:00:00Z');
      const conduct = purposes[purpose];
      const gone = await fate(purpose, {}, 0, night);
      if (conduct.quiet === 'pass') expect(gone).toBe(night);
      else expect(gone).toBe(morning - night > conduct.lasts ? null : morning);
    },
  );

  test.each(all)('%s: it goes until it is too old, and then no more', async (purpose) => {
    const { lasts } = purposes[purpose];
    const noQuiet = { quiet: { from: '00:00', to: '00:00' } };
    expect(await fate(purpose, noQuiet, lasts)).toBe(start + lasts);
    expect(await fate(purpose, noQuiet, lasts + 1)).toBeNull();
  });

  test('what is held for the morning lets an answer go first', async () => {
    const rig = await seated(ada);
    rig.clock.set(Date.parse('2026-11-18T21:30:00Z'));
    await rig.post(ada, ['how was it?'], 'check-in');
    await rig.post(ada, ['answer'], 'answer');
    await rig.goOn(day);
    expect(rig.channel.texts(ada)).toEqual(['answer', 'how was it?']);
  });

  test('what is kept about somebody is put together when it is sent', async () => {
    const rig = await seated(ada);
    const files: (string | undefined)[] = [];
    const send = rig.channel.send.bind(rig.channel);
    rig.channel.send = async (chat, message, ...more) => {
      files.push((more as unknown as [{ body: string } | null])[0]?.body);
      return send(chat, message);
    };
    const { chat, owner } = { chat: rig.chatOf(ada), owner: rig.idOf(ada) };
    await rig.vault.commit(rig.engine.directory.partitionOf(ownClinic), {
      ...emptyCommit(start),
      outbox: [
        {
          ...{ id: 'data', owner, lane: owner, channel: chat.channel, priority: 1, due: start },
          parcel: {
            ...{ kind: 'message', chat, written: start },
            message: {
              ...{ purpose: 'answer', language: 'nb', text: 'her', buttons: [] },
              file: { name: 'mine.json', make: 'my-data' },
            },
          },
        },
      ],
    });
    await rig.says(ada, 'stopp');
    await rig.deliver();
    expect(files[0]).toContain('"stopped": true');
  });
});

describe('after a crash', () => {
  test('what was being sent is sent once more, before anything else of that chat', async () => {
    const store = new SqliteStore(':memory:');
    const before = await Rig.open({ store });
    await before.seat(ada);
    await before.post(ada, ['1', '2']);
    before.channel.answer = () => new Promise(() => {});
    await before.holdLease();
    await before.deliverer.round();
    expect(before.channel.texts(ada)).toEqual(['1']);

    await store.letGo(deliveryLease, 'elsewhere:1:rig');
    const after = await Rig.open({ store });
    const fence = (await store.lease(deliveryLease, 'elsewhere:2:after', day, start)) ?? -1;
    after.deliverer.hold({ name: deliveryLease, fence });
    for (let i = 0; i < 3; i++) {
      await after.deliverer.round();
      await after.deliverer.idle();
    }
    expect(after.channel.texts(ada)).toEqual(['1', '2']);
  });

  test('a damaged message keeps nobody else waiting', async () => {
    const store = new SqliteStore(':memory:');
    const rig = await Rig.open({ store });
    for (const chat of [ada, berit]) await rig.seat(chat);
    const owner = rig.idOf(ada);
    const damaged = { id: 'damaged', owner, lane: owner, channel: 'scripted', priority: 0, due: start };
    await store.commit(rig.engine.directory.partitionOf(ownClinic), {
      ...{ event: null, at: start, expected: [], keys: [], put: [], drop: [], erase: [], facts: [] },
      timers: { set: [], clear: [] },
      outbox: [{ ...damaged, body: Buffer.alloc(300) }],
    });
    await rig.post(berit, ['1', '2']);
    await rig.deliver();
    expect(rig.channel.texts(berit)).toEqual(['1', '2']);
    expect(rig.logged.map(({ event }) => event)).toContain('parcel-damaged');
  });

  test('a message for a channel that is off waits, keeps nobody else waiting, and is dropped when it is too old', async () => {
    const rig = await seated(ada, berit);
    const owner = rig.idOf(ada);
    await rig.vault.commit(rig.engine.directory.partitionOf(ownClinic), {
      ...emptyCommit(start),
      outbox: [
        {
          ...{ id: 'off', owner, lane: owner, channel: 'pigeon', priority: 0, due: start },
          parcel: {
            ...{ kind: 'message', chat: { channel: 'pigeon', address: 'loft' }, written: start },
            message: { purpose: 'answer', language: 'nb', text: 'coo', buttons: [] },
          },
        },
      ],
    });
    await rig.post(berit, ['1']);
    await rig.goOn(day);
    expect(rig.channel.texts(berit)).toEqual(['1']);
    expect(await rig.store.sendable(rig.clock.now() + hour, [], 9)).toHaveLength(1);
    await rig.goOn(day + hour);
    expect(await rig.store.sendable(rig.clock.now() + hour, [], 9)).toEqual([]);
  });
});

describe('the right to deliver', () => {
  const takeOver = async (rig: Rig) => {
    await rig.store.letGo(deliveryLease, 'elsewhere:1:rig');
    return rig.store.lease(deliveryLease, 'elsewhere:2:other', 365 * day, start);
  };

  test('without it nothing is sent', async () => {
    const rig = await seated(ada);
    await rig.post(ada, ['1']);
    await rig.deliverer.round();
    rig.deliverer.hold(null);
    await rig.deliverer.round();
    expect(rig.channel.got).toEqual([]);
  });

  test('who lost it sends nothing, marks nothing and comes to an end', async () => {
    const rig = await seated(ada, berit);
    await rig.post(ada, ['1']);
    await rig.post(berit, ['held'], 'check-in');
    await rig.seat('gone');
    await rig.post('gone', ['too late'], 'answer');
    await rig.holdLease();
    await takeOver(rig);
    // Night for whoever wants it quiet.
    rig.clock.set(Date.parse('2026-11-18T21:30:00Z'));
    const before = await rig.store.sendable(rig.clock.now(), [], 9);
    await rig.deliverer.round();
    await rig.deliverer.idle();
    expect(rig.channel.got).toEqual([]);
    expect(await rig.store.sendable(rig.clock.now(), [], 9)).toEqual(before);
  });

  test('who loses it while a request is under way leaves the message to the next', async () => {
    const rig = await seated(ada);
    await rig.post(ada, ['1']);
    let answer: (outcome: Outcome) => void = () => {};
    rig.channel.answer = () => new Promise((resolve) => (answer = resolve));
    await rig.holdLease();
    await rig.deliverer.round();
    const fence = (await takeOver(rig)) ?? -1;
    answer({ kind: 'sent', ref: 'mine' });
    await rig.deliverer.idle();
    expect(await rig.vault.sent(rig.engine.directory.partitionOf(ownClinic), rig.idOf(ada), 0)).toEqual([]);
    const [left] = await rig.store.sendable(start, [], 9);
    expect(left).toMatchObject({ ambiguous: true });
    const lease = { name: deliveryLease, fence };
    expect(await rig.store.mark(left?.partition ?? -1, left?.id ?? '', lease, { state: 'gone' })).toBe(true);
  });

  test('is one worker’s at a time: the other sends when the first lets go', async () => {
    const store = new SqliteStore(':memory:');
    const [one, two] = [await Rig.open({ store }), await Rig.open({ store })];
    await one.seat(ada);
    await one.post(ada, ['1']);
    await store.lease(deliveryLease, 'elsewhere:9:somebody', 5_000, start);
    expect(await two.worker.beat()).toBeNull();
    await two.deliverer.idle();
    expect(two.channel.got).toEqual([]);
    two.clock.set(start + 5_000);
    await two.worker.beat();
    await two.deliverer.idle();
    expect(two.channel.texts(ada)).toEqual(['1']);
    await two.worker.stop();
    one.clock.set(start + 5_001);
    expect(await store.lease(deliveryLease, 'elsewhere:9:somebody', 1, start + 5_001)).not.toBeNull();
  });
});

test('what a worker no longer needs is dropped after two days', async () => {
  const rig = await seated(ada);
  await rig.says(ada, 'meny', 'event');
  await rig.deliver();
  const seen = async () =>
    (await rig.vault.load(rig.engine.directory.partitionOf(ownClinic), 'event', [])).seen;
  const kept = async () =>
    (await rig.vault.sent(rig.engine.directory.partitionOf(ownClinic), rig.idOf(ada), 0)).length;
  const fence = await rig.store.lease(deliveryLease, 'elsewhere:1:rig', 1, start - day);
  expect(fence).not.toBeNull();
  await rig.store.letGo(deliveryLease, 'elsewhere:1:rig');
  rig.clock.set(start + 2 * day - hour);
  await rig.worker.beat();
  expect([await seen(), await kept()]).toEqual([true, 1]);
  rig.clock.set(start + 2 * day + hour);
  await rig.worker.beat();
  expect([await seen(), await kept()]).toEqual([false, 0]);
  await rig.worker.stop();
});
