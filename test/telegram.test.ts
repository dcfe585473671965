/**
 * The conversation on Telegram: the whole way by taps, the same as in the web chat, and the taps themselves with all
 * that can go wrong about them. The program's parts run against the fake Bot API server over real HTTP; nothing sleeps.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bot, newest, reference, texts } from './fakes/bot.ts';
import type { Person } from './fakes/telegram-people.ts';

let bot: Bot;
let anna: Person;

beforeEach(async () => {
  bot = await Bot.start();
  anna = bot.telegram.user({ firstName: 'Anna' });
});
afterEach(() => bot.stop());

const phrase = (key: string) => reference.words.say('nb', `phrases.${key}`);
const calls = (method: string) => bot.telegram.calls.filter((call) => call.method === method);

describe('the way', () => {
  test('from the link to the day after, by taps and one postcode', async () => {
    await bot.settlesIn(anna);
    await bot.plans(anna);
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
    const { partition, person } = (await bot.engine.directory.find({
      channel: 'telegram',
      address: String(anna.id),
    }))!;
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
    await bot.settlesIn(anna);
    await bot.plans(anna);
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
    await bot.settlesIn(anna);
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
    await bot.settlesIn(anna);
    await bot.plans(anna);
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
    await bot.comesIn(anna);
    const place = newest(anna);
    anna.tapsData(anna.chat[0]!, 'gone.nb');
    await bot.settle();
    expect(newest(anna).text).toBe(`${phrase('old-button')}\n\n${place.text}`);
    expect(newest(anna).keyboard).toEqual(place.keyboard);
    expect(anna.chat[0]?.text).toMatch(/– Norsk$/);
  });

  test('on a message that is gone, or with data nobody made, harms nothing', async () => {
    await bot.comesIn(anna);
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
    const taken = new Promise((resolve) => bot.engine.onCommitted(resolve));
    kari.starts();
    await taken;
    // The second half of the acknowledgement, which comes when the first is over.
    expect(calls('editMessageText')).toEqual([]);
    fault.release();
    await bot.settle();
    for (const person of [anna, kari]) expect(texts(person).length).toBeGreaterThan(0);
  });
});
