// The fake Telegram's own tests: how updates reach a bot (polling, webhook), and the troubles a test can order.
// The webhook side is a real HTTP server that answers only when the test says so. Nothing sleeps.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Api, Bot, HttpError } from 'grammy';
import type { Update } from 'grammy/types';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeTelegram } from './fakes/telegram.ts';

const token = '110201543:DEMO-token_of_no_bot';
const ORIGIN = 'https://blimed.example';
let telegram: FakeTelegram;
let api: Api;

beforeEach(async () => {
  telegram = await FakeTelegram.start({ token });
  api = new Api(token, { apiRoot: telegram.apiRoot });
});
afterEach(() => telegram.stop());

const texts = (updates: readonly Update[]) =>
  updates.map((update) => (update.message ?? update.edited_message)?.text);
/** Resolves when the server has received so many requests of a method. */
const calls = (method: string) => telegram.calls.filter((call) => call.method === method).length;
async function reached(method: string, times: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  telegram.onRequest = () => {
    if (calls(method) >= times) resolve();
  };
  if (calls(method) >= times) resolve();
  await promise;
}

describe('long polling', () => {
  test('gives everything again until it is confirmed', async () => {
    const kim = telegram.user();
    for (const text of ['1', '2', '3']) kim.sends(text);
    const first = await api.getUpdates();
    expect(texts(first)).toEqual(['1', '2', '3']);
    expect(texts(await api.getUpdates({ limit: 2 }))).toEqual(['1', '2']);
    expect(texts(await api.getUpdates({ offset: first[1]!.update_id }))).toEqual(['2', '3']);
    expect(texts(await api.getUpdates())).toEqual(['2', '3']);
    expect(texts(await api.getUpdates({ offset: -1 }))).toEqual(['3']);
    expect(await api.getUpdates({ offset: first[2]!.update_id + 1 })).toEqual([]);
    expect(telegram.pending).toEqual([]);
    kim.sends('4');
    expect((await api.getUpdates())[0]!.update_id).toBeGreaterThan(first[2]!.update_id);
  });

  test('is held until something comes', async () => {
    const poll = api.getUpdates({ timeout: 50 });
    await reached('getUpdates', 1);
    telegram.user().sends('hei');
    expect(texts(await poll)).toEqual(['hei']);
  });

  test('is held until its time has passed', async () => {
    const poll = api.getUpdates({ timeout: 30 });
    await reached('getUpdates', 1);
    telegram.advance(29_999);
    expect(await Promise.race([poll, Promise.resolve('held')])).toBe('held');
    telegram.advance(1);
    expect(await poll).toEqual([]);
  });

  test('is held no longer in real time either', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const poll = api.getUpdates({ timeout: 30 });
      await reached('getUpdates', 1);
      await api.getMe();
      vi.advanceTimersByTime(30_000);
      expect(await poll).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a second poller ends the first', async () => {
    const first = expect(api.getUpdates({ timeout: 50 })).rejects.toThrow(
      '409: Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    );
    await reached('getUpdates', 1);
    const second = api.getUpdates({ timeout: 50 });
    await first;
    telegram.user().sends('hei');
    expect(texts(await second)).toEqual(['hei']);
  });

  test('a poller that hangs up is forgotten, its updates are not', async () => {
    const hangUp = new AbortController();
    const poll = api.getUpdates({ timeout: 50 }, hangUp.signal as never).catch((error: unknown) => error);
    await reached('getUpdates', 1);
    hangUp.abort();
    expect(await poll).toBeInstanceOf(HttpError);
    telegram.user().sends('hei');
    expect(texts(await api.getUpdates({ timeout: 50 }))).toEqual(['hei']);
  });

  test('brings only the kinds that were asked for last, from then on', async () => {
    const kim = telegram.user();
    kim.sends('1');
    expect(texts(await api.getUpdates({ allowed_updates: ['edited_message'] }))).toEqual(['1']);
    const second = kim.sends('2');
    kim.edits(second, '2b');
    expect(texts(await api.getUpdates())).toEqual(['1', '2b']);
    expect(await api.getWebhookInfo()).toMatchObject({ allowed_updates: ['edited_message'] });
    await api.getUpdates({ allowed_updates: [] });
    kim.sends('3');
    expect(texts(await api.getUpdates())).toEqual(['1', '2b', '3']);
  });

  test('taps wait 150 seconds, messages a day', async () => {
    const kim = telegram.user();
    const message = kim.sends('hei');
    kim.tapsData(message, 'y');
    telegram.advance(149_999);
    expect(await api.getUpdates()).toHaveLength(2);
    telegram.advance(1);
    expect(texts(await api.getUpdates())).toEqual(['hei']);
    telegram.advance(24 * 3600_000 - 150_000);
    expect(await api.getUpdates()).toEqual([]);
  });

  test('what was told stays as it was, however the chat goes on', async () => {
    const kim = telegram.user();
    kim.edits(kim.sends('/start'), 'så');
    expect(await api.getUpdates()).toMatchObject([
      { message: { text: '/start', entities: [{ length: 6 }] } },
      { edited_message: { text: 'så' } },
    ]);
  });

  test('a grammY bot holds a talk', async () => {
    const bot = new Bot(token, { client: { apiRoot: telegram.apiRoot } });
    bot.command('start', (ctx) =>
      ctx.reply(`Hei! ${ctx.match}`, {
        reply_markup: { inline_keyboard: [[{ text: 'Ja', callback_data: 'y' }]] },
      }),
    );
    bot.on('callback_query:data', async (ctx) => {
      await ctx.answerCallbackQuery('Notert');
      await ctx.editMessageText(`Valgt: ${ctx.callbackQuery.data}`);
    });
    const running = bot.start();
    const kim = telegram.user();
    kim.starts('TOKEN');
    kim.taps(await kim.hears('Hei! TOKEN'), 'Ja');
    expect((await kim.hears(/./)).kind).toBe('toast');
    expect(await kim.hears('Valgt: y')).toMatchObject({ kind: 'edit', labels: [] });
    await telegram.idle();
    expect(telegram.pending).toEqual([]);
    await bot.stop();
    await running;
  });
});

