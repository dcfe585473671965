/**
 * Telegram's webhook: who may call, what is read at all, and that 200 means committed. The fake holds a chat's queue as
 * the real server does until its head is taken, so whatever is refused for ever would silence that person.
 */
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { serve } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SettingRefused } from '../src/channels/telegram.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import { webhookRoute } from '../src/web/webhook.ts';
import { Bot, brittle, reference, texts } from './fakes/bot.ts';
import type { Person } from './fakes/telegram-people.ts';

const secret = 'DEMO-secret_of_the_webhook_1234567890';
const path = '/telegram/hook';
const publicUrl = `https://blimed.example${path}`;
const poison = 'gift';

/** A program that stumbles over one word, as over any fault of its own. */
const stumbling = {
  ...reference,
  freeText: {
    ...reference.freeText,
    danger: {
      look: (text: string) => {
        if (text.includes(poison)) throw new TypeError('ordered by the test');
        return reference.freeText.danger.look(text);
      },
    },
  },
};

let bot: Bot;
let anna: Person;
let flaky: ReturnType<typeof brittle>;
let server: ReturnType<typeof serve>;
let failures: unknown[];

const localPort = () => (server.address() as AddressInfo).port;
const local = () => `http://127.0.0.1:${localPort()}`;

beforeEach(async () => {
  failures = [];
  flaky = brittle(new SqliteStore(':memory:'));
  bot = await Bot.start({ store: flaky.store, reference: stumbling, polling: false });
  anna = bot.telegram.user({ firstName: 'Anna' });
  const take = (update: unknown) => bot.channel.take(update, (inbound) => bot.engine.receive(inbound));
  const app = webhookRoute({ path, secret, take, failed: (error) => failures.push(error) });
  server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  bot.telegram.resolves('https://blimed.example', local());
  await bot.channel.hook(publicUrl, secret);
});
afterEach(async () => {
  await bot.stop();
  await new Promise((resolve) => server.close(resolve));
});

const statuses = () => bot.telegram.deliveries.map(({ status }) => status);
const header = { 'x-telegram-bot-api-secret-token': secret };
const post = (body: BodyInit, headers: Record<string, string> = header) =>
  fetch(local() + path, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);

async function settle(): Promise<void> {
  await bot.telegram.idle();
  await bot.settle();
}

test('Telegram is told where to call, with what secret and about what', () => {
  expect(bot.telegram.calls.filter(({ method }) => method === 'setWebhook')).toMatchObject([
    {
      payload: {
        url: publicUrl,
        secret_token: secret,
        allowed_updates: ['message', 'edited_message', 'callback_query', 'my_chat_member'],
      },
    },
  ]);
});

test('a conversation goes on through it, taps and all', async () => {
  anna.starts(await bot.invitation());
  await settle();
  anna.taps(anna.chat[0]!, 'Norsk');
  await settle();
  expect(texts(anna)).toHaveLength(2);
  expect(new Set(statuses())).toEqual(new Set([200]));
  await anna.hears('– Norsk');
});

