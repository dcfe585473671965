/**
 * What people do on Telegram and what they get: the whole way by taps, the taps themselves, and everything that is not
 * a plain text or a tap. The program's parts run against the fake Bot API server over real HTTP; nothing sleeps.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bot, offering, reference } from './fakes/bot.ts';
import type { ChatMessage } from './fakes/telegram-chat.ts';
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
/** The bot's own words in the chat, oldest first, without edits. */
const texts = (person: Person) =>
  person.received.filter(({ kind }) => kind !== 'edit').map(({ text }) => text);
const newest = (person: Person) => person.chat.at(-1) as ChatMessage;

/** An update as Telegram would send it, of whatever shape, waiting to be asked for. */
function push(kind: 'message' | 'callback_query', body: unknown): void {
  const { world } = anna as unknown as { world: { updates: { push(...update: unknown[]): void } } };
  world.updates.push(kind, body, anna.id);
}

async function comesIn(person: Person = anna): Promise<void> {
  person.starts(await bot.invitation());
  await bot.settle();
  await bot.picks(person, 'start.language.nb');
  await bot.picks(person, 'start.ask.yes');
}

/** From the link to "what would you like to begin with", in four answers more. */
async function settlesIn(person: Person = anna): Promise<void> {
  await comesIn(person);
  await bot.says(person, '4616');
  await bot.picksOption(person, 2);
  await bot.picks(person, 'setup.phone.no');
  await bot.picks(person, 'setup.discreet.no');
  await bot.picks(person, 'setup.quiet.yes');
}

async function plans(person: Person = anna): Promise<void> {
  await bot.picks(person, 'setup.ready.meeting');
  await bot.picksOption(person, 0);
  await bot.picks(person, 'meeting.closer.yes');
  await bot.picks(person, 'meeting.ask-remind.yes');
}

describe('the way', () => {
  test('from the link to the day after, by taps and one postcode', async () => {
    await settlesIn();
    await plans();
    await bot.picks(anna, 'meeting.planned.calendar');
    const [calendar] = anna.received.filter(({ kind }) => kind === 'document');
    expect(calendar?.message.content.document?.file_name).toBe('avtale.ics');
    expect(new TextDecoder().decode(calendar?.message.file)).toMatch(
      /^BEGIN:VCALENDAR\r\n[\s\S]*END:VCALENDAR\s*$/,
    );
    await bot.picks(anna, 'meeting.more.menu');

    const label = await bot.labelOf(anna, 'reminder.check-in-ask.yes');
    while (
      !newest(anna)
        .keyboard.flat()
        .some(({ text }) => text === label)
    )
      await bot.toNext();
    await bot.picks(anna, 'reminder.check-in-ask.yes');
    await bot.picksOption(anna, 0);
    await bot.picksOption(anna, 1);
    await bot.says(anna, 'Det var kaffe.');
    await bot.picks(anna, 'reminder.ask-attendance.yes');
    await bot.picks(anna, 'reminder.ask-diary.no');
    await bot.picks(anna, 'reminder.next.menu');
    const { partition, person } = (await bot.engine.find({ channel: 'telegram', address: String(anna.id) }))!;
    const kept = await bot.vault.all(partition, person);
    expect(kept.map(({ key }) => key.kind).sort()).toEqual(['attendance', 'diary', 'person']);
    expect(kept.find(({ key }) => key.kind === 'diary')?.value).toMatchObject({ line: 'Det var kaffe.' });

    // Every request was one that Telegram takes.
    expect(calls('sendMessage').length + calls('sendDocument').length).toBe(texts(anna).length);
    for (const { keyboard, text } of anna.chat) {
      expect(text.length).toBeLessThanOrEqual(4096);
      for (const button of keyboard.flat())
        if ('callback_data' in button)
          expect(Buffer.byteLength(button.callback_data ?? '')).toBeLessThanOrEqual(64);
    }
  });

  test('says what the web chat says, but for what only one of them needs to be told', async () => {
    await settlesIn();
    await plans();
    const session = 'a-browser';
    const shown = async () => (await bot.desk.messages(session, 0)).map(({ text }) => text);
    let id = 0;
    const tap = async (fits: (data: string, label: string) => boolean) => {
      const buttons = (await bot.desk.messages(session, 0)).flatMap((message) => message.buttons);
      const button = buttons.findLast((one) => 'data' in one && fits(one.data, one.label));
      if (!button || !('data' in button)) throw new Error(`no such button: ${JSON.stringify(buttons)}`);
      await bot.desk.tap(session, `${++id}`, button.data);
      await bot.settle();
    };
    const say = (choice: string) => reference.words.say('nb', choice.replace(/\.(\w+)$/, '.choices.$1'));
    const pick = (choice: string) => tap((_, label) => label === say(choice));
    await bot.desk.open(session, `${++id}`, await bot.invitation());
    await bot.settle();
    for (const choice of ['start.language.nb', 'start.ask.yes']) await pick(choice);
    await bot.desk.say(session, `${++id}`, '4616');
    await bot.settle();
    await tap((data) => data.endsWith('.o2'));
    for (const choice of ['setup.phone.no', 'setup.discreet.no', 'setup.quiet.yes', 'setup.ready.meeting'])
      await pick(choice);
    await tap((data) => data.endsWith('.o0'));
    for (const choice of ['meeting.closer.yes', 'meeting.ask-remind.yes']) await pick(choice);

    const own = [...reference.dialogues.values()].flatMap(({ steps }) =>
      Object.values(steps).flatMap(({ say = [] }) =>
        say.filter((one) => /^on-(telegram|web)$/.test(one.if ?? '')).map((one) => one.text.trim()),
      ),
    );
    const common = (text: string) => own.reduce((rest, words) => rest.replace(`${words}\n\n`, ''), text);
    expect(own.some((words) => texts(anna).some((text) => text.includes(words)))).toBe(true);
    expect(texts(anna).map(common)).toEqual((await shown()).map(common));
  });

  test('the file with everything that is kept comes as a document', async () => {
    await settlesIn();
    await bot.says(anna, 'mine data');
    await bot.picks(anna, 'data.show.file');
    const file = anna.received.find(({ kind }) => kind === 'document')?.message;
    expect(file?.content.document?.file_name).toBe(phrase('my-data-name'));
    const kept = JSON.parse(new TextDecoder().decode(file?.file));
    expect(kept).toMatchObject([{ what: 'person', place: { postcode: '4616' } }]);
  });

  test('whoever comes without a link, or only writes, is met too', async () => {
    anna.starts();
    const kari = bot.telegram.user({ firstName: 'Kari', languageCode: 'en-GB' });
    await bot.says(kari, 'Hello?');
    for (const person of [anna, kari]) {
      expect(texts(person)).toHaveLength(1);
      await bot.picks(person, 'start.language.en');
    }
    expect((await bot.record(kari))?.language).toBe('en');
  });

  test('an account that does not tell its language is met in both', async () => {
    const { language_code: _none, ...from } = anna.user;
    const chat = { id: anna.id, type: 'private', first_name: 'Anna' };
    anna.room.open = true;
    push('message', { message_id: 9, date: 1, from, chat, text: 'hei' });
    await bot.settle();
    expect(texts(anna)).toEqual([reference.words.say('nb', 'start.language.say.0')]);
  });

  test('a link works once, and says so to the next', async () => {
    const link = await bot.invitation();
    anna.starts(link);
    await bot.settle();
    const kari = bot.telegram.user();
    kari.starts(link);
    await bot.settle();
    await kari.hears(reference.words.say('nb', 'start.link-taken.say.0'));
    expect((await bot.record(kari))?.invitation).toBeNull();
  });
});