describe('the webhook', () => {
  let site: ReturnType<typeof createServer>;
  /** Requests the site has received and not yet answered. */
  let waiting: { update: Update; request: IncomingMessage; answer: (status: number) => void }[];
  let arrival: PromiseWithResolvers<void>;

  beforeEach(async () => {
    waiting = [];
    arrival = Promise.withResolvers();
    site = createServer(async (request: IncomingMessage, response: ServerResponse) => {
      const update = (await new Response(request as never).json()) as Update;
      const answer = (status: number) => {
        waiting = waiting.filter((held) => held.update !== update);
        response.writeHead(status, { 'Retry-After': '7', Location: '/elsewhere' }).end();
      };
      waiting.push({ update, request, answer });
      arrival.resolve();
      arrival = Promise.withResolvers();
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    telegram.resolves(ORIGIN, `http://127.0.0.1:${(site.address() as AddressInfo).port}`);
  });
  afterEach(async () => {
    site.closeAllConnections();
    await new Promise((resolve) => site.close(resolve));
  });

  /** Resolves with the texts (or the kind) of what waits, as soon as so many requests do. */
  async function atSite(count: number): Promise<(string | undefined)[]> {
    while (waiting.length < count) await arrival.promise;
    return waiting.map(
      ({ update }) => update.message?.text ?? update.callback_query?.data ?? Object.keys(update)[1],
    );
  }
  const answer = (text: string, status: number) =>
    waiting
      .find(({ update }) => (update.message?.text ?? update.callback_query?.data) === text)!
      .answer(status);

  test('is called with its secret', async () => {
    await api.setWebhook(`${ORIGIN}/tg?x=1`, { secret_token: 'a-Z_9' });
    telegram.user().sends('hei');
    await atSite(1);
    const { method, url, headers } = waiting[0]!.request;
    expect({ method, url, type: headers['content-type'] }).toEqual({
      ...{ method: 'POST', url: '/tg?x=1', type: 'application/json' },
    });
    expect(headers['x-telegram-bot-api-secret-token']).toBe('a-Z_9');
    answer('hei', 200);
    await telegram.idle();
    expect(telegram.deliveries).toMatchObject([{ status: 200 }]);
  });

  test('one update of a chat at a time; other chats, taps and blocking go their own way', async () => {
    await api.setWebhook(ORIGIN);
    const kim = telegram.user();
    const first = kim.sends('1');
    kim.edits(first, '1b');
    kim.tapsData(first, 'tap 1');
    kim.tapsData(first, 'tap 2');
    telegram.user().sends('other');
    kim.blocks();
    expect((await atSite(4)).sort()).toEqual(['1', 'my_chat_member', 'other', 'tap 1']);
    answer('1', 200);
    answer('tap 1', 200);
    expect((await atSite(4)).sort()).toEqual(['edited_message', 'my_chat_member', 'other', 'tap 2']);
  });

  /** Gives a request sent too many the time to arrive: a few round trips to the other server. */
  const roundTrips = async () => {
    for (let i = 0; i < 5; i++) await api.getMe();
  };

  test('what has waited comes one by one as well', async () => {
    const kim = telegram.user();
    kim.sends('1');
    kim.sends('2');
    await api.setWebhook(ORIGIN);
    await atSite(1);
    await roundTrips();
    expect(await atSite(1)).toEqual(['1']);
  });

  test('max_connections holds', async () => {
    await api.setWebhook(ORIGIN, { max_connections: 1 });
    telegram.user().sends('1');
    telegram.user().sends('2');
    await atSite(1);
    await roundTrips();
    expect(await atSite(1)).toEqual(['1']);
    answer('1', 200);
    expect(await atSite(1)).toEqual(['2']);
  });

  test('what is not accepted holds the chat up and comes again when the test says so', async () => {
    await api.setWebhook(ORIGIN);
    const kim = telegram.user();
    kim.sends('1');
    kim.sends('2');
    await atSite(1);
    answer('1', 503);
    await telegram.idle();
    expect(telegram.deliveries).toMatchObject([{ status: 503, retryAfter: '7' }]);
    expect(await api.getWebhookInfo()).toMatchObject({
      ...{ url: ORIGIN, pending_update_count: 2, max_connections: 40 },
      last_error_message: expect.stringContaining('503'),
    });
    telegram.user().sends('other');
    expect(await atSite(1)).toEqual(['other']);
    const again = telegram.redeliver();
    expect(await atSite(2)).toEqual(['other', '1']);
    answer('other', 200);
    answer('1', 200);
    expect(await atSite(1)).toEqual(['2']);
    answer('2', 200);
    await again;
    expect(telegram.deliveries.map(({ status }) => status)).toEqual([503, 200, 200, 200]);
    expect(telegram.pending).toEqual([]);
  });

  test('a site that does not answer, and a redirect, are failures', async () => {
    await api.setWebhook(ORIGIN);
    telegram.user().sends('hei');
    await atSite(1);
    answer('hei', 307);
    await telegram.idle();
    expect(telegram.deliveries.at(-1)?.status).toBe(307);
    const again = telegram.redeliver();
    await atSite(1);
    site.closeAllConnections();
    await again;
    expect(telegram.deliveries.at(-1)?.status).toBeUndefined();
    expect(telegram.pending).toHaveLength(1);
  });

  test('a request under way ends when the fake stops', async () => {
    await api.setWebhook(ORIGIN);
    telegram.user().sends('hei');
    await atSite(1);
    const hungUp = once(waiting[0]!.request.socket, 'close');
    await telegram.stop();
    await hungUp;
  });

  test('polling and webhook exclude each other', async () => {
    const poll = expect(api.getUpdates({ timeout: 50 })).rejects.toThrow(
      '409: Conflict: terminated by setWebhook request',
    );
    await reached('getUpdates', 1);
    await api.setWebhook(ORIGIN);
    await poll;
    await expect(api.getUpdates()).rejects.toThrow(
      "409: Conflict: can't use getUpdates method while webhook is active",
    );
    await api.deleteWebhook();
    expect(await api.getUpdates()).toEqual([]);
    expect((await api.getWebhookInfo()).url).toBe('');
  });

  test('what waited can be dropped', async () => {
    telegram.user().sends('hei');
    await api.deleteWebhook({ drop_pending_updates: true });
    expect(telegram.pending).toEqual([]);
  });

  test.each([
    ['http://blimed.example/tg', undefined, 'An HTTPS URL must be provided'],
    ['https://blimed.example:8080/tg', undefined, 'only on ports 80, 88, 443 or 8443'],
    ['https://elsewhere.example/tg', undefined, 'Failed to resolve host'],
    [ORIGIN, 'no spaces', 'secret token contains unallowed characters'],
    [ORIGIN, 'x'.repeat(257), 'secret token contains unallowed characters'],
  ])('is refused at %s with secret %s', async (url, secret_token, description) => {
    const call = api.setWebhook(url, secret_token === undefined ? {} : { secret_token });
    await expect(call).rejects.toThrow(description);
    expect(await api.getUpdates()).toEqual([]);
  });
});
