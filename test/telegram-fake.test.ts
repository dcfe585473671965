// The fake Telegram's own tests: what it lets a bot send, and what its people can do.
// They speak to it as the program does, with grammY over real HTTP, so that a story passing against it would pass
// against the real server. Nothing sleeps; the fake's time moves only when a test moves it.
import { Api, type GrammyError, InputFile } from 'grammy';
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

/** A person who has written to the bot, the update already confirmed. */
async function somebody(options?: Parameters<FakeTelegram['user']>[0]) {
  const person = telegram.user(options);
  person.starts();
  await api.getUpdates({ offset: telegram.pending.at(-1)!.update_id + 1 });
  return person;
}

const keyboard = (...buttons: object[]) => ({ reply_markup: { inline_keyboard: [buttons] as never } });
const choice = (text: string, callback_data: string) => ({ text, callback_data });

describe('the address', () => {
  test('a wrong token is unauthorized', async () => {
    const stranger = new Api('110201543:other', { apiRoot: telegram.apiRoot });
    await expect(stranger.getMe()).rejects.toThrow('401: Unauthorized');
    expect(telegram.calls).toEqual([]);
  });

  test('an unknown method or path does not exist', async () => {
    const call = (path: string) => fetch(`${telegram.apiRoot}${path}`, { method: 'POST' });
    expect((await call(`/bot${token}/sendEverything`)).status).toBe(404);
    expect((await call('/')).status).toBe(404);
  });

  test('getMe tells who the bot is', async () => {
    expect(await api.getMe()).toMatchObject({ id: 110201543, is_bot: true, username: telegram.bot.username });
  });

  test('a body that is no JSON object is refused', async () => {
    const headers = { 'Content-Type': 'application/json' };
    for (const body of ['{', '[]', 'null']) {
      const answer = await fetch(`${telegram.apiRoot}/bot${token}/getMe`, { method: 'POST', headers, body });
      expect(answer.status).toBe(400);
    }
  });

  test('parameters may come in the query', async () => {
    const kim = await somebody();
    await fetch(`${telegram.apiRoot}/bot${token}/sendMessage?chat_id=${kim.id}&text=hei`);
    expect(kim.chat[0]?.text).toBe('hei');
  });
});

