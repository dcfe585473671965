/**
 * The one path under stress: the same thing twice, many things at once, timers that are stale, people who are
 * forgotten meanwhile, events that can not be handled, and a store that is away. Whatever happens, each accepted
 * event takes effect once.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../src/core/plan.ts';
import { type Person, personKey } from '../src/core/records.ts';
import type { Reference } from '../src/core/turn.ts';
import { ownClinic } from '../src/engine/program.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import { emptyCommit, type Store, StoreDown, type StoredTimer } from '../src/store/store.ts';
import { Chance } from '../src/tools/chance.ts';
import { day, hour, minute, Rig, reference, start, zone } from './rig.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const ada = 'ada';
const phrase = (key: string) => reference.words.say('nb', `phrases.${key}`);
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** How often the record of this person was written. */
async function versionOf(rig: Rig, id: string): Promise<number> {
  const partition = rig.engine.directory.partitionOf(ownClinic);
  return (await rig.vault.load(partition, null, [personKey(id)])).records[0]?.version ?? 0;
}

/** The chats that received something, with what. */
async function heard(rig: Rig, address: string): Promise<string[]> {
  await rig.deliver();
  return rig.channel.texts(address);
}

/** A plan for a meeting of the demo's that does run on that Friday. */
const planAt = (starts: number, id: string, made = start - minute): Plan => ({
  ...{
    id: `${id}@2026-11-20`,
    meeting: 'demo-kristiansand-fredag',
    name: `Møtet ${id}`,
    fellowship: 'AA',
    openness: 'open',
  },
  ...{ date: '2026-11-20', starts, minutes: 60, zone, where: null, online: null, notes: '', made },
});

const reminded = (plans: Plan[]): Partial<Person> => ({
  consents: { channel: { given: true, at: start }, reminders: { given: true, at: start } },
  plans,
  discreet: false,
});

/** Words that fail for one dialogue while `broken` says so. */
function fragile(broken: { dialogue: string | null }): Reference {
  const words = new Proxy(reference.words, {
    get(target, name) {
      if (name !== 'say') return Reflect.get(target, name).bind(target);
      return (language: string, key: string, value?: (name: string) => string | number) => {
        if (broken.dialogue !== null && key.startsWith(`${broken.dialogue}.`))
          throw new Error(`broken on purpose: ${key}`);
        return target.say(language, key, value);
      };
    },
  });
  return { ...reference, words };
}

describe('the same event twice', () => {
  test('takes effect once, also when it comes again later', async () => {
    const rig = await Rig.open();
    await rig.seat(ada);
    await rig.says(ada, 'meny', 'event');
    const before = await rig.person(ada);
    rig.clock.set(start + hour);
    await rig.says(ada, 'meny', 'event');
    expect(await rig.person(ada)).toEqual(before);
    expect(await heard(rig, ada)).toHaveLength(1);
  });

  test.each([
    ['a seated person', true],
    ['a stranger', false],
  ])('takes effect once when it comes twenty times at once: %s', async (_, seated) => {
    const rig = await Rig.open();
    if (seated) await rig.seat(ada);
    await Promise.all(times(20, () => rig.says(ada, 'meny', 'event')));
    expect((await rig.person(ada))?.frames).toHaveLength(1);
    expect(await heard(rig, ada)).toHaveLength(1);
  });

  test('uses an invitation up once when the link is opened twenty times at once', async () => {
    const rig = await Rig.open();
    const token = await rig.invitation();
    await Promise.all(times(20, () => rig.opens(ada, token, 'event')));
    expect(await heard(rig, ada)).toHaveLength(1);
    await rig.taps(ada, 'nb');
    await rig.taps(ada, 'yes');
    expect((await rig.person(ada))?.consents.channel?.given).toBe(true);
  });

  test('a first contact that is two different events at once makes one person', async () => {
    const rig = await Rig.open();
    await Promise.all([rig.opens(ada, null), rig.says(ada, 'hei')]);
    const person = await rig.person(ada);
    await rig.taps(ada, 'nb');
    expect((await rig.person(ada))?.id).toBe(person?.id);
    expect((await rig.person(ada))?.frames.at(-1)?.dialogue).toBe('menu');
  });
});

