/**
 * Updates as they must not come: twice, in another order, and broken in every way chance can think of. A conversation
 * among all that must go on as if it were alone, and every update that means something is decided once.
 * `npm run test:faults` goes on for longer; SEED=... draws the same again.
 */
import fc from 'fast-check';
import type { Update } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { personKey } from '../src/core/records.ts';
import { choiceKey } from '../src/core/words.ts';
import { Bot, reference, texts } from './fakes/bot.ts';
import type { Person } from './fakes/telegram-people.ts';

const long = process.env.FAULTS === 'long';
const seed = Number(process.env.SEED ?? (long ? Date.now() % 1_000_000 : 20_261_122));
const runs = { seed, numRuns: long ? 5_000 : 300 };
/** Ends only what hangs. */
const patience = long ? 900_000 : 60_000;
const stranger = 7_000_000_001;

let bot: Bot;
let anna: Person;

beforeEach(async () => {
  bot = await Bot.start({ polling: false });
  anna = bot.telegram.user({ firstName: 'Anna' });
});
afterEach(() => bot.stop());

const take = (update: unknown) => bot.channel.take(update, (inbound) => bot.engine.receive(inbound));

/** What a person does becomes an update, which the test hands over itself. */
function updateOf(act: () => unknown): Update {
  act();
  const update = bot.telegram.pending.at(-1);
  if (!update) throw new Error('nothing was sent');
  return update;
}

const label = (name: string): string => {
  const [dialogue = '', step = '', id = ''] = name.split('.');
  return reference.words.say('nb', choiceKey(dialogue, step, id), () => '');
};

/** From a link to the groups: each deed, once the one before is answered. */
async function way(): Promise<(() => unknown)[]> {
  const invitation = await bot.invitation();
  const tap = (name: string) => () => {
    const text = label(name);
    const message = anna.chat.findLast(({ keyboard }) => keyboard.flat().some((one) => one.text === text));
    if (!message) throw new Error(`nothing offers ${text}`);
    anna.taps(message, text);
  };
  return [
    () => anna.starts(invitation),
    tap('start.language.nb'),
    tap('start.ask.yes'),
    () => anna.sends('4616'),
    () => anna.sends('AA'),
  ];
}

/** A body of the Bot API's shapes, of somebody who is nobody here. */
const chat = { id: stranger, type: 'private', first_name: 'Fremmed' };
const from = { id: stranger, is_bot: false, first_name: 'Fremmed', language_code: 'nb' };
const message = { message_id: 5, date: 1_790_000_000, chat, from, text: 'hei' };
const shapes: Record<string, unknown>[] = [
  { message },
  { message: { ...message, text: '/start abc', entities: [{ type: 'bot_command', offset: 0, length: 6 }] } },
  { message: { ...message, text: undefined, location: { latitude: 59.9, longitude: 10.7 } } },
  { message: { ...message, text: undefined, photo: [{ file_id: 'a', width: 1, height: 1 }], caption: 'se' } },
  { message: { ...message, forward_origin: { type: 'user', date: 1, sender_user: from } } },
  { edited_message: { ...message, edit_date: 1_790_000_001 } },
  { callback_query: { id: '77', from, message, chat_instance: '1', data: 'abc.o1' } },
  {
    callback_query: {
      id: '78',
      from,
      message: { chat, message_id: 5, date: 0 },
      chat_instance: '1',
      data: 'x',
    },
  },
  {
    my_chat_member: {
      ...{ chat, from, date: 1 },
      old_chat_member: { user: from, status: 'member' },
      new_chat_member: { user: from, status: 'kicked', until_date: 0 },
    },
  },
  { channel_post: { ...message, chat: { id: -100, type: 'channel', title: 'Kanal' } } },
  { inline_query: { id: '1', from, query: 'x', offset: '' } },
];

const odd: unknown[] = [
  ...[null, undefined, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 2, Number.NaN],
  ...['', 'x', '\u0000', '\ud800', '__proto__', 'x'.repeat(5_000), [], [null], {}, { id: {} }],
];

type Path = (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [path, ...inner.flatMap(([key, one]) => pathsOf(one, [...path, key]))];
}

function changed(value: unknown, path: Path, change: (before: unknown) => unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return change(value);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[first] = changed(copy[first], rest, change);
  return copy;
}

