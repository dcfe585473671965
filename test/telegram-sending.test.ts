/**
 * What becomes of a message when Telegram is in trouble, busy or in the way: classified as src/channels/channel.ts says,
 * sent again where that is right, and nothing lost. What was sent is counted by what the fake's people received.
 */
import { Api, GrammyError, HttpError } from 'grammy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outcomeOf } from '../src/channels/telegram.ts';
import { personKey } from '../src/core/records.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import { Bot, brittle, reference, texts, token } from './fakes/bot.ts';
import type { Trouble } from './fakes/telegram-faults.ts';
import type { Person } from './fakes/telegram-people.ts';

const second = 1000;
const minute = 60 * second;

let bot: Bot;
let anna: Person;
let flaky: ReturnType<typeof brittle>;

beforeEach(async () => {
  flaky = brittle(new SqliteStore(':memory:'));
  bot = await Bot.start({ store: flaky.store });
  anna = bot.telegram.user({ firstName: 'Anna' });
});
afterEach(() => bot.stop());

const calls = (method: string) => bot.telegram.calls.filter((call) => call.method === method);

describe('a send that goes wrong', () => {
  /** What was received at once, and in all when the program has done its best. */
  const cases: [Trouble, { atOnce: number; inAll: number }][] = [
    ['reset before', { atOnce: 0, inAll: 1 }],
    ['answer lost', { atOnce: 1, inAll: 2 }],
    [{ status: 500 }, { atOnce: 0, inAll: 1 }],
    [{ status: 502 }, { atOnce: 0, inAll: 1 }],
    [
      { status: 504, delivered: true },
      { atOnce: 1, inAll: 2 },
    ],
    [{ retryAfter: 3 }, { atOnce: 0, inAll: 1 }],
  ];

  test.each(cases)(
    '%j: nothing is lost, and doubled only what nobody could know',
    async (trouble, expected) => {
      const fault = bot.telegram.fails('sendMessage', trouble);
      anna.starts();
      await bot.telegram.idle();
      await bot.worker.beat();
      await bot.deliverer.idle();
      expect(texts(anna)).toHaveLength(expected.atOnce);
      await bot.advance(5 * second);
      expect(fault.hits).toBe(1);
      expect(texts(anna)).toHaveLength(expected.inAll);
      expect(new Set(texts(anna)).size).toBe(1);
      await bot.advance(60 * minute);
      expect(texts(anna)).toHaveLength(expected.inAll);
      await bot.picks(anna, 'start.language.nb');
    },
  );

  test('an outage of some minutes loses nobody an answer', async () => {
    const fault = bot.telegram.fails('sendMessage', { status: 502 }, { times: Number.POSITIVE_INFINITY });
    anna.starts();
    await bot.settle();
    for (let i = 0; i < 10; i++) await bot.advance(30 * second);
    expect(texts(anna)).toEqual([]);
    fault.end();
    for (let i = 0; i < 20; i++) await bot.advance(30 * second);
    expect(texts(anna)).toHaveLength(1);
  });

  test('a hanging request holds up nobody else, and counts when its answer comes after all', async () => {
    const fault = bot.telegram.fails('sendMessage', 'hang', { chat: anna.id });
    const kari = bot.telegram.user();
    anna.starts();
    kari.starts();
    await bot.telegram.idle();
    await bot.worker.beat();
    await fault.struck();
    await kari.hears('Hello');
    expect(texts(anna)).toEqual([]);
    fault.release();
    await bot.deliverer.idle();
    await bot.advance(minute);
    expect(texts(anna)).toHaveLength(1);
  });

  test('a hanging request that breaks off in the end is in doubt: sent once more', async () => {
    const fault = bot.telegram.fails('sendMessage', 'hang');
    anna.starts();
    await bot.telegram.idle();
    await bot.worker.beat();
    await fault.struck();
    await bot.telegram.goesDown();
    fault.release();
    await anna.hears('Hello');
    await bot.telegram.comesUp();
    await bot.deliverer.idle();
    await bot.advance(5 * second);
    expect(texts(anna)).toHaveLength(2);
  });

  test('while Telegram is down everything waits, and comes in order when it is back', async () => {
    await bot.channel.stop();
    const away = await bot.again({ polling: false });
    anna.starts();
    anna.sends('hei');
    const receive = away.engine.receive.bind(away.engine);
    for (const update of bot.telegram.pending) await away.channel.take(update, receive);
    await bot.telegram.goesDown();
    for (let i = 0; i < 20; i++) await away.advance(minute);
    expect(texts(anna)).toEqual([]);
    await bot.telegram.comesUp();
    for (let i = 0; i < 11; i++) await away.advance(minute);
    expect(texts(anna)).toHaveLength(2);
    expect(texts(anna)[1]).toContain(texts(anna)[0]);
  });

  test('a message that Telegram never takes does not hold up the next one', async () => {
    anna.starts();
    await bot.settle();
    const { partition, person } = (await bot.engine.directory.find({
      channel: 'telegram',
      address: String(anna.id),
    }))!;
    const chat = { channel: 'telegram', address: String(anna.id) };
    const message = { purpose: 'answer' as const, language: 'nb', text: 'å'.repeat(5000), buttons: [] };
    const at = bot.clock.now();
    await bot.vault.commit(partition, {
      event: null,
      at,
      expected: [],
      put: [],
      drop: [],
      erase: [],
      timers: { set: [], clear: [] },
      outbox: [
        {
          id: 'too-long',
          owner: person,
          lane: person,
          channel: chat.channel,
          priority: 1,
          due: at,
          parcel: { kind: 'message', chat, written: at, message },
        },
      ],
      facts: [],
    });
    await bot.picks(anna, 'start.language.nb');
    expect(texts(anna).length).toBeGreaterThan(1);
  });
});