describe('much at once', () => {
  test('of two taps on one question one wins, and the other is answered kindly', async () => {
    const rig = await Rig.open();
    await rig.seat(ada);
    await rig.says(ada, 'meny');
    await heard(rig, ada);
    const receipts = await Promise.all([rig.taps(ada, 'meeting'), rig.taps(ada, 'hard')]);
    expect(receipts.filter(({ chosen }) => chosen !== null)).toHaveLength(1);
    const answers = (await heard(rig, ada)).slice(1);
    expect(answers.filter((text) => text.startsWith(phrase('old-button')))).toHaveLength(1);
    expect((await rig.person(ada))?.frames).toHaveLength(1);
    expect(['meeting', 'hard']).toContain((await rig.person(ada))?.frames[0]?.dialogue);
  });

  test('a tap that comes twice under two ids chooses once', async () => {
    const rig = await Rig.open();
    await rig.seat(ada);
    await rig.says(ada, 'meny');
    const receipts = await Promise.all([rig.taps(ada, 'more'), rig.taps(ada, 'more')]);
    expect(receipts.map(({ chosen }) => chosen !== null).sort()).toEqual([false, true]);
  });

  test('fifty messages of one person all take effect', async () => {
    const rig = await Rig.open();
    const { id } = await rig.seat(ada);
    await rig.says(ada, 'meny');
    await Promise.all(times(49, (i) => rig.says(ada, `noe helt annet ${i}`)));
    expect(await versionOf(rig, id)).toBe(51);
    expect(await heard(rig, ada)).toHaveLength(50);
  });

  test('messages, timers and lost touch through two processes all take effect', async () => {
    const store = new SqliteStore(':memory:');
    const [one, two] = [await Rig.open({ store }), await Rig.open({ store })];
    const person = await one.seat(ada, { later: start, timers: {} });
    await one.says(ada, 'hei');
    const before = await versionOf(one, person.id);
    const [later] = await store.timersDue(start, 9);
    await Promise.all([
      one.says(ada, 'stopp'),
      two.says(ada, 'jeg har tatt alle pillene', 'from the other process'),
      two.engine.fire(later as StoredTimer),
      one.engine.loseTouch(one.engine.directory.partitionOf(ownClinic), person.id, 'message'),
    ]);
    const after = await one.person(ada);
    expect(after?.stopped).toBe(true);
    expect(after?.crisis).not.toBeNull();
    expect(after?.later).toBeNull();
    expect(await versionOf(one, person.id)).toBe(before + 4);
  });

  test('fifty chats open one invitation: one gets it, and the others are told', async () => {
    const rig = await Rig.open();
    const token = await rig.invitation();
    const chats = times(50, (i) => `chat-${i}`);
    await Promise.all(chats.map((chat) => rig.opens(chat, token)));
    const people = await Promise.all(chats.map((chat) => rig.person(chat)));
    const invited = people.filter((person) => person?.invitation);
    expect(invited).toHaveLength(1);
    expect(invited[0]?.clinic).toBe(ownClinic);
    const winner = chats[people.findIndex((person) => person?.invitation)] ?? '';
    const taken = reference.words.say('nb', 'start.link-taken.say.0');
    for (const chat of chats) {
      const [first = ''] = await heard(rig, chat);
      expect(first.includes(taken), chat).toBe(chat !== winner);
    }
    await rig.opens(winner, token);
    expect((await rig.person(winner))?.invitation).toBe(invited[0]?.invitation);
  });

  test('fifty chats that each have their own invitation all come in', async () => {
    const rig = await Rig.open();
    const tokens = await Promise.all(times(50, () => rig.invitation()));
    await Promise.all(tokens.map((token, i) => rig.opens(`chat-${i}`, token)));
    const people = await Promise.all(tokens.map((_, i) => rig.person(`chat-${i}`)));
    expect(new Set(people.map((person) => person?.invitation)).size).toBe(50);
    expect(people.every((person) => person?.clinic === ownClinic)).toBe(true);
  });
});