describe('sendMessage', () => {
  test('arrives trimmed, with everything that was set, and is answered in full', async () => {
    const kim = await somebody({ firstName: 'Kim' });
    const options = { disable_notification: true, protect_content: true, ...keyboard(choice('Ja', 'y')) };
    const sent = await api.sendMessage(kim.id, '  hei \n', {
      ...options,
      link_preview_options: { is_disabled: true },
    });
    expect(sent).toMatchObject({
      message_id: expect.any(Number),
      from: { id: 110201543, is_bot: true },
      chat: { id: kim.id, type: 'private', first_name: 'Kim' },
      date: Math.floor(telegram.now / 1000),
      text: 'hei',
      has_protected_content: true,
      link_preview_options: { is_disabled: true },
      reply_markup: { inline_keyboard: [[choice('Ja', 'y')]] },
    });
    expect(kim.chat).toMatchObject([
      { text: 'hei', disable_notification: true, protect_content: true, edited: false, deleted: false },
    ]);
  });

  test('holds 1 to 4096 well-formed characters', async () => {
    const kim = await somebody();
    const send = (text: string) => api.sendMessage(kim.id, text);
    await expect(send(' \n ')).rejects.toThrow('400: Bad Request: message text is empty');
    await expect(send('å'.repeat(4097))).rejects.toThrow('400: Bad Request: message is too long');
    await expect(send('half \ud83d')).rejects.toThrow('400: Bad Request: strings must be encoded in UTF-8');
    await send('å'.repeat(4096));
    expect(kim.received.map(({ text }) => text.length)).toEqual([4096]);
  });

  test('wants entities inside the text, and knows no parse mode and no misspelt option', async () => {
    const kim = await somebody();
    const send = (other: object) => api.sendMessage(kim.id, 'abc', other);
    const bold = (offset: number, length: number) => ({ entities: [{ type: 'bold', offset, length }] });
    await expect(send(bold(2, 2))).rejects.toThrow('ENTITY_BOUNDS_INVALID');
    expect(await send(bold(0, 3))).toMatchObject(bold(0, 3));
    await expect(send({ parse_mode: 'HTML' })).rejects.toThrow("no parameter 'parse_mode'");
    await expect(send({ protected_content: true })).rejects.toThrow("no parameter 'protected_content'");
  });

  test('reaches only who wrote first, and neither the blocked nor the gone', async () => {
    const kim = telegram.user();
    await expect(api.sendMessage(kim.id, 'hei')).rejects.toThrow('400: Bad Request: chat not found');
    await expect(api.sendMessage('', 'hei')).rejects.toThrow('400: Bad Request: chat_id is empty');
    await expect(api.sendMessage('@kim', 'hei')).rejects.toThrow('400: Bad Request: chat not found');
    kim.starts();
    await api.sendMessage(kim.id, 'hei');
    kim.blocks();
    for (const call of [() => api.sendMessage(kim.id, 'hei'), () => api.sendChatAction(kim.id, 'typing')])
      await expect(call()).rejects.toThrow('403: Forbidden: bot was blocked by the user');
    kim.unblocks();
    await api.sendMessage(kim.id, 'igjen');
    kim.deactivates();
    await expect(api.sendMessage(kim.id, 'hei')).rejects.toThrow('403: Forbidden: user is deactivated');
    expect(kim.received.map(({ text }) => text)).toEqual(['hei', 'igjen']);
  });

  test.each([
    ['data of 65 bytes in 33 letters', choice('Ja', `${'å'.repeat(32)}x`), 'BUTTON_DATA_INVALID'],
    ['no data', choice('Ja', ''), 'BUTTON_DATA_INVALID'],
    ['no text', choice(' ', 'y'), 'inline keyboard button text must be non-empty'],
    ['half a letter', choice('\ud83d', 'y'), 'inline keyboard button text must be encoded in UTF-8'],
    ['neither data nor link', { text: 'Ja' }, 'text buttons are unallowed in the inline keyboard'],
    ['data and link', { ...choice('Ja', 'y'), url: 'https://aa.no' }, 'text buttons are unallowed'],
    ['a host without a dot', { text: 'Kart', url: 'http://localhost:80/' }, 'Wrong HTTP URL'],
    ['the own machine', { text: 'Kart', url: 'http://127.0.0.1/x' }, 'Wrong HTTP URL'],
    ['no address', { text: 'Kart', url: 'aa.no' }, 'Wrong HTTP URL'],
    ['a phone link', { text: 'Ring', url: 'tel:+4722000000' }, 'Unsupported URL protocol'],
  ])('refuses a button with %s', async (_what, button, description) => {
    const kim = await somebody();
    await expect(api.sendMessage(kim.id, 'hei', keyboard(button))).rejects.toThrow(description);
    expect(kim.chat).toEqual([]);
  });

  test('refuses a keyboard of the wrong form or of more than 100 buttons', async () => {
    const kim = await somebody();
    const send = (reply_markup: unknown) =>
      api.sendMessage(kim.id, 'hei', { reply_markup: reply_markup as never });
    await expect(send({ inline_keyboard: 'Ja' })).rejects.toThrow('must be of type Array');
    await expect(send('Ja')).rejects.toThrow("can't parse reply keyboard markup JSON object");
    await expect(send(7)).rejects.toThrow('object expected as reply markup');
    const row = Array.from({ length: 101 }, () => choice('Ja', 'y'));
    await expect(send({ inline_keyboard: [row] })).rejects.toThrow('reply markup is too long');
  });

  test('accepts what is just allowed', async () => {
    const kim = await somebody();
    const buttons = [
      choice('Ja', 'å'.repeat(32)),
      { text: 'Kart', url: 'https://kart.no/x' },
      { text: 'Chat', url: 'tg://resolve?domain=x' },
    ];
    await api.sendMessage(kim.id, 'hei', keyboard(...buttons));
    expect(kim.received[0]?.labels).toEqual(['Ja', 'Kart', 'Chat']);
    await api.sendMessage(kim.id, 'borte', { reply_markup: { remove_keyboard: true } });
    expect(kim.chat[1]).toMatchObject({ keyboard: [], other_markup: { remove_keyboard: true } });
  });
});