describe('429', () => {
  test('is obeyed for that chat, and slows down nobody else', async () => {
    const kari = bot.telegram.user();
    for (const person of [anna, kari]) person.starts();
    await bot.settle();
    bot.telegram.fails('sendMessage', { retryAfter: 30 }, { chat: anna.id });
    const toAnna = () => calls('sendMessage').filter(({ payload }) => payload.chat_id === anna.id);
    anna.sends('meny');
    kari.sends('meny');
    await bot.settle();
    const [tried, heard, refused] = [toAnna().length, texts(anna).length, bot.clock.now()];
    expect(tried).toBe(heard + 1);
    await bot.says(kari, 'meny');
    expect(texts(kari).length).toBeGreaterThan(2);
    await bot.advance(refused + 29 * second - bot.clock.now());
    expect(toAnna()).toHaveLength(tried);
    await bot.advance(2 * second);
    expect(texts(anna).length).toBeGreaterThan(heard);
  });

  test('never comes where one person has much to be told', async () => {
    const began = bot.clock.now();
    for (let i = 0; i < 12; i++) anna.sends('hei');
    await bot.settle();
    const times = anna.received.map(({ at }) => at);
    expect(times.length).toBeGreaterThanOrEqual(12);
    expect(calls('sendMessage')).toHaveLength(times.length);
    for (const [i, at] of times.entries())
      expect((times[i + 3] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(second);
    expect(bot.clock.now() - began).toBeLessThanOrEqual((times.length - 3 + 1) * second);
  });

  test('never comes while the program keeps the pace: sixty people at once, five answers each', async () => {
    const people = Array.from({ length: 60 }, () => bot.telegram.user());
    const began = bot.clock.now();
    for (const person of people) person.starts();
    await bot.settle();
    for (let i = 0; i < 4; i++) {
      for (const person of people) person.sends(i % 2 ? 'hjelp' : 'meny');
      await bot.settle();
    }
    const all = people.flatMap((person) => person.received.filter(({ kind }) => kind === 'text'));
    // Whatever is refused is called for, but not received.
    expect(calls('sendMessage')).toHaveLength(all.length);
    for (const person of people) expect(texts(person).length).toBeGreaterThanOrEqual(5);
    const times = all.map(({ at }) => at).sort((a, b) => a - b);
    for (const [i, at] of times.entries())
      expect((times[i + 30] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(second);
    // It is no slower than it must be either.
    expect((bot.clock.now() - began) / second).toBeLessThan(all.length / 20);
  });
});

describe('coming in', () => {
  test('the next updates are asked for only when those before are committed', async () => {
    flaky.breaks('commit');
    anna.starts();
    const update = bot.telegram.pending[0]!.update_id;
    const committed: boolean[] = [];
    bot.telegram.onRequest = async (method, { offset }) => {
      if (method === 'getUpdates' && Number(offset) > update)
        committed.push((await bot.record(anna)) !== null);
    };
    await bot.settle();
    expect(flaky.left('commit')).toBe(0);
    expect(committed[0]).toBe(true);
    expect(texts(anna)).toHaveLength(1);
  });

  test('what is committed of a batch is not asked for again because of what is not', async () => {
    await bot.channel.stop();
    const kari = bot.telegram.user();
    for (const person of [anna, kari]) person.starts();
    const [first, second] = bot.telegram.pending.map((update) => update.update_id);
    const offsets: number[] = [];
    bot.telegram.onRequest = (method, { offset }) => {
      if (method === 'getUpdates') offsets.push(Number(offset));
    };
    flaky.breaks('commit', 1, 1);
    const again = await bot.again();
    await again.settle();
    expect([...new Set(offsets)]).toEqual([0, second, second! + 1]);
    expect(first).toBeLessThan(second!);
    for (const person of [anna, kari]) expect(texts(person)).toHaveLength(1);
    await again.channel.stop();
  });

  test('nothing is confirmed to Telegram while the store is down', async () => {
    flaky.breaks('commit', 1000);
    anna.starts();
    anna.sends('hei');
    await bot.channel.stop();
    expect(bot.telegram.pending).toHaveLength(2);
    flaky.breaks('commit', 0);
    const again = await bot.again();
    await again.settle();
    expect(texts(anna)).toHaveLength(2);
    await again.channel.stop();
  });

  test('somebody whose record is damaged keeps nobody else waiting', async () => {
    anna.starts();
    await bot.settle();
    const { partition, person } = (await bot.engine.directory.find({
      channel: 'telegram',
      address: String(anna.id),
    }))!;
    await bot.store.commit(partition, {
      event: null,
      at: bot.clock.now(),
      expected: [],
      keys: [],
      put: [{ key: personKey(person), version: 99, body: new Uint8Array(300).fill(7) }],
      drop: [],
      erase: [],
      timers: { set: [], clear: [] },
      outbox: [],
      facts: [],
    });
    const kari = bot.telegram.user();
    anna.sends('hei');
    kari.starts();
    await bot.settle();
    expect(texts(kari)).toHaveLength(1);
    expect(texts(anna).at(-1)).toBe(reference.words.say('nb', 'phrases.stumbled'));
  });

  test('another process that asks as well is survived', async () => {
    await bot.settle();
    const other = new Api(token, { apiRoot: bot.telegram.apiRoot });
    // Refuses the poll that the bot holds open just now.
    await other.getUpdates({ timeout: 0, offset: 1 });
    anna.starts();
    await bot.settle();
    expect(texts(anna)).toHaveLength(1);
  });

  test('a webhook that is still set is taken away, however often that fails', async () => {
    await bot.channel.stop();
    const api = new Api(token, { apiRoot: bot.telegram.apiRoot });
    bot.telegram.resolves('https://blimed.example', 'http://127.0.0.1:9');
    await api.setWebhook('https://blimed.example/hook');
    bot.telegram.fails('deleteWebhook', { status: 502 });
    anna.starts();
    const polled = Promise.withResolvers<void>();
    bot.telegram.onRequest = (method) => {
      if (method === 'getUpdates') polled.resolve();
    };
    const again = await bot.again();
    await polled.promise;
    await again.settle();
    expect(texts(anna)).toHaveLength(1);
    await again.channel.stop();
  });
});

describe('an outcome', () => {
  const refused = (error_code: number, description: string, parameters = {}) =>
    new GrammyError('x', { ok: false, error_code, description, parameters }, 'sendMessage', {});
  const failed = (code?: string) =>
    new HttpError('x', Object.assign(new Error('x'), code === undefined ? {} : { code }));

  test.each([
    [refused(429, 'Too Many Requests', { retry_after: 7 }), { kind: 'later', wait: 7000, everybody: false }],
    [refused(403, 'Forbidden: bot was blocked by the user'), { kind: 'unreachable' }],
    [refused(403, 'Forbidden: user is deactivated'), { kind: 'unreachable' }],
    [refused(400, 'Bad Request: chat not found'), { kind: 'unreachable' }],
    [refused(400, 'Bad Request: message is too long'), { kind: 'refused', why: '400' }],
    [refused(401, 'Unauthorized'), { kind: 'later', wait: 60_000, everybody: true }],
    [refused(502, 'Bad Gateway'), { kind: 'ambiguous' }],
    [failed('ECONNREFUSED'), { kind: 'later', wait: null, everybody: false }],
    [failed('EAI_AGAIN'), { kind: 'later', wait: null, everybody: false }],
    [failed('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), { kind: 'later', wait: null, everybody: false }],
    [failed('ECONNRESET'), { kind: 'ambiguous' }],
    [failed('ETIMEDOUT'), { kind: 'ambiguous' }],
    [failed(), { kind: 'ambiguous' }],
  ])('is read off the error: %s', (error, outcome) => {
    expect(outcomeOf(error)).toEqual(outcome);
  });
});