/** One of the shapes with up to four places in it made odd, gone or taken from elsewhere. */
const broken = fc
  .tuple(
    fc.constantFrom(...shapes),
    fc.array(
      fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...odd), fc.anything(), fc.constantFrom(...shapes))),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    fc.nat({ max: 10_000 }),
  )
  .map(([shape, changes, number]) => {
    let update: unknown = { update_id: 100_000 + number, ...shape };
    for (const [place, value] of changes) {
      const paths = pathsOf(update);
      update = changed(update, paths[place % paths.length] ?? [], () => value);
    }
    return update;
  });

test(
  'broken updates stop nothing and change nothing for anybody else',
  async () => {
    const deeds = await way();
    await take(updateOf(deeds[0]!));
    await bot.settle();
    const before = await bot.record(anna);
    const heard = texts(anna).length;
    await fc.assert(
      fc.asyncProperty(broken, async (update) => {
        // Over JSON, as they come: what it can not hold does not arrive.
        await take(JSON.parse(JSON.stringify(update) ?? 'null'));
      }),
      runs,
    );
    expect(await bot.record(anna)).toEqual(before);
    for (const deed of deeds.slice(1)) {
      await take(updateOf(deed));
      await bot.settle();
    }
    expect((await bot.record(anna))?.frames).toMatchObject([{ dialogue: 'setup', step: 'phone' }]);
    expect(texts(anna).length).toBe(heard + 4);
  },
  patience,
);

test(
  'what comes twice or late again, among anything else, is decided once',
  async () => {
    const chances = fc.array(fc.tuple(fc.nat(), fc.boolean()), { minLength: 5, maxLength: 5 });
    const again = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(chances, again, fc.array(broken, { maxLength: 5 }), async (each, repeats, junk) => {
        anna = bot.telegram.user();
        const came: Update[] = [];
        for (const [i, deed] of (await way()).entries()) {
          const update = updateOf(deed);
          came.push(update);
          const [place, twiceAtOnce] = each[i] ?? [0, false];
          // The same at once, something older again, and something that means nothing.
          const crowd = [update, ...(twiceAtOnce ? [update] : []), came[place % came.length], junk[i]];
          await Promise.all(crowd.map((one) => take(JSON.parse(JSON.stringify(one ?? null)))));
          await bot.settle();
        }
        for (const place of repeats) await take(came[place % came.length]);
        await bot.settle();
        const person = await bot.record(anna);
        expect(person?.frames).toMatchObject([{ dialogue: 'setup', step: 'phone' }]);
        expect(texts(anna)).toHaveLength(5);
        const address = await bot.engine.directory.find({ channel: 'telegram', address: String(anna.id) });
        const key = personKey(address?.person ?? '');
        const { records } = await bot.vault.load(address?.partition ?? 0, null, [key]);
        expect(records[0]?.version).toBe(5);
      }),
      { ...runs, numRuns: long ? 200 : 15 },
    );
  },
  patience,
);

test(
  'in whatever order they come, each is decided once and answered',
  async () => {
    const deeds = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 });
    await fc.assert(
      fc.asyncProperty(deeds, async (order) => {
        anna = bot.telegram.user();
        await take(updateOf(() => anna.starts()));
        await bot.settle();
        const before = texts(anna).length;
        const question = anna.chat.at(-1)!;
        const [one = '', two = ''] = question.keyboard.flat().map(({ text }) => text);
        const updates = [
          ...['meny', 'hei', '4616', 'nei'].map((text) => updateOf(() => anna.sends(text))),
          ...[one, two, one].map((text) => updateOf(() => anna.taps(question, text))),
          updateOf(() => anna.sendsSticker()),
        ];
        await Promise.all(order.map((place) => take(updates[place])));
        await bot.settle();
        const address = await bot.engine.directory.find({ channel: 'telegram', address: String(anna.id) });
        const key = personKey(address?.person ?? '');
        const { records } = await bot.vault.load(address?.partition ?? 0, null, [key]);
        expect(records[0]?.version).toBe(1 + updates.length);
        expect(texts(anna).length).toBeGreaterThanOrEqual(before + updates.length);
      }),
      { ...runs, numRuns: long ? 200 : 15 },
    );
  },
  patience,
);