describe('who calls', () => {
  const wrong = [{}, { ...header, 'x-telegram-bot-api-secret-token': `${secret}x` }];
  const other = { 'x-telegram-bot-api-secret-token': secret.replace('D', 'E') };

  test.each([...wrong, other, { 'x-telegram-bot-api-secret-token': '' }])(
    'without the secret is refused: %j',
    async (headers) => {
      anna.starts();
      await settle();
      const update = JSON.stringify(bot.telegram.deliveries[0]!.update).replace('/start', 'hjelp');
      const answer = await post(update, headers as Record<string, string>);
      expect([answer.status, await answer.text()]).toEqual([401, '']);
      await settle();
      expect(texts(anna)).toHaveLength(1);
    },
  );

  test('is asked for the secret before a single byte is read', async () => {
    const socket = connect(localPort(), '127.0.0.1');
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`);
    const [chunk] = await once(socket, 'data');
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test('only by this way and at this path', async () => {
    expect((await fetch(local() + path, { headers: header })).status).toBe(404);
    expect((await fetch(`${local()}/telegram`, { method: 'POST', headers: header, body: '{}' })).status).toBe(
      404,
    );
  });
});

describe('what is sent', () => {
  const large = 'x'.repeat(1024 * 1024);

  test('is read up to a limit, announced or not', async () => {
    expect((await post(JSON.stringify({ large }))).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 3; i++) controller.enqueue(new TextEncoder().encode(large.slice(0, 500_000)));
        controller.close();
      },
    });
    expect((await post(stream)).status).toBe(413);
    expect(failures).toEqual([]);
  });

  test.each(['', '{', '<html>', 'undefined'])('must be JSON: %j', async (body) => {
    const answer = await post(body);
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'Expected an update as JSON.' }]);
  });

  test.each(['null', '7', '"hjelp"', '[]', '{}', '{"update_id":1,"message":{"chat":null}}'])(
    'and none of ours is taken in silence: %s',
    async (body) => {
      expect((await post(body)).status).toBe(200);
      expect(failures).toEqual([]);
    },
  );

  test('twice is seen once', async () => {
    anna.starts();
    await settle();
    const again = JSON.stringify(bot.telegram.deliveries[0]!.update);
    const answers = await Promise.all([post(again), post(again)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await settle();
    expect(texts(anna)).toHaveLength(1);
  });
});

describe('trouble', () => {
  test('while the store is down Telegram is told to come back, and nothing is lost or doubled', async () => {
    flaky.breaks('commit', 2);
    anna.starts();
    await settle();
    const [first] = bot.telegram.deliveries;
    expect(first).toMatchObject({ status: 503, retryAfter: '5' });
    await bot.telegram.redeliver();
    await bot.telegram.redeliver();
    expect(statuses()).toEqual([503, 503, 200]);
    await settle();
    expect(texts(anna)).toHaveLength(1);
  });

  test('down ever so often, it is never taken for a fault of the message', async () => {
    for (let i = 0; i < 5; i++) {
      flaky.breaks('commit');
      if (i === 0) anna.starts();
      else await bot.telegram.redeliver();
      await settle();
    }
    expect(statuses()).toEqual([503, 503, 503, 503, 503]);
    await bot.telegram.redeliver();
    await settle();
    expect(texts(anna)).toHaveLength(1);
    expect(texts(anna)).not.toContain(reference.words.say('nb', 'phrases.stumbled'));
  });

  test('a message the program stumbles over is set aside, so that it silences nobody', async () => {
    anna.starts();
    await settle();
    const kari = bot.telegram.user();
    anna.sends(`det var ${poison}`);
    anna.sends('hei');
    kari.starts();
    await settle();
    expect(texts(kari)).toHaveLength(1);
    await bot.telegram.redeliver();
    await bot.telegram.redeliver();
    await settle();
    expect(statuses().filter((status) => status === 500)).toHaveLength(2);
    expect(bot.telegram.pending).toEqual([]);
    const [, apology, answer] = texts(anna);
    expect(apology).toBe(reference.words.say('nb', 'phrases.stumbled'));
    expect(answer).toBeDefined();
    expect(texts(anna)).toHaveLength(3);
    for (const error of failures) expect(error).toBeInstanceOf(TypeError);
  });

  test('what comes first from a stranger may be such a message too', async () => {
    anna.sends(poison);
    await settle();
    for (let i = 0; i < 2; i++) await bot.telegram.redeliver();
    await settle();
    expect(texts(anna)).toEqual([reference.words.say('nb', 'phrases.stumbled')]);
    anna.sends('hei');
    await settle();
    expect(texts(anna)).toHaveLength(2);
  });

  test('an acknowledgement that hangs does not hold up the answer to Telegram', async () => {
    anna.starts();
    await settle();
    const fault = bot.telegram.fails('answerCallbackQuery', 'hang');
    anna.taps(anna.chat[0]!, 'Norsk');
    await fault.struck();
    await bot.worker.beat();
    await bot.deliverer.idle();
    expect(texts(anna)).toHaveLength(2);
    expect(statuses()).toEqual([200, 200]);
    fault.release();
  });
});

describe('pointing Telegram at it', () => {
  test('fails plainly where Telegram refuses the address, and shows no secret', async () => {
    const refused = bot.channel.hook('https://nowhere.example/hook', secret);
    await expect(refused).rejects.toThrow(SettingRefused);
    await expect(refused).rejects.toThrow(/TELEGRAM_WEBHOOK_URL/);
    await expect(refused).rejects.not.toThrow(secret);
  });

  test('is no reason not to start while Telegram is away: what it was told before still counts', async () => {
    bot.telegram.fails('setWebhook', 'reset before');
    await bot.channel.hook(publicUrl, secret);
    bot.telegram.fails('setWebhook', { status: 502 });
    await bot.channel.hook(publicUrl, secret);
    anna.starts();
    await settle();
    expect(texts(anna)).toHaveLength(1);
  });
});