describe('timers', () => {
  const meeting = start + 4 * hour;

  test('one fires once, however often and at once it is told to', async () => {
    const rig = await Rig.open();
    const { id } = await rig.seat(ada, reminded([planAt(meeting, 'm')]));
    await rig.says(ada, 'meny');
    rig.clock.set(meeting - 2 * hour);
    const due = await rig.store.timersDue(rig.clock.now(), 9);
    expect(due.map(({ matter }) => matter)).toContain('plan');
    const before = (await heard(rig, ada)).length;
    for (let again = 0; again < 3; again++)
      await Promise.all(due.flatMap((timer) => times(10, () => rig.engine.fire(timer))));
    expect(await heard(rig, ada)).toHaveLength(before + 1);
    expect((await rig.person(ada))?.reminded).toEqual(['m@2026-11-20/two-hours']);
    expect((await rig.store.timersDue(rig.clock.now(), 9)).filter(({ owner }) => owner === id)).toEqual([]);
  });

  test('two matters of one kind at the very same moment both come', async () => {
    const rig = await Rig.open();
    // Asked at ten how it was yesterday, and at ten because the next one begins at noon.
    const noon = Date.parse('2026-11-19T11:00:00Z');
    await rig.seat(ada, reminded([planAt(start + 8 * hour, 'first'), planAt(noon, 'second')]));
    await rig.says(ada, 'meny');
    rig.clock.set(noon - 2 * hour);
    for (let beat = 0; beat < 9; beat++) await rig.worker.fireDue();
    expect((await rig.person(ada))?.reminded).toEqual(
      expect.arrayContaining(['first@2026-11-20/check-in', 'second@2026-11-20/two-hours']),
    );
    expect(await rig.worker.fireDue()).toBe(0);
  });

  test.each([
    ['another moment', (timer: StoredTimer) => ({ ...timer, due: timer.due - 1 })],
    ['another matter', (timer: StoredTimer) => ({ ...timer, matter: 'later' })],
    ['nobody', (timer: StoredTimer) => ({ ...timer, owner: 'nobody' })],
  ])('one that is of %s than the record does nothing', async (_, changed) => {
    const rig = await Rig.open();
    await rig.seat(ada, reminded([planAt(meeting, 'm')]));
    await rig.says(ada, 'meny');
    rig.clock.set(meeting - 2 * hour);
    const [timer] = await rig.store.timersDue(rig.clock.now(), 1);
    const before = await rig.person(ada);
    await rig.engine.fire(changed(timer as StoredTimer));
    expect(await rig.person(ada)).toEqual(before);
    expect(await heard(rig, ada)).toHaveLength(1);
    expect(await rig.store.timersDue(rig.clock.now(), 9)).toEqual([timer]);
  });

  test('one that was looked up before its plan was dropped does nothing', async () => {
    const rig = await Rig.open();
    await rig.seat(ada, reminded([planAt(meeting, 'm')]));
    await rig.says(ada, 'stopp');
    rig.clock.set(meeting - 2 * hour);
    const due = await rig.store.timersDue(rig.clock.now(), 9);
    await rig.says(ada, 'slett');
    await rig.taps(ada, 'yes');
    const before = await heard(rig, ada);
    for (const timer of due) await rig.engine.fire(timer);
    expect(await heard(rig, ada)).toEqual(before);
    expect(await rig.person(ada)).toBeNull();
  });
});

