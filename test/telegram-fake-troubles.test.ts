// The fake Telegram's own tests: the troubles a test can order, told apart by what was said and what the bot could know.
// They are the ground of every crash and delivery test, so each is checked on both sides. Nothing sleeps.
import { Api, HttpError } from 'grammy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeTelegram } from './fakes/telegram.ts';

const token = '110201543:DEMO-token_of_no_bot';
let telegram: FakeTelegram;
let api: Api;

beforeEach(async () => {
  telegram = await FakeTelegram.start({ token });
  api = new Api(token, { apiRoot: telegram.apiRoot });
});
afterEach(() => telegram.stop());

const calls = (method: string) => telegram.calls.filter((call) => call.method === method).length;

describe('troubles', () => {
  const send = (id: number, text: string) => api.sendMessage(id, text).catch((error: unknown) => error);
  function opened() {
    const person = telegram.user();
    person.starts();
    return person;
  }

  test('a lost answer: said, but the bot can’t know', async () => {
    const kim = opened();
    const fault = telegram.fails('sendMessage', 'answer lost');
    expect(await send(kim.id, 'hei')).toBeInstanceOf(HttpError);
    expect(await send(kim.id, 'hei')).toMatchObject({ text: 'hei' });
    expect(kim.received).toHaveLength(2);
    expect(fault.hits).toBe(1);
  });

  test('a reset before: not said, for the bot the same sight', async () => {
    const kim = opened();
    telegram.fails('sendMessage', 'reset before');
    expect(await send(kim.id, 'hei')).toBeInstanceOf(HttpError);
    expect(kim.received).toEqual([]);
    expect(calls('sendMessage')).toBe(0);
  });

  test('429 and server errors, for one chat and a number of times', async () => {
    const [kim, ada] = [opened(), opened()];
    telegram.fails('sendMessage', { retryAfter: 17 }, { chat: kim.id, times: 2 });
    expect(await send(ada.id, 'hei')).toMatchObject({ text: 'hei' });
    for (let i = 0; i < 2; i++)
      expect(await send(kim.id, 'hei')).toMatchObject({ error_code: 429, parameters: { retry_after: 17 } });
    telegram.fails('sendMessage', { status: 502 });
    expect(await send(kim.id, 'nei')).toMatchObject({ error_code: 502 });
    telegram.fails('sendMessage', { status: 504, delivered: true });
    expect(await send(kim.id, 'ja')).toMatchObject({ error_code: 504 });
    expect(kim.received.map(({ text }) => text)).toEqual(['ja']);
  });

  test('a fault can end before it struck', async () => {
    const kim = opened();
    telegram.fails('sendMessage', { status: 500 }, { times: Number.POSITIVE_INFINITY }).end();
    expect(await send(kim.id, 'hei')).toMatchObject({ text: 'hei' });
  });

  test('a request that hangs is carried out when released, even if the bot has hung up', async () => {
    const [kim, ada] = [opened(), opened()];
    const fault = telegram.fails('sendMessage', 'hang', { times: 2 });
    const hangUp = new AbortController();
    const hanging = send(kim.id, '1');
    const given = api.sendMessage(ada.id, '2', {}, hangUp.signal as never).catch((error: unknown) => error);
    await fault.struck(2);
    hangUp.abort();
    expect(await given).toBeInstanceOf(HttpError);
    expect(kim.received).toEqual([]);
    fault.release();
    expect(await hanging).toMatchObject({ text: '1' });
    await ada.hears('2');
  });

  test('the hook is called with the whole request before it is carried out', async () => {
    const kim = opened();
    const seen: unknown[] = [];
    telegram.onRequest = (method, payload) => {
      seen.push([method, payload, kim.received.length]);
    };
    await api.sendMessage(kim.id, 'hei');
    expect(seen).toEqual([['sendMessage', { chat_id: kim.id, text: 'hei' }, 0]]);
    expect(telegram.calls).toEqual([
      { method: 'sendMessage', payload: { chat_id: kim.id, text: 'hei' }, at: telegram.now },
    ]);
  });

  test('a server that is down refuses the connection and comes back with all it knew', async () => {
    const kim = opened();
    await telegram.goesDown();
    const error = (await send(kim.id, 'hei')) as HttpError;
    expect(error.error).toMatchObject({ code: 'ECONNREFUSED' });
    kim.sends('er du der?');
    await telegram.comesUp();
    expect(await send(kim.id, 'ja')).toMatchObject({ text: 'ja' });
    const updates = await api.getUpdates();
    expect(updates.map(({ message }) => message?.text)).toEqual(['/start', 'er du der?']);
  });

  test('stopping ends what is held', async () => {
    const kim = opened();
    await api.getUpdates({ offset: telegram.pending[0]!.update_id + 1 });
    const fault = telegram.fails('sendMessage', 'hang');
    const held = [api.getUpdates({ timeout: 50 }), api.sendMessage(kim.id, 'hei')].map((call) =>
      (call as Promise<unknown>).catch((error: unknown) => error),
    );
    await fault.struck();
    await telegram.stop();
    expect(await held[1]).toBeInstanceOf(HttpError);
    await held[0];
    expect(kim.received).toEqual([]);
  });

  test('idle waits for the answers under way', async () => {
    const kim = opened();
    await api.getUpdates({ offset: telegram.pending[0]!.update_id + 1 });
    const fault = telegram.fails('sendMessage', 'hang');
    const sending = send(kim.id, 'hei');
    await fault.struck();
    let reached = false;
    const idle = telegram.idle().then(() => {
      reached = true;
    });
    await api.getMe();
    expect(reached).toBe(false);
    fault.release();
    await idle;
    expect(kim.received).toHaveLength(1);
    await sending;
  });
});
