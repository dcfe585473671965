/**
 * What else people do on Telegram than write and tap as they are asked: pictures and voice, changed messages, groups,
 * broken updates, very long words, blocking, and leaving for good. The parts run against the fake over real HTTP.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bot, newest, offering, reference, texts } from './fakes/bot.ts';
import type { Person } from './fakes/telegram-people.ts';

const minute = 60_000;
const hour = 60 * minute;

let bot: Bot;
let anna: Person;

beforeEach(async () => {
  bot = await Bot.start();
  anna = bot.telegram.user({ firstName: 'Anna' });
});
afterEach(() => bot.stop());

const phrase = (key: string) => reference.words.say('nb', `phrases.${key}`);
const calls = (method: string) => bot.telegram.calls.filter((call) => call.method === method);

/** An update as Telegram would send it, of whatever shape, waiting to be asked for. */
function push(kind: 'message' | 'callback_query', body: unknown): void {
  const { world } = anna as unknown as { world: { updates: { push(...update: unknown[]): void } } };
  world.updates.push(kind, body, anna.id);
}

describe('what is no text', () => {
  const unreadable = phrase('unreadable');

  test('can not be heard or seen: it says so, with the number, and asks again', async () => {
    expect(unreadable).toContain('113');
    await bot.comesIn(anna);
    const question = newest(anna).text;
    const sends = [
      () => anna.sendsSticker(),
      () => anna.sendsVoice(),
      () => anna.sendsPhoto(),
      () => anna.sendsPhoto('Her er jeg'),
    ];
    for (const send of sends) {
      const before = texts(anna).length;
      send();
      await bot.settle();
      expect(texts(anna).slice(before)).toEqual([unreadable, question]);
    }
  });

  test('but words beside a picture are read for danger and for commands', async () => {
    await bot.comesIn(anna);
    anna.sendsPhoto('Jeg vil dø');
    await bot.settle();
    const { frames } = (await bot.record(anna))!;
    expect(frames.at(-1)?.dialogue).toBe('help');
    await bot.says(anna, 'meny');
    anna.sendsPhoto('hjelp');
    await bot.settle();
    expect((await bot.record(anna))?.frames.at(-1)).toMatchObject({ dialogue: 'help' });
    expect(texts(anna)).not.toContain(unreadable);
  });

  test('but a shown location answers where one lives, and only its postcode is kept', async () => {
    await bot.comesIn(anna);
    anna.sendsLocation(58.147_123, 7.991_234);
    await bot.settle();
    const record = await bot.record(anna);
    expect(record?.place).toMatchObject({ label: '4612 Kristiansand S', postcode: '4612' });
    expect(JSON.stringify(record)).not.toMatch(/58\.1471|7\.9912/);
    expect(texts(anna).at(-1)).not.toBe(unreadable);
  });

  test('from a stranger begins an acquaintance', async () => {
    anna.sendsSticker();
    await bot.settle();
    expect(texts(anna)[0]).toBe(unreadable);
    await bot.picks(anna, 'start.language.nb');
  });
});

describe('a changed message', () => {
  test('is looked at for danger, and else met with silence', async () => {
    await bot.comesIn(anna);
    const said = anna.sends('Jeg er på vei');
    await bot.settle();
    const before = texts(anna).length;
    anna.edits(said, 'Jeg er på vei hjem');
    await bot.settle();
    expect(texts(anna)).toHaveLength(before);
    anna.edits(said, 'Jeg vil dø');
    await bot.settle();
    expect(texts(anna).length).toBeGreaterThan(before);
    expect((await bot.record(anna))?.frames.at(-1)?.dialogue).toBe('help');
  });
});

describe('what is none of ours', () => {
  test('groups are met with silence, and nothing of them is kept', async () => {
    const group = anna.inGroup(-1001);
    group.starts(await bot.invitation());
    group.sends('Jeg vil dø');
    group.sendsSticker();
    await bot.settle();
    expect(group.received).toEqual([]);
    expect(await bot.record(group)).toBeNull();
  });

  test('so are other bots, channels and what has no sender', async () => {
    await bot.comesIn(anna);
    const before = texts(anna).length;
    const chat = { id: anna.id, type: 'private', first_name: 'Anna' };
    const message = { message_id: 5, date: 1, chat, text: 'hjelp' };
    push('message', { ...message, from: { ...anna.user, is_bot: true } });
    push('message', { ...message, from: anna.user, chat: { id: -100, type: 'channel', title: 'Kanal' } });
    push('message', message);
    await bot.settle();
    expect(texts(anna)).toHaveLength(before);
    expect(calls('sendMessage')).toHaveLength(before);
  });

  test('broken updates neither stop the program nor the ones behind them', async () => {
    anna.starts();
    await bot.settle();
    const chat = { id: anna.id, type: 'private', first_name: 'Anna' };
    const broken: unknown[] = [
      null,
      7,
      'hjelp',
      [],
      {},
      { message_id: 'x', from: anna.user, chat, date: 1, text: 'hjelp' },
      { message_id: 1, from: anna.user, date: 1, text: 'hjelp' },
      { message_id: 1, from: anna.user, chat, date: 1, text: { toString: 1 } },
      { message_id: 1, from: anna.user, chat: { ...chat, id: 1e300 }, date: 1, text: 'hjelp' },
      { message_id: 1, from: [], chat, date: 1, text: 'hjelp' },
    ];
    for (const body of broken) push('message', body);
    push('callback_query', { id: 7, from: anna.user, data: 'a.b' });
    push('callback_query', { id: '7', from: anna.user, data: 'a.b' });
    push('callback_query', { id: '7', from: anna.user, message: { chat, message_id: 1, date: 0 } });
    await bot.picks(anna, 'start.language.nb');
    expect((await bot.record(anna))?.language).toBe('nb');
    for (const raw of [undefined, null, 1, 'x', [], {}, { update_id: 1 }, { update_id: '1', message: {} }])
      await bot.channel.take(raw, bot.engine.receive.bind(bot.engine));
  });
});

