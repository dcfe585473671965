/**
 * The real program as a process: how it starts and what it refuses, how it stops, and that nothing personal or secret
 * ever reaches what it prints. Each test has a folder of its own.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choiceKey } from '../src/core/words.ts';
import { loadDialogues } from '../src/sources/dialogues.ts';
import { command, emptyFolder, Kept, printed, Running } from './fakes/running.ts';
import { FakeTelegram } from './fakes/telegram.ts';
import { WebPerson } from './fakes/web-person.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { words } = loadDialogues(join(root, 'dialogs'), join(root, 'content'));
const token = '110201543:DEMO-token_of_no_bot_0123456789abcdefg';
const label = (choice: string) => {
  const [dialogue = '', step = '', id = ''] = choice.split('.');
  return words.say('nb', choiceKey(dialogue, step, id), () => '');
};

let telegram: FakeTelegram;
beforeAll(async () => {
  telegram = await FakeTelegram.start({ token, limits: false });
});
afterAll(() => telegram.stop());

const onTelegram = () => ({ TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: telegram.apiRoot });
const newKey = () => randomBytes(32).toString('base64');

function production(DATA_DIR: string, MASTER_KEY = newKey()) {
  const MEETINGS_FILE = join(emptyFolder(), 'meetings.yaml');
  cpSync(join(root, 'content/meetings/demo.yaml'), MEETINGS_FILE);
  return { DATA_DIR, MASTER_KEY, MEETINGS_FILE, CLINIC_NAME: 'Prøveklinikken', PORT: '0' };
}

/** A port that nobody has just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Every row of every table, as the store has them. */
function contents(folder: string): string {
  const db = new DatabaseSync(join(folder, 'bli-med.sqlite'), { readOnly: true });
  const tables = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).all();
  const rows = tables.map(({ name }) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]);
  db.close();
  return JSON.stringify(rows);
}

describe.concurrent('starting', () => {
  test('a demo says so first, then where it is and how to try it', async () => {
    const running = await Running.start({ DATA_DIR: emptyFolder(), ...onTelegram() });
    const lines = running.output.split('\n').filter((line) => line.trim() !== '');
    expect(lines[0]).toMatch(/^THIS IS A DEMO: .*Not for real patients\.$/);
    expect(lines[1]).toMatch(/^Bli med listens on http:\/\/127\.0\.0\.1:\d+$/);
    expect(lines.slice(2, 6).join('\n')).toMatch(
      /invitation.*web chat:\n {2}http:\S+\/chat#i=\S+\nAnother one, for Telegram:\n {2}https:\/\/t\.me\/bli_med_demo_bot\?start=\S+$/,
    );
    expect(await running.stop()).toBe(0);
  });

  test('an invitation made beside the running program opens the way in, once', async () => {
    const settings = { DATA_DIR: emptyFolder(), ...onTelegram() };
    const kept = await Kept.start(settings);
    const made = await command(['invite', '--json', '--alias', 'K-17'], settings);
    expect([made.code, made.stderr]).toEqual([0, '']);
    const links = JSON.parse(made.stdout) as { web: string; telegram: string };
    expect(links.web.split('#')[0]).toBe(`${(await kept.running()).address}/chat`);
    const invitation = links.web.split('#i=')[1] ?? '';
    expect(links.telegram.endsWith(`?start=${invitation}`)).toBe(true);
    const anna = new WebPerson(kept);
    await anna.opens(invitation);
    await anna.hears(words.say('nb', 'start.language.say.0'));
    await anna.taps(label('start.language.nb'));
    await anna.hears(words.say('nb', 'start.ask.say.0'));
    const kari = telegram.user();
    kari.starts(invitation);
    await kari.hears(words.say('nb', 'start.link-taken.say.0'));
    await kept.stop();
  });

  test('a second program on the same store is refused in so many words', async () => {
    const DATA_DIR = emptyFolder();
    const running = await Running.start({ DATA_DIR });
    const second = await command([], { DATA_DIR, PORT: '0' });
    expect(second).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Another process is already running on this store: stop it, or choose another DATA_DIR.\n',
    });
    expect(await running.stop()).toBe(0);
    const third = await Running.start({ DATA_DIR });
    expect(await third.stop()).toBe(0);
  });

  test('a port that is taken is named', async () => {
    const running = await Running.start({ DATA_DIR: emptyFolder() });
    const { port } = new URL(running.address);
    const second = await command([], { DATA_DIR: emptyFolder(), PORT: port });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(`^Port ${port} is taken: .*\n$`) });
    await running.stop();
  });

  test('all that is wrong with the settings is said at once, and no value of them', async () => {
    const given = { PORT: 'geheim', MASTER_KEY: 'geheim', ZONE: 'geheim', CLINIC_NAM: 'geheim' };
    const { code, stdout, stderr } = await command([], { DATA_DIR: emptyFolder(), ...given });
    expect([code, stdout]).toEqual([1, '']);
    for (const name of [...Object.keys(given), 'CLINIC_NAME'])
      expect(stderr).toMatch(new RegExp(`^${name}: `, 'm'));
    expect(stderr).not.toContain('geheim');
    expect(stderr).not.toContain('    at ');
  });

  test('a dialogue with a fault stops the start, with file and line', async () => {
    const tree = emptyFolder();
    for (const part of ['src', 'dialogs', 'content', 'package.json'])
      cpSync(join(root, part), join(tree, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    const file = join(tree, 'dialogs/quiet.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('to: paused }', 'to: nowhere }'));
    const { code, stdout, stderr } = await command([], { DATA_DIR: join(tree, 'data'), PORT: '0' }, tree);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/dialogs\/quiet\.yaml:\d+: .*nowhere/);
    expect(stderr).not.toContain('    at ');
  });

  test('a token that Telegram does not know is refused, without a word of it', async () => {
    const wrong = '110201543:DEMO-another_token_of_no_bot_9876543';
    const settings = { DATA_DIR: emptyFolder(), ...onTelegram(), TELEGRAM_BOT_TOKEN: wrong, PORT: '0' };
    const { code, stdout, stderr } = await command([], settings);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Telegram does not know this bot: set TELEGRAM_BOT_TOKEN .*\n$/);
    expect(stderr).not.toContain('another');
  });

  test('while Telegram is away the rest starts, and Telegram follows', async () => {
    const other = await FakeTelegram.start({ token, limits: false });
    await other.goesDown();
    const kept = await Kept.start({
      DATA_DIR: emptyFolder(),
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_API_ROOT: other.apiRoot,
    });
    const anna = new WebPerson(kept);
    await anna.opens(null);
    await anna.hears(words.say('nb', 'start.language.say.0'));
    const kari = other.user();
    kari.starts();
    await other.comesUp();
    await kari.hears(words.say('nb', 'start.language.say.0'));
    await kept.stop();
    await other.stop();
  });
});