describe('coming in and being forgotten', () => {
  const consent = async (rig: Rig, address: string) => {
    await rig.taps(address, 'nb');
    await rig.taps(address, 'yes');
  };

  test('a visitor with an invitation becomes a patient, and the old visit ends without taking the chat along', async () => {
    const rig = await Rig.open();
    await rig.says(ada, 'hei');
    const visitor = await rig.person(ada);
    expect(visitor?.invitation).toBeNull();
    await rig.opens(ada, await rig.invitation());
    await consent(rig, ada);
    const patient = await rig.person(ada);
    expect(patient?.id).not.toBe(visitor?.id);
    expect(patient?.invitation).not.toBeNull();

    rig.clock.set(start + 25 * hour);
    await rig.worker.fireDue();
    await rig.deliver();
    expect(await rig.person(ada)).toMatchObject({ id: patient?.id, consents: { channel: { given: true } } });
    const house = rig.engine.directory.partitionOf('house');
    expect(await rig.vault.all(house, visitor?.id ?? '')).toEqual([]);
    await rig.says(ada, 'meny');
    expect((await rig.person(ada))?.frames.at(-1)?.dialogue).toBe('menu');
  });

  test('who never answers the consent is forgotten after a day, and the invitation is free again', async () => {
    const rig = await Rig.open();
    const token = await rig.invitation();
    await rig.opens(ada, token);
    rig.clock.set(start + 25 * hour);
    await rig.worker.fireDue();
    await rig.deliver();
    expect(await rig.engine.directory.find(rig.chatOf(ada))).toBeNull();
    await rig.opens('another', token);
    expect((await rig.person('another'))?.invitation).not.toBeNull();
  });

  const forget = async (rig: Rig, id: string) => {
    await rig.says(ada, 'slett');
    const wait = (await rig.person(ada))?.frames.at(-1)?.wait ?? '';
    const again = () => rig.receive(ada, { kind: 'tapped', wait, choice: 'yes' }, id);
    await again();
    expect(await rig.person(ada)).toBeNull();
    return again;
  };

  test.each([
    ['before the farewell is out', false],
    ['after it', true],
  ])('an event of somebody forgotten that comes again brings nobody back: %s', async (_, out) => {
    const rig = await Rig.open();
    const token = await rig.invitation();
    await rig.opens(ada, token, 'first');
    await consent(rig, ada);
    await rig.says(ada, 'hei', 'second');
    const again = await forget(rig, 'last');
    if (out) await rig.deliver();
    await again();
    await rig.says(ada, 'hei', 'second');
    await rig.opens(ada, token, 'first');
    await rig.receive(ada, { kind: 'edited', text: 'hei' });
    await rig.receive(ada, { kind: 'left' });
    const texts = await heard(rig, ada);
    expect(await rig.person(ada)).toBeNull();
    expect(await rig.engine.directory.find(rig.chatOf(ada))).toBeNull();
    expect(texts.at(-1)).toContain('slettet');
  });

  test('who writes anew after being forgotten is a stranger with another id', async () => {
    const rig = await Rig.open();
    const { id } = await rig.seat(ada);
    await forget(rig, 'last');
    await rig.says(ada, 'hei');
    const person = await rig.person(ada);
    expect(person).toMatchObject({ invitation: null, clinic: 'house' });
    expect(person?.id).not.toBe(id);
    await rig.deliver();
    expect((await rig.person(ada))?.id).toBe(person?.id);
  });

  test('whoever is forgotten by one process while another takes their message does not come back', async () => {
    const store = new SqliteStore(':memory:');
    const [one, two] = [await Rig.open({ store }), await Rig.open({ store })];
    for (let i = 0; i < 30; i++) {
      const address = `chat-${i}`;
      const { id } = await one.seat(address);
      await one.says(address, 'slett');
      const wait = (await one.person(address))?.frames.at(-1)?.wait ?? '';
      const said = async () => {
        // Lets the other one get on by so many steps first.
        for (let step = 0; step < i; step++) await null;
        await two.says(address, 'hei', `said ${i}`);
      };
      await Promise.all([one.receive(address, { kind: 'tapped', wait, choice: 'yes' }), said()]);
      await one.deliver();
      expect(
        await one.vault.all(one.engine.directory.partitionOf(ownClinic), id),
        `after ${i} steps`,
      ).toEqual([]);
      const person = await one.person(address);
      expect(person?.id ?? null, `after ${i} steps`).not.toBe(id);
    }
  });

  test('a visit that ends while the visitor writes leaves no one half forgotten', async () => {
    for (let steps = 0; steps < 30; steps++) {
      const rig = await Rig.open();
      await rig.says(ada, 'hei');
      rig.clock.set(start + 25 * hour);
      const due = await rig.store.timersDue(rig.clock.now(), 9);
      const said = async () => {
        for (let step = 0; step < steps; step++) await null;
        await rig.says(ada, 'hei igjen');
      };
      await Promise.all([...due.map((timer) => rig.engine.fire(timer)), said()]);
      await rig.deliver();
      const person = await rig.person(ada);
      expect(person, `after ${steps} steps`).not.toBeNull();
      const kept = await rig.store.timersDue(rig.clock.now() + 2 * day, 99);
      expect(new Set(kept.map(({ owner }) => owner)), `after ${steps} steps`).toEqual(new Set([person?.id]));
    }
  });
});

