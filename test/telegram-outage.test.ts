/**
 * Telegram forgets a tap that nobody took for 150 seconds. After a longer absence, of the program or of Telegram, whoever
 * stands before an open question is asked again, once, and only where that disturbs nobody.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteStore } from '../src/store/sqlite.ts';
import { Bot, brittle, newest, reference, texts } from './fakes/bot.ts';
import type { Person } from './fakes/telegram-people.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const away = reference.words.say('nb', 'phrases.was-away');

let bot: Bot;
let anna: Person;
let flaky: ReturnType<typeof brittle>;

beforeEach(async () => {
  flaky = brittle(new SqliteStore(':memory:'));
  bot = await Bot.start({ store: flaky.store });
  anna = bot.telegram.user({ firstName: 'Anna' });
});
afterEach(() => bot.stop());

/** The program is gone for so long; what happens meanwhile is told. It starts anew on the same store. */
async function absence(millis: number, meanwhile: () => void = () => {}): Promise<void> {
  await bot.channel.stop();
  meanwhile();
  bot.clock.set(bot.clock.now() + millis);
  bot = await bot.again({ polling: false });
  const caughtUp = bot.caughtUp();
  bot.polls();
  await caughtUp;
  await bot.settle();
}

describe('after an absence', () => {
  test('in which a tap was lost, the question comes again, and either keyboard answers it', async () => {
    anna.starts();
    await bot.settle();
    await bot.advance(3 * minute);
    const question = newest(anna);
    await absence(151 * second, () => anna.taps(question, 'Norsk'));
    expect(texts(anna)).toEqual([question.text, `${away}\n\n${question.text}`]);
    expect(newest(anna).keyboard).toEqual(question.keyboard);
    anna.taps(question, 'Norsk');
    await bot.settle();
    expect((await bot.record(anna))?.language).toBe('nb');
    await absence(10 * minute);
    await absence(10 * minute);
    expect(texts(anna).filter((text) => text.startsWith(away))).toHaveLength(3);
  });

  test('that was too short to lose a tap, nothing comes', async () => {
    await bot.comesIn(anna);
    await absence(10 * minute);
    const before = texts(anna);
    for (let i = 0; i < 4; i++) await absence(149 * second);
    expect(texts(anna)).toEqual(before);
    await absence(150 * second);
    expect(texts(anna)).toHaveLength(before.length + 1);
  });

  test('of Telegram itself, with the program running on, it is the same', async () => {
    await bot.comesIn(anna);
    await bot.advance(10 * minute);
    const question = newest(anna);
    await bot.telegram.goesDown();
    bot.clock.set(bot.clock.now() + 151 * second);
    const caughtUp = bot.caughtUp();
    await bot.telegram.comesUp();
    await caughtUp;
    await bot.settle();
    expect(newest(anna).text).toBe(`${away}\n\n${question.text}`);
  });

  test('of the store, in which updates came but were not taken, too', async () => {
    await bot.comesIn(anna);
    await bot.advance(10 * minute);
    flaky.breaks('commit');
    const down = bot.clock.now();
    bot.telegram.onRequest = (method) => {
      if (method === 'getUpdates') bot.clock.set(down + 151 * second);
    };
    const caughtUp = bot.caughtUp();
    anna.tapsData(newest(anna), 'gone.skip');
    await caughtUp;
    await bot.settle();
    expect(flaky.left('commit')).toBe(0);
    expect(newest(anna).text).toContain(away);
  });

  test('whoever has written meanwhile gets an answer to that, and is not asked again', async () => {
    await bot.comesIn(anna);
    await bot.advance(10 * minute);
    const before = texts(anna).length;
    await absence(151 * second, () => anna.sends('4616'));
    expect(texts(anna).slice(before)).toEqual([reference.words.say('nb', 'setup.groups.say.0')]);
  });

  test('whoever was asked too short a time before for a tap to be lost is not asked again', async () => {
    await bot.comesIn(anna);
    await bot.advance(10 * minute);
    await bot.channel.stop();
    // Telegram could be written to, but not be asked.
    const deaf = await bot.again({ polling: false });
    deaf.clock.set(deaf.clock.now() + 100 * second);
    await deaf.engine.receive({
      id: 'by-hand',
      chat: { channel: 'telegram', address: String(anna.id) },
      language: 'nb',
      what: { kind: 'said', text: '4616' },
    });
    await deaf.settle();
    const before = texts(anna);
    await absence(100 * second);
    expect(texts(anna)).toEqual(before);
  });

  test('everybody is asked once, also when that is cut short and a new start must go on with it', async () => {
    const people = [anna, bot.telegram.user(), bot.telegram.user()];
    for (const person of people) await bot.comesIn(person);
    await bot.advance(10 * minute);
    await bot.channel.stop();
    bot.clock.set(bot.clock.now() + 151 * second);
    flaky.breaks('commit', 1000, 1);
    bot = await bot.again({ polling: false });
    const ask = bot.engine.askAgain.bind(bot.engine);
    const failed = new Promise((resolve) => {
      bot.engine.askAgain = (...about) => {
        const asking = ask(...about);
        asking.catch(resolve);
        return asking;
      };
    });
    bot.polls();
    await failed;
    flaky.breaks('commit', 0);
    await absence(second);
    for (const person of people)
      expect(texts(person).filter((text) => text.startsWith(away))).toHaveLength(1);
  });

  test('nothing comes where no question is open, or where the last word is a day old', async () => {
    await bot.comesIn(anna);
    await bot.says(anna, 'SLETT');
    await bot.picks(anna, 'data.delete.yes');
    const kari = bot.telegram.user();
    await bot.comesIn(kari);
    const before = [texts(anna).length, texts(kari).length];
    await absence(25 * hour);
    expect([texts(anna).length, texts(kari).length]).toEqual(before);
  });

  test('the web chat is left alone: nothing is lost there', async () => {
    await bot.desk.open('a-browser', '1', await bot.invitation());
    await bot.comesIn(anna);
    await absence(10 * minute);
    expect(newest(anna).text).toContain(away);
    expect(await bot.desk.messages('a-browser', 0)).toHaveLength(1);
  });
});