describe('limits on sending', () => {
  test('three at once to a chat, then one a second', async () => {
    const kim = await somebody();
    for (const text of ['1', '2', '3']) await api.sendMessage(kim.id, text);
    const late = await api.sendMessage(kim.id, '4').catch((error: GrammyError) => error);
    expect(late).toMatchObject({ error_code: 429, parameters: { retry_after: 1 } });
    const raw = await fetch(`${telegram.apiRoot}/bot${token}/sendMessage?chat_id=${kim.id}&text=4`);
    expect([raw.status, raw.headers.get('retry-after')]).toEqual([429, '1']);
    telegram.advance(1000);
    await api.sendMessage(kim.id, '4');
    await expect(api.sendMessage(kim.id, '5')).rejects.toThrow('429: Too Many Requests: retry after 1');
    expect(kim.received.map(({ text }) => text)).toEqual(['1', '2', '3', '4']);
  });

  test('thirty in any second over all chats', async () => {
    const crowd = await Promise.all(Array.from({ length: 31 }, () => somebody()));
    for (const person of crowd.slice(0, 30)) await api.sendMessage(person.id, 'hei');
    await expect(api.sendMessage(crowd[30]!.id, 'hei')).rejects.toThrow('429');
    telegram.advance(999);
    await expect(api.sendMessage(crowd[30]!.id, 'hei')).rejects.toThrow('429');
    telegram.advance(1);
    await api.sendMessage(crowd[30]!.id, 'hei');
  });

  test('can be switched off for long talks, and time can be the program’s', async () => {
    let now = 1_800_000_000_000;
    const other = await FakeTelegram.start({ token, clock: () => now, limits: false });
    const kim = other.user();
    kim.starts();
    const its = new Api(token, { apiRoot: other.apiRoot });
    for (let i = 0; i < 40; i++) await its.sendMessage(kim.id, `${i}`);
    now += 5000;
    expect((await its.sendMessage(kim.id, 'sist')).date).toBe(1_800_000_005);
    expect(() => other.advance(1)).toThrow('clock it was given');
    expect(() => telegram.advance(-1)).toThrow('forwards only');
    await other.stop();
  });
});

describe('editing and deleting', () => {
  test('a text is edited with its keyboard, which goes when it is left out', async () => {
    const kim = await somebody();
    const { message_id } = await api.sendMessage(kim.id, 'Vil du?', keyboard(choice('Ja', 'y')));
    telegram.advance(5000);
    const edited = await api.editMessageText(kim.id, message_id, 'Takk.');
    expect(edited).toMatchObject({ text: 'Takk.', edit_date: Math.floor(telegram.now / 1000) });
    expect(kim.chat).toMatchObject([{ text: 'Takk.', keyboard: [], edited: true }]);
    expect(kim.received.map(({ kind, text, labels }) => [kind, text, labels])).toEqual([
      ['text', 'Vil du?', ['Ja']],
      ['edit', 'Takk.', []],
    ]);
  });

  test('the keyboard alone is edited without anything being said', async () => {
    const kim = await somebody();
    const { message_id } = await api.sendMessage(kim.id, 'Vil du?', keyboard(choice('Ja', 'y')));
    await api.editMessageReplyMarkup(kim.id, message_id);
    expect(kim.chat).toMatchObject([{ keyboard: [], edited: false }]);
    expect(kim.received).toHaveLength(1);
    await expect(api.editMessageReplyMarkup(kim.id, message_id)).rejects.toThrow(
      '400: Bad Request: message is not',
    );
  });

  test('what can’t be edited', async () => {
    const kim = await somebody();
    const { message_id } = await api.sendMessage(kim.id, 'hei', keyboard(choice('Ja', 'y')));
    const edit = (id: number, text: string, other?: object) => api.editMessageText(kim.id, id, text, other);
    await expect(edit(message_id, ' hei ', keyboard(choice('Ja', 'y')))).rejects.toThrow(
      '400: Bad Request: message is not modified',
    );
    await expect(edit(999, 'x')).rejects.toThrow('400: Bad Request: message to edit not found');
    await expect(edit(kim.sends('min').message_id, 'x')).rejects.toThrow(
      "400: Bad Request: message can't be edited",
    );
    await expect(edit(message_id, 'x'.repeat(4097))).rejects.toThrow('400: Bad Request: MESSAGE_TOO_LONG');
    const removal = { reply_markup: { remove_keyboard: true } };
    await expect(edit(message_id, 'x', removal)).rejects.toThrow('inline keyboard expected');
    await api.deleteMessage(kim.id, message_id);
    await expect(edit(message_id, 'x')).rejects.toThrow('400: Bad Request: message to edit not found');
  });

  test('both sides’ messages can be deleted for 48 hours, once', async () => {
    const kim = await somebody();
    const secret = kim.sends('noe hemmelig');
    const { message_id } = await api.sendMessage(kim.id, 'hei');
    await api.deleteMessages(kim.id, [secret.message_id, 999]);
    expect(secret.deleted).toBe(true);
    await expect(api.deleteMessage(kim.id, secret.message_id)).rejects.toThrow(
      '400: Bad Request: message to delete not found',
    );
    const lastChance = await api.sendMessage(kim.id, 'til slutt');
    telegram.advance(48 * 3600_000);
    await api.deleteMessage(kim.id, lastChance.message_id);
    const late = await api.sendMessage(kim.id, 'senere');
    telegram.advance(1000);
    await expect(api.deleteMessage(kim.id, message_id)).rejects.toThrow(
      "400: Bad Request: message can't be deleted",
    );
    await api.deleteMessage(kim.id, late.message_id);
    expect(kim.chat.map(({ text, deleted }) => [text, deleted])).toEqual([
      ['hei', false],
      ['til slutt', true],
      ['senere', true],
    ]);
    expect(kim.received).toHaveLength(3);
    await expect(api.deleteMessages(kim.id, [])).rejects.toThrow('message identifiers are not specified');
    const many = Array.from({ length: 101 }, (_, index) => index);
    await expect(api.deleteMessages(kim.id, many)).rejects.toThrow('too many message identifiers specified');
  });
});