describe('an event that can not be handled', () => {
  test('is tried three times, then parked: the person is told once, and everything after it works', async () => {
    const broken = { dialogue: 'menu' };
    const rig = await Rig.open({ reference: fragile(broken) });
    await rig.seat(ada);
    const before = await rig.person(ada);
    for (let i = 0; i < 2; i++) await expect(rig.says(ada, 'meny', 'event')).rejects.toThrow('broken');
    expect(await heard(rig, ada)).toEqual([]);
    await rig.says(ada, 'meny', 'event');
    await rig.says(ada, 'meny', 'event');
    expect(await heard(rig, ada)).toEqual([phrase('stumbled')]);
    expect(await rig.person(ada)).toEqual(before);
    expect(rig.logged.filter(({ event }) => event === 'turn-parked')).toHaveLength(1);
    await rig.says(ada, 'hjelp');
    expect((await rig.person(ada))?.frames.at(-1)?.dialogue).toBe('help');
    expect(await heard(rig, ada)).toHaveLength(2);
  });

  test('is counted in the store, so that a restart does not begin anew', async () => {
    const broken = { dialogue: 'menu' };
    const store = new SqliteStore(':memory:');
    const lives = await Promise.all(times(3, () => Rig.open({ store, reference: fragile(broken) })));
    await lives[0]?.seat(ada);
    await expect(lives[0]?.says(ada, 'meny', 'event')).rejects.toThrow('broken');
    await expect(lives[1]?.says(ada, 'meny', 'event')).rejects.toThrow('broken');
    await lives[2]?.says(ada, 'meny', 'event');
  });

  test('of a stranger is parked too, and nobody is made of it', async () => {
    const broken = { dialogue: 'start' as string | null };
    const rig = await Rig.open({ reference: fragile(broken) });
    for (let i = 0; i < 2; i++) await expect(rig.says(ada, 'hei', 'event')).rejects.toThrow('broken');
    await rig.says(ada, 'hei', 'event');
    await rig.says(ada, 'hei', 'event');
    const told = await rig.store.sendable(start, [], 9);
    expect(told.map(({ owner }) => owner)).toEqual(['house']);
    expect(await heard(rig, ada)).toEqual([phrase('stumbled')]);
    expect(await rig.person(ada)).toBeNull();
    broken.dialogue = null;
    await rig.says(ada, 'hei', 'event');
    expect(await rig.person(ada)).toBeNull();
    await rig.says(ada, 'hei', 'another');
    expect(await rig.person(ada)).not.toBeNull();
  });

  test('of a timer keeps nobody else waiting, and comes again when it is mended', async () => {
    const broken = { dialogue: 'reminder' as string | null };
    const rig = await Rig.open({ reference: fragile(broken) });
    const meeting = Date.parse('2026-11-20T19:00:00Z');
    await rig.seat(ada, reminded([planAt(meeting, 'm', meeting - 5 * hour)]));
    await rig.seat('berit', { later: start + 2 * hour, discreet: false });
    for (const address of [ada, 'berit']) await rig.says(address, 'meny');
    await rig.deliver();
    rig.clock.set(meeting - 2 * hour);
    for (let beat = 0; beat < 5; beat++) await rig.worker.fireDue();
    expect(rig.logged.filter(({ event }) => event === 'turn-parked')).toHaveLength(1);
    expect(await heard(rig, ada)).toHaveLength(1);
    expect(await heard(rig, 'berit')).toHaveLength(2);
    expect(await rig.store.timersDue(rig.clock.now(), 9)).toEqual([]);

    broken.dialogue = null;
    rig.clock.set(meeting - hour);
    await rig.worker.fireDue();
    expect(await heard(rig, ada)).toHaveLength(2);
    expect((await rig.person(ada))?.reminded).toEqual(['m@2026-11-20/two-hours']);
  });
});

test('a timer that is set anew while it is being parked keeps its new moment', async () => {
  const store = new SqliteStore(':memory:');
  let count = async (given: Parameters<Store['failed']>) => store.failed(...given);
  const watched = new Proxy(store, {
    get: (target, name) =>
      name === 'failed'
        ? (...given: Parameters<Store['failed']>) => count(given)
        : Reflect.get(target, name).bind(target),
  });
  const rig = await Rig.open({ store: watched, reference: fragile({ dialogue: 'later' }) });
  const { id } = await rig.seat(ada, { later: start + hour, discreet: false });
  await rig.says(ada, 'meny');
  rig.clock.set(start + hour);
  const [timer] = await rig.store.timersDue(rig.clock.now(), 1);
  const later = start + 2 * day;
  count = async (given) => {
    const version = await versionOf(rig, id);
    const person = (await rig.person(ada)) as Person;
    const value = { ...person, later, timers: { ...person.timers, later } };
    await rig.vault.commit(rig.engine.directory.partitionOf(ownClinic), {
      ...emptyCommit(rig.clock.now()),
      put: [{ key: personKey(id), version: version + 1, value }],
      timers: { set: [{ owner: id, matter: 'later', due: later }], clear: [] },
    });
    return (await store.failed(...given)) + 2;
  };
  await rig.engine.fire(timer as StoredTimer);
  expect((await rig.person(ada))?.timers.later).toBe(later);
  expect(await rig.store.timersDue(later - 1, 9)).toEqual([]);
});

