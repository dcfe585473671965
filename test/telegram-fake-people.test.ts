// The fake Telegram's own tests: what its people can do, what the bot is told of it, and what they hear.
// The updates are compared whole, since a bot that works with half of one would fail on the real thing. Nothing sleeps.
import { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeTelegram } from './fakes/telegram.ts';

const token = '110201543:DEMO-token_of_no_bot';
let telegram: FakeTelegram;
let api: Api;

beforeEach(async () => {
  telegram = await FakeTelegram.start({ token });
  api = new Api(token, { apiRoot: telegram.apiRoot });
});
afterEach(() => telegram.stop());

/** A person who has written to the bot, the update already confirmed. */
async function somebody(options?: Parameters<FakeTelegram['user']>[0]) {
  const person = telegram.user(options);
  person.starts();
  await api.getUpdates({ offset: telegram.pending.at(-1)!.update_id + 1 });
  return person;
}

const newest = () => telegram.pending.at(-1) as Update;
const keyboard = (...buttons: object[]) => ({ reply_markup: { inline_keyboard: [buttons] as never } });
const choice = (text: string, callback_data: string) => ({ text, callback_data });

describe('people', () => {
  test('what they send arrives as the real server words it', async () => {
    const kim = telegram.user({ firstName: 'Kim', languageCode: 'en' });
    const message = kim.starts('aB-_9');
    const date = Math.floor(telegram.now / 1000);
    const from = { id: kim.id, is_bot: false, first_name: 'Kim', language_code: 'en' };
    const chat = { id: kim.id, type: 'private', first_name: 'Kim' };
    const { message_id } = message;
    expect(newest()).toEqual({
      update_id: expect.any(Number),
      message: {
        ...{ message_id, from, chat, date, text: '/start aB-_9' },
        entities: [{ type: 'bot_command', offset: 0, length: 6 }],
      },
    });
    telegram.advance(2000);
    kim.edits(message, 'hei');
    expect(newest()).toEqual({
      update_id: expect.any(Number),
      edited_message: { message_id, from, chat, date, edit_date: date + 2, text: 'hei' },
    });
  });

  test('commands are marked, and nothing that only looks like one', () => {
    telegram.user().sends('👍 /hjelp, og/eller /først /a@bli_med_demo_bot');
    expect(newest().message?.entities).toEqual([
      { type: 'bot_command', offset: 3, length: 6 },
      { type: 'bot_command', offset: 27, length: 19 },
    ]);
  });

  test('media, places and photos arrive without text', () => {
    const kim = telegram.user();
    const fields = [
      kim.sendsSticker(),
      kim.sendsVoice(),
      kim.sendsPhoto('se her'),
      kim.sendsPhoto(),
      kim.sendsLocation(60.39, 5.32),
    ].map((_, index) => telegram.pending[index]!.message!);
    expect(fields.map((message) => message.text)).toEqual(Array(5).fill(undefined));
    expect(fields[0]).toMatchObject({ sticker: { type: 'regular', is_animated: false } });
    expect(fields[1]).toMatchObject({ voice: { duration: 4, mime_type: 'audio/ogg' } });
    expect(fields[2]).toMatchObject({ caption: 'se her', photo: [{ width: 90 }, { width: 800 }] });
    expect(fields[3]).not.toHaveProperty('caption');
    expect(fields[4]).toMatchObject({ location: { latitude: 60.39, longitude: 5.32 } });
  });

  test('they tap the buttons there are, and find old ones gone', async () => {
    const kim = await somebody();
    const link = { text: 'Kart', url: 'https://kart.no' };
    const question = await api.sendMessage(kim.id, 'Vil du?', keyboard(choice('Ja', 'y'), link));
    const id = kim.taps(question, 'Ja');
    expect(newest().callback_query).toEqual({
      ...{ id, data: 'y', from: kim.user, message: question },
      chat_instance: expect.stringMatching(/^-?\d+$/),
    });
    expect(() => kim.taps(question, 'Nei')).toThrow(
      "no button 'Nei' under «Vil du?»; its buttons: 'Ja', 'Kart'",
    );
    expect(() => kim.taps(question, 'Kart')).toThrow('is a link');
    await api.deleteMessage(kim.id, question.message_id);
    expect(() => kim.taps(question, 'Ja')).toThrow('no message');
    kim.tapsData(question, 'y');
    expect(newest().callback_query?.message).toEqual({
      chat: { id: kim.id, type: 'private', first_name: 'Kim' },
      message_id: question.message_id,
      date: 0,
    });
  });

  test('blocking and unblocking is told; who has blocked can’t write', () => {
    const kim = telegram.user();
    expect(() => kim.blocks()).toThrow("can't block");
    kim.starts();
    kim.blocks();
    expect(newest().my_chat_member).toMatchObject({
      chat: { id: kim.id, type: 'private' },
      from: kim.user,
      old_chat_member: { status: 'member', user: { id: telegram.bot.id } },
      new_chat_member: { status: 'kicked', until_date: 0 },
    });
    expect(() => kim.sends('hei')).toThrow('unblock it first');
    kim.unblocks();
    expect(newest().my_chat_member).toMatchObject({
      old_chat_member: { status: 'kicked' },
      new_chat_member: { status: 'member' },
    });
  });

  test('a group is another chat, where the bot deletes only its own', async () => {
    const kim = await somebody();
    const group = kim.inGroup(-1001234567890);
    expect(newest().my_chat_member).toMatchObject({
      chat: { type: 'supergroup' },
      new_chat_member: { status: 'member' },
    });
    const foreign = group.sends('hei alle');
    expect(kim.inGroup(-1001234567890).room).toBe(group.room);
    expect(newest().message).toMatchObject({
      chat: { id: -1001234567890, type: 'supergroup' },
      from: { id: kim.id },
    });
    const own = await api.sendMessage(-1001234567890, 'hei');
    expect(kim.received).toEqual([]);
    expect(group.received).toHaveLength(1);
    await expect(api.deleteMessage(-1001234567890, foreign.message_id)).rejects.toThrow("can't be deleted");
    await api.deleteMessage(-1001234567890, own.message_id);
    expect(kim.inGroup(-1001234567890).chat).toMatchObject([{ deleted: true }]);
    await expect(api.sendMessage(-100, 'hei')).rejects.toThrow('chat not found');
  });

  test('what a person in the app can’t do, throws', async () => {
    const kim = telegram.user();
    expect(() => kim.starts('x'.repeat(65))).toThrow('start payload');
    expect(() => kim.sends(' ')).toThrow('1 to 4096 characters');
    expect(() => kim.sends('x'.repeat(4097))).toThrow('1 to 4096 characters');
    expect(() => kim.edits({ message_id: 1 }, 'x')).toThrow('no message 1');
    kim.starts();
    const foreign = await api.sendMessage(kim.id, 'hei');
    expect(() => kim.edits(foreign, 'x')).toThrow('no message');
    expect(() => telegram.user({ id: kim.id })).toThrow('already');
  });
});