describe('whoever is in the middle of nothing', () => {
  test('is asked by day, discreetly if they wish it', async () => {
    for (const discreet of [false, true]) {
      anna = bot.telegram.user();
      await bot.settlesIn(anna, { discreet });
      const question = newest(anna).text;
      await bot.advance(2 * hour);
      await absence(151 * second);
      expect(newest(anna).text).toBe(discreet ? away : `${away}\n\n${question}`);
    }
  });

  test('is not woken for it', async () => {
    await bot.settlesIn(anna);
    await bot.advance(10 * hour);
    const before = texts(anna);
    await absence(4 * hour);
    await bot.advance(12 * hour);
    expect(texts(anna)).toEqual(before);
  });

  test('but who was writing that very night is asked at once', async () => {
    await bot.settlesIn(anna);
    await bot.advance(14 * hour);
    await bot.says(anna, 'meny');
    await bot.advance(10 * minute);
    await absence(151 * second);
    expect(newest(anna).text).toContain(away);
  });

  test('is left in peace where they asked for it', async () => {
    await bot.settlesIn(anna);
    await bot.says(anna, 'stopp');
    await bot.advance(2 * hour);
    const before = texts(anna);
    await absence(151 * second);
    expect(texts(anna)).toEqual(before);
  });

  test('does not get the neutral line of a reminder twice', async () => {
    await bot.settlesIn(anna, { discreet: true });
    await bot.plans(anna);
    await bot.toNext();
    expect(newest(anna).text).toBe(reference.words.say('nb', 'phrases.veil'));
    const before = texts(anna);
    await absence(151 * second);
    expect(texts(anna)).toEqual(before);
  });
});