describe('a store that is away', () => {
  /** Fails where `fails` says so for the n-th call: before it does anything, or after, when nobody knows. */
  function flaky(store: Store, fails: (n: number, method: string) => 'before' | 'after' | null): Store {
    let calls = 0;
    return new Proxy(store, {
      get(target, name) {
        const found = Reflect.get(target, name);
        if (typeof found !== 'function') return found;
        return async (...given: unknown[]) => {
          const fault = fails(calls++, String(name));
          if (fault === 'before') throw new StoreDown(null);
          const result = await found.apply(target, given);
          if (fault === 'after') throw new StoreDown(null);
          return result;
        };
      },
    });
  }

  test('is reported as such, however often, and never counted against the event', async () => {
    let down = false;
    const rig = await Rig.open({
      store: flaky(new SqliteStore(':memory:'), (_, method) =>
        down && method === 'commit' ? 'before' : null,
      ),
    });
    await rig.seat(ada);
    down = true;
    for (let i = 0; i < 10; i++) await expect(rig.says(ada, 'meny', 'event')).rejects.toThrow(StoreDown);
    await expect(rig.says('stranger', 'hei', 'other')).rejects.toThrow(StoreDown);
    down = false;
    await rig.says(ada, 'meny', 'event');
    await rig.says('stranger', 'hei', 'other');
    expect(await heard(rig, ada)).toHaveLength(1);
    expect((await heard(rig, ada))[0]).not.toBe(phrase('stumbled'));
    expect((await rig.person(ada))?.frames.at(-1)?.dialogue).toBe('menu');
    expect(await rig.person('stranger')).not.toBeNull();
  });

  /** A conversation from the first word to the last, as the platform would deliver it: again until it is taken. */
  async function tell(rig: Rig, again: <T>(work: () => Promise<T>) => Promise<T>): Promise<string[]> {
    const chat = rig.chatOf(ada);
    const token = await again(() => rig.invitation());
    const receive = async (id: string, what: Parameters<typeof rig.receive>[1]) => {
      await again(() => rig.engine.receive({ id, chat, language: 'nb', what }));
      for (let beat = 0; beat < 300 && (await again(waits)); beat++) {
        await again(outgoing);
        rig.clock.set(rig.clock.now() + 3_000);
      }
    };
    const waits = async () => (await rig.store.sendable(rig.clock.now() + day, [], 1)).length > 0;
    const tap = async (id: string, choice: string) => {
      const wait = (await again(() => rig.person(ada)))?.frames.at(-1)?.wait ?? '';
      await receive(id, { kind: 'tapped', wait, choice });
    };
    const outgoing = async () => {
      await rig.holdLease();
      await rig.deliverer.round();
      await rig.deliverer.idle();
    };
    await receive('1', { kind: 'opened', token });
    await tap('2', 'nb');
    await tap('3', 'yes');
    await receive('4', { kind: 'said', text: '4611' });
    await receive('5', { kind: 'said', text: 'stopp' });
    await receive('6', { kind: 'said', text: 'mine data' });
    await receive('7', { kind: 'said', text: 'slett' });
    await tap('8', 'yes');
    await receive('9', { kind: 'said', text: 'hei' });
    return rig.channel.texts(ada);
  }

  test('loses nothing and doubles no decision, wherever in a conversation it goes away', async () => {
    const calm = await Rig.open();
    const expected = await tell(calm, (work) => work());
    expect(expected.length).toBeGreaterThan(8);
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 30 }), async (seed, percent) => {
        const chance = new Chance(seed);
        let armed = false;
        const store = flaky(new SqliteStore(':memory:'), (_, method) => {
          if (!armed || method === 'lease' || !chance.hits(percent / 100)) return null;
          return chance.hits(0.5) ? 'before' : 'after';
        });
        const rig = await Rig.open({ store });
        const again = async <T>(work: () => Promise<T>): Promise<T> => {
          for (let tries = 0; tries < 200; tries++) {
            armed = tries < 150;
            try {
              return await work();
            } catch (error) {
              if (!(error instanceof StoreDown)) throw error;
            } finally {
              armed = false;
            }
          }
          throw new Error('it was not taken in the end');
        };
        const texts = await tell(rig, again);
        // A message may come twice where its mark was lost; a decision may not.
        expect(texts.filter((text, i) => text !== texts[i - 1])).toEqual(
          expected.filter((text, i) => text !== expected[i - 1]),
        );
        await rig.store.close();
      }),
      { numRuns: 40 },
    );
  });
});