test('with a webhook Telegram calls, and nobody else is heard', async () => {
  const fake = await FakeTelegram.start({ token, limits: false });
  const secret = 'DEMO-secret_of_the_webhook_1234567890';
  const port = await freePort();
  fake.resolves('https://blimed.example', `http://127.0.0.1:${port}`);
  const running = await Running.start({
    DATA_DIR: emptyFolder(),
    PORT: String(port),
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: fake.apiRoot,
    TELEGRAM_WEBHOOK_URL: 'https://blimed.example/telegram/hook',
    TELEGRAM_WEBHOOK_SECRET: secret,
  });
  const anna = fake.user();
  anna.starts();
  anna.taps(await anna.hears('Hello'), label('start.language.nb'));
  await anna.hears(words.say('nb', 'menu.visitor.say.0'));
  const update = JSON.stringify(fake.deliveries[0]?.update).replace('/start', 'hjelp');
  const stranger = await fetch(`${running.address}/telegram/hook`, { method: 'POST', body: update });
  expect(stranger.status).toBe(401);
  expect(fake.deliveries.map(({ status }) => status)).toEqual([200, 200]);
  expect(fake.calls.some(({ method }) => method === 'getUpdates')).toBe(false);
  expect(await running.stop()).toBe(0);
  expect(running.output).not.toContain(secret);
  await fake.stop();
});

describe.concurrent('a store', () => {
  test('opens with its own master key only, and is as it was after a wrong one', async () => {
    const DATA_DIR = emptyFolder();
    const own = production(DATA_DIR);
    await (await Running.start(own)).stop();
    const before = contents(DATA_DIR);
    const { code, stdout, stderr } = await command([], { ...own, MASTER_KEY: newKey() });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/the master key is another one/);
    expect(stderr).not.toContain('    at ');
    expect(contents(DATA_DIR)).toBe(before);
    expect(await (await Running.start(own)).stop()).toBe(0);
  });

  test('of the demo is never opened in production, nor the other way round', async () => {
    const [demo, real] = [emptyFolder(), emptyFolder()];
    const own = production(real);
    await (await Running.start({ DATA_DIR: demo })).stop();
    await (await Running.start(own)).stop();
    const before = [contents(demo), contents(real)];
    const refusals = [await command([], production(demo)), await command([], { DATA_DIR: real, PORT: '0' })];
    expect(refusals).toMatchObject(
      [
        { code: 1, stdout: '', stderr: /^The store was made for demo .*DATA_DIR.*\n$/ },
        { code: 1, stdout: '', stderr: /^The store was made for production .*MASTER_KEY.*\n$/ },
      ].map(({ stderr, ...rest }) => ({ ...rest, stderr: expect.stringMatching(stderr) })),
    );
    expect([contents(demo), contents(real)]).toEqual(before);
  });
});