describe('documents, actions and the profile', () => {
  test('a document is uploaded as a form', async () => {
    const kim = await somebody();
    const file = new InputFile(new TextEncoder().encode('BEGIN:VCALENDAR æ'), 'møte.ics');
    const options = { caption: ' Møtet ', protect_content: true, ...keyboard(choice('Ja', 'y')) };
    const sent = await api.sendDocument(kim.id, file, options);
    expect(sent).toMatchObject({ caption: 'Møtet', document: { file_name: 'møte.ics', file_size: 18 } });
    expect(kim.received).toMatchObject([{ kind: 'document', text: 'Møtet', labels: ['Ja'] }]);
    expect(new TextDecoder().decode(kim.chat[0]?.file)).toBe('BEGIN:VCALENDAR æ');
    await expect(api.editMessageText(kim.id, sent.message_id, 'x')).rejects.toThrow('there is no text');
    const long = { caption: 'x'.repeat(1025) };
    await expect(api.sendDocument(kim.id, file, long)).rejects.toThrow('message caption is too long');
    const empty = new InputFile(new Uint8Array(), 'tom.ics');
    await expect(api.sendDocument(kim.id, empty)).rejects.toThrow('file must be non-empty');
    await expect(api.sendDocument(kim.id, 'BQACx')).rejects.toThrow('there is no document in the request');
  });

  test('the form may also be a browser’s', async () => {
    const kim = await somebody();
    const form = new FormData();
    form.set('chat_id', String(kim.id));
    form.set('document', new File([new Uint8Array([13, 10, 13, 10, 45, 45, 255])], 'x.bin'));
    const answer = await fetch(`${telegram.apiRoot}/bot${token}/sendDocument`, {
      method: 'POST',
      body: form,
    });
    expect(answer.status).toBe(200);
    expect([...kim.chat[0]!.file!]).toEqual([13, 10, 13, 10, 45, 45, 255]);
  });

  test('a chat action is one of the known ones', async () => {
    const kim = await somebody();
    expect(await api.sendChatAction(kim.id, 'typing')).toBe(true);
    await expect(api.sendChatAction(kim.id, 'thinking' as never)).rejects.toThrow('wrong parameter action');
  });

  test('commands and descriptions are kept per scope and language', async () => {
    await api.setMyCommands([{ command: 'hjelp', description: 'Hjelp' }], { language_code: 'nb' });
    await api.setMyDescription('Bli med (demo)');
    await api.setMyShortDescription('demo', { language_code: 'en' });
    expect(Object.fromEntries(telegram.profile)).toEqual({
      'commands default nb': [{ command: 'hjelp', description: 'Hjelp' }],
      'description default': 'Bli med (demo)',
      'short description default en': 'demo',
    });
    const commands = (command: string, description = 'x') => api.setMyCommands([{ command, description }]);
    await expect(commands('Hjelp')).rejects.toThrow('BOT_COMMAND_INVALID');
    await expect(commands('hjelp', '')).rejects.toThrow('BOT_COMMAND_DESCRIPTION_INVALID');
    await expect(api.setMyDescription('x'.repeat(513))).rejects.toThrow('description is too long');
    await expect(api.setMyDescription('x', { language_code: 'nob' as never })).rejects.toThrow(
      'language code',
    );
  });
});