describe('long words', () => {
  test('ten thousand characters are taken, read for danger to the end, and answered briefly', async () => {
    await bot.comesIn(anna);
    const chat = { id: anna.id, type: 'private', first_name: 'Anna' };
    const long = 'hele tiden vil jeg bare ta mitt eget og så '.repeat(250);
    for (const text of [long, `${long} jeg vil dø`])
      push('message', { message_id: 9, date: 1, from: anna.user, chat, text });
    await bot.settle();
    expect((await bot.record(anna))?.frames.at(-1)?.dialogue).toBe('help');
    for (const text of texts(anna)) expect(text.length).toBeLessThan(1500);
  });

  test('one long line without a break does no harm either', async () => {
    await bot.comesIn(anna);
    await bot.says(anna, 'å'.repeat(4096));
    await bot.says(anna, '👩‍👩‍👧‍👦 '.repeat(300));
    await bot.says(anna, '4616');
    await anna.hears(reference.words.say('nb', 'setup.groups.say.0'));
  });
});

describe('blocking', () => {
  test('whoever blocks the bot is left alone until they come back', async () => {
    await bot.settlesIn(anna);
    await bot.plans(anna);
    const due = (await bot.record(anna))?.timers.plan ?? 0;
    anna.blocks();
    await bot.settle();
    expect(await bot.record(anna)).toMatchObject({ reachable: false });
    const sent = calls('sendMessage').length;
    await bot.advance(due - bot.clock.now());
    expect(calls('sendMessage')).toHaveLength(sent);
    anna.unblocks();
    await bot.settle();
    expect(await bot.record(anna)).toMatchObject({ reachable: true });
    await bot.toNext();
    expect(calls('sendMessage').length).toBeGreaterThan(sent);
  });

  test('a refused send tells it too, and the next word from them undoes it', async () => {
    await bot.settlesIn(anna);
    await bot.plans(anna);
    await bot.channel.stop();
    const away = await bot.again({ polling: false });
    anna.blocks();
    const tried = calls('sendMessage').length;
    await away.toNext();
    expect(calls('sendMessage')).toHaveLength(tried + 1);
    expect(await away.record(anna)).toMatchObject({ reachable: false });
    anna.unblocks();
    anna.sends('meny');
    away.polls();
    await away.settle();
    expect(await away.record(anna)).toMatchObject({ reachable: true });
    expect(offering(anna, await bot.labelOf(anna, 'menu.patient.plan'))).toBeDefined();
    await away.channel.stop();
  });

  test('an account that is gone makes nobody wait', async () => {
    await bot.comesIn(anna);
    anna.sends('meny');
    anna.deactivates();
    await bot.settle();
    expect(await bot.record(anna)).toMatchObject({ reachable: false });
    const kari = bot.telegram.user();
    kari.starts();
    await bot.settle();
    expect(texts(kari)).toHaveLength(1);
  });
});

describe('SLETT', () => {
  test('removes what a bot may still remove, says goodbye, and how to remove the rest', async () => {
    await bot.settlesIn(anna);
    const old = [...anna.chat];
    // The store's own tidying, once an hour, has just missed them.
    await bot.advance(47 * hour + 50 * minute);
    await bot.advance(11 * minute);
    await bot.says(anna, 'SLETT');
    await bot.picks(anna, 'data.delete.yes');
    const [farewell, ...others] = anna.chat.filter((message) => !message.deleted && !old.includes(message));
    expect(others).toEqual([]);
    expect(anna.chat.length).toBeGreaterThan(old.length + 1);
    expect(old.every((message) => !message.deleted)).toBe(true);
    expect(farewell?.text).toContain(reference.words.say('nb', 'data.erased.say.1'));
    expect(calls('deleteMessages').at(-1)!.at).toBeLessThanOrEqual(calls('sendMessage').at(-1)!.at);
    expect(await bot.record(anna)).toBeNull();
    expect(await bot.engine.directory.find({ channel: 'telegram', address: String(anna.id) })).toBeNull();
  });

  test('removes over a hundred messages', async () => {
    await bot.comesIn(anna);
    for (let i = 0; i < 120; i++) await bot.says(anna, 'hva?');
    await bot.says(anna, 'SLETT');
    await bot.picks(anna, 'data.delete.yes');
    expect(anna.chat.filter((message) => !message.deleted)).toHaveLength(1);
    expect(
      calls('deleteMessages').every(({ payload }) => (payload.message_ids as unknown[]).length <= 100),
    ).toBe(true);
  });

  test('and the same person may come again as a stranger', async () => {
    await bot.comesIn(anna);
    await bot.says(anna, 'slett');
    await bot.picks(anna, 'data.delete.yes');
    await bot.says(anna, 'hei');
    await bot.picks(anna, 'start.language.nb');
    expect(await bot.record(anna)).toMatchObject({ invitation: null, place: null });
  });
});

test('an account that does not tell its language is met in both', async () => {
  const { language_code: _none, ...from } = anna.user;
  const chat = { id: anna.id, type: 'private', first_name: 'Anna' };
  anna.room.open = true;
  push('message', { message_id: 9, date: 1, from, chat, text: 'hei' });
  await bot.settle();
  expect(texts(anna)).toEqual([reference.words.say('nb', 'start.language.say.0')]);
});