test('production has no demo: no banner, no links, no hand on the clock', async () => {
  const running = await Running.start(production(emptyFolder()));
  expect(running.output).not.toMatch(/demo|i=|start=/i);
  const answer = await fetch(`${running.address}/demo/advance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"to":"next"}',
  });
  expect(answer.status).toBe(404);
  expect(await running.stop()).toBe(0);
});

describe.concurrent('stopping', () => {
  test('calmly ends what is under way, and nothing is doubled afterwards', async () => {
    const settings = { DATA_DIR: emptyFolder(), ...onTelegram() };
    const first = await Running.start(settings);
    const anna = telegram.user();
    const arrived = Promise.withResolvers<void>();
    const stopping = Promise.withResolvers<void>();
    telegram.onRequest = async (method, { chat_id }) => {
      if (method !== 'sendMessage' || chat_id !== anna.id) return;
      arrived.resolve();
      await stopping.promise;
    };
    anna.starts();
    await arrived.promise;
    const code = first.stop();
    await first.says(/"event":"stopping"/);
    stopping.resolve();
    expect(await code).toBe(0);
    telegram.onRequest = undefined;
    const second = await Running.start(settings);
    anna.taps(await anna.hears('Hello'), label('start.language.nb'));
    await anna.hears(words.say('nb', 'menu.visitor.say.0'));
    expect(await second.stop()).toBe(0);
    const asked = anna.received.filter(({ kind, text }) => kind === 'text' && text.includes('Hello'));
    expect(asked).toHaveLength(1);
    expect(telegram.pending).toEqual([]);
  });

  test('is not held up by somebody who waits for news', async () => {
    const kept = await Kept.start({ DATA_DIR: emptyFolder() });
    const anna = new WebPerson(kept);
    await anna.opens(null);
    await anna.hears('Hello');
    const waiting = anna.hears('what never comes').catch(() => 'over');
    expect(await (await kept.running()).stop()).toBe(0);
    void waiting;
  });
});

test('nothing personal and no secret is ever printed, whatever happens', async () => {
  const fake = await FakeTelegram.start({ token, limits: false });
  const settings = {
    DATA_DIR: emptyFolder(),
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: fake.apiRoot,
    CLINIC_NAME: 'Klinikkmerke',
  };
  const kept = await Kept.start(settings);
  const anna = fake.user({ firstName: 'Navnemerke' });
  const tap = async (choice: string) => {
    const found = anna.chat.findLast(({ keyboard }) =>
      keyboard.flat().some(({ text }) => text === label(choice)),
    );
    anna.taps(found!, label(choice));
  };
  const { invitations } = await kept.running();
  const alias = await command(['invite', '--alias', 'Aliasmerke', '--json'], settings);
  expect(alias.stdout).not.toContain('Aliasmerke');
  anna.starts(JSON.parse(alias.stdout).web.split('#i=')[1]);
  await anna.hears('Hello');
  await tap('start.language.nb');
  await anna.hears(words.say('nb', 'start.ask.say.0'));
  await tap('start.ask.yes');
  await anna.hears(words.say('nb', 'setup.place.say.0'));
  anna.sends('4616');
  await anna.hears(words.say('nb', 'setup.groups.say.0'));
  anna.sends('Tekstmerke, jeg vil dø');
  await anna.hears('113');
  anna.sends('/start Startmerke');
  await anna.hears(words.say('nb', 'start.link-unknown.say.0'));

  // Trouble of every kind, since errors are what carries addresses and payloads along.
  const troubles = ['answer lost', 'reset before', { status: 500 }, { retryAfter: 1 }] as const;
  const faults = troubles.map((trouble) => {
    const one = fake.user({ firstName: 'Navnemerke' });
    one.sends('Feilmerke');
    return fake.fails('sendMessage', trouble, { chat: one.id });
  });
  for (const fault of faults) await fault.struck();
  fake.fails('getUpdates', { status: 502 });
  fake.fails('answerCallbackQuery', 'answer lost');
  fake.fails('editMessageText', { status: 500 });
  const web = new WebPerson(kept);
  await web.opens(invitations.web);
  await web.hears('Hello');
  await web.says('Nettmerke');
  await fetch(`${(await kept.running()).address}/chat/say`, { method: 'POST', body: 'Kroppmerke' });
  await fetch(`${(await kept.running()).address}/Stimerke?i=Sporremerke`);
  anna.blocks();
  await kept.kill();
  await kept.stop();
  await fake.stop();

  const marks = [
    ...['Navnemerke', 'Aliasmerke', 'Tekstmerke', 'Startmerke', 'Feilmerke', 'Nettmerke', 'Kroppmerke'],
    ...['Stimerke', 'Sporremerke', 'Klinikkmerke', '4616', 'Kristiansand', String(anna.id)],
    ...[token, token.split(':')[1]!, JSON.parse(alias.stdout).web.split('#i=')[1]],
  ];
  expect(kept.output).toContain('"event":"not-sent"');
  expect(printed(kept.output, marks)).toEqual([]);
});