describe('a tap', () => {
  test('is answered; its buttons are gone and the choice stands in their place', async () => {
    anna.starts();
    await bot.settle();
    const question = await bot.picks(anna, 'start.language.nb');
    await anna.hears('– Norsk');
    expect(question.text).toMatch(/\n\n– Norsk$/);
    expect(question.keyboard).toEqual([]);
    expect(calls('answerCallbackQuery')).toHaveLength(1);
  });

  test('leaves the links where they were', async () => {
    await settlesIn();
    await plans();
    const plan = newest(anna);
    const links = plan.keyboard.filter((row) => row.some((button) => 'url' in button));
    expect(links.length).toBeGreaterThan(0);
    await bot.picks(anna, 'meeting.planned.calendar');
    await bot.channel.stop();
    expect(plan.keyboard).toEqual(links);
  });

  test('that is delivered twice counts once', async () => {
    anna.starts();
    await bot.settle();
    await bot.channel.stop();
    anna.taps(newest(anna), 'Norsk');
    const [update] = bot.telegram.pending;
    const receive = bot.engine.receive.bind(bot.engine);
    await Promise.all([bot.channel.take(update, receive), bot.channel.take(update, receive)]);
    await bot.channel.take(update, receive);
    const again = await bot.again();
    await again.settle();
    expect(texts(anna)).toHaveLength(2);
  });

  test('on two buttons at once: the first counts, the other is refused kindly and not shown as chosen', async () => {
    anna.starts();
    await bot.settle();
    const question = newest(anna);
    anna.taps(question, 'Norsk');
    anna.taps(question, 'English');
    await bot.settle();
    await bot.channel.stop();
    expect((await bot.record(anna))?.language).toBe('nb');
    expect(question.text).toMatch(/\n\n– Norsk$/);
    expect(texts(anna).filter((text) => text.startsWith(phrase('old-button')))).toHaveLength(1);
    expect(calls('answerCallbackQuery')).toHaveLength(2);
  });

  test('on an old button is refused kindly, and the open question asked again', async () => {
    await comesIn();
    const place = newest(anna);
    anna.tapsData(anna.chat[0]!, 'gone.nb');
    await bot.settle();
    expect(newest(anna).text).toBe(`${phrase('old-button')}\n\n${place.text}`);
    expect(newest(anna).keyboard).toEqual(place.keyboard);
    expect(anna.chat[0]?.text).toMatch(/– Norsk$/);
  });

  test('on a message that is gone, or with data nobody made, harms nothing', async () => {
    await comesIn();
    for (const data of ['', '.', 'x'.repeat(64), '__proto__.constructor', 'æøå.o0'])
      anna.tapsData({ message_id: 99_999_999 }, data);
    await bot.settle();
    expect((await bot.record(anna))?.frames.at(-1)?.step).toBe('place');
    await bot.says(anna, '4616');
    await anna.hears(reference.words.say('nb', 'setup.groups.say.0'));
  });

  test('holds up nobody when Telegram does not answer its acknowledgement', async () => {
    anna.starts();
    await bot.settle();
    const fault = bot.telegram.fails('answerCallbackQuery', 'hang');
    anna.taps(newest(anna), 'Norsk');
    await fault.struck();
    const kari = bot.telegram.user();
    const taken = new Promise<void>((resolve) => bot.engine.onCommitted(resolve));
    kari.starts();
    await taken;
    // The second half of the acknowledgement, which comes when the first is over.
    expect(calls('editMessageText')).toEqual([]);
    fault.release();
    await bot.settle();
    for (const person of [anna, kari]) expect(texts(person).length).toBeGreaterThan(0);
  });
});