describe('the answer to a tap', () => {
  const tooOld = '400: Bad Request: query is too old and response timeout expired or query ID is invalid';
  async function tapped() {
    const kim = await somebody();
    const question = await api.sendMessage(kim.id, 'Vil du?', keyboard(choice('Ja', 'y')));
    return { kim, tap: kim.taps(question, 'Ja') };
  }

  test('is shown once, within 15 seconds', async () => {
    const { kim, tap } = await tapped();
    telegram.advance(15_000);
    await api.answerCallbackQuery(tap, { text: 'Notert' });
    expect(kim.received.at(-1)).toMatchObject({ kind: 'toast', text: 'Notert' });
    await expect(api.answerCallbackQuery(tap)).rejects.toThrow(tooOld);
  });

  test('comes too late after that', async () => {
    const { tap } = await tapped();
    telegram.advance(15_001);
    await expect(api.answerCallbackQuery(tap)).rejects.toThrow(tooOld);
    await expect(api.answerCallbackQuery('4711')).rejects.toThrow(tooOld);
  });

  test('holds 200 characters', async () => {
    const { tap } = await tapped();
    const answer = (length: number) => api.answerCallbackQuery(tap, { text: 'x'.repeat(length) });
    await expect(answer(201)).rejects.toThrow('400: Bad Request: MESSAGE_TOO_LONG');
    await answer(200);
  });
});

describe('hears', () => {
  test('waits for what comes, and takes each thing once', async () => {
    const kim = await somebody();
    const hearing = kim.hears('hei');
    await api.sendMessage(kim.id, 'hei igjen');
    expect(await hearing).toMatchObject({ kind: 'text', text: 'hei igjen' });
    const again = kim.hears(/hei$/);
    await api.sendMessage(kim.id, 'god dag');
    await api.sendMessage(kim.id, 'hallo hei');
    expect((await again).text).toBe('hallo hei');
  });

  test('gives up with what came instead', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const kim = await somebody();
      await api.sendMessage(kim.id, 'god dag');
      const hearing = expect(kim.hears('hei')).rejects.toThrow(
        'did not hear hei; what came: \n  text: god dag',
      );
      vi.advanceTimersByTime(30_000);
      await hearing;
    } finally {
      vi.useRealTimers();
    }
  });

  test('ends when the fake is stopped', async () => {
    const hearing = expect(telegram.user().hears('hei')).rejects.toThrow('stopped');
    await telegram.stop();
    await hearing;
  });
});