describe('what is no text', () => {
  const unreadable = phrase('unreadable');

  test('can not be heard or seen: it says so, with the number, and asks again', async () => {
    expect(unreadable).toContain('113');
    await comesIn();
    const question = newest(anna).text;
    const sends = [
      () => anna.sendsSticker(),
      () => anna.sendsVoice(),
      () => anna.sendsPhoto(),
      () => anna.sendsPhoto('Her er jeg'),
      () => anna.sendsLocation(),
    ];
    for (const send of sends) {
      const before = texts(anna).length;
      send();
      await bot.settle();
      expect(texts(anna).slice(before)).toEqual([unreadable, question]);
    }
  });

  test('but words beside a picture are read for danger and for commands', async () => {
    await comesIn();
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

  test('from a stranger begins an acquaintance', async () => {
    anna.sendsSticker();
    await bot.settle();
    expect(texts(anna)[0]).toBe(unreadable);
    await bot.picks(anna, 'start.language.nb');
  });
});

describe('a changed message', () => {
  test('is looked at for danger, and else met with silence', async () => {
    await comesIn();
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
    await comesIn();
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
    await comesIn();
    const chat = { id: anna.id, type: 'private', first_name: 'Anna' };
    const long = 'hele tiden vil jeg bare ta mitt eget og så '.repeat(250);
    for (const text of [long, `${long} jeg vil dø`])
      push('message', { message_id: 9, date: 1, from: anna.user, chat, text });
    await bot.settle();
    expect((await bot.record(anna))?.frames.at(-1)?.dialogue).toBe('help');
    for (const text of texts(anna)) expect(text.length).toBeLessThan(1500);
  });

  test('one long line without a break does no harm either', async () => {
    await comesIn();
    await bot.says(anna, 'å'.repeat(4096));
    await bot.says(anna, '👩‍👩‍👧‍👦 '.repeat(300));
    await bot.says(anna, '4616');
    await anna.hears(reference.words.say('nb', 'setup.groups.say.0'));
  });
});

describe('blocking', () => {
  test('whoever blocks the bot is left alone until they come back', async () => {
    await settlesIn();
    await plans();
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
    await settlesIn();
    await plans();
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
    await comesIn();
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
    await settlesIn();
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
    expect(await bot.engine.find({ channel: 'telegram', address: String(anna.id) })).toBeNull();
  });

  test('removes over a hundred messages', async () => {
    await comesIn();
    for (let i = 0; i < 120; i++) await bot.says(anna, 'hva?');
    await bot.says(anna, 'SLETT');
    await bot.picks(anna, 'data.delete.yes');
    expect(anna.chat.filter((message) => !message.deleted)).toHaveLength(1);
    expect(
      calls('deleteMessages').every(({ payload }) => (payload.message_ids as unknown[]).length <= 100),
    ).toBe(true);
  });

  test('and the same person may come again as a stranger', async () => {
    await comesIn();
    await bot.says(anna, 'slett');
    await bot.picks(anna, 'data.delete.yes');
    await bot.says(anna, 'hei');
    await bot.picks(anna, 'start.language.nb');
    expect(await bot.record(anna)).toMatchObject({ invitation: null, place: null });
  });
});
