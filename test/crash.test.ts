/**
 * The program dies without a goodbye, at every named point and between any two steps, and is started again. Nothing
 * may be lost, what was in flight may come twice and no more, and the conversation goes on as if nothing had happened.
 * Counted is what the fake's people received, never what the program believes.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, type TestContext, test } from 'vitest';
import type { Person as Known } from '../src/core/records.ts';
import { choiceKey } from '../src/core/words.ts';
import { loadDialogues } from '../src/sources/dialogues.ts';
import { emptyFolder, Kept, printed } from './fakes/running.ts';
import { FakeTelegram } from './fakes/telegram.ts';
import type { Person } from './fakes/telegram-people.ts';
import { WebPerson } from './fakes/web-person.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { words } = loadDialogues(join(root, 'dialogs'), join(root, 'content'));
const token = '110201543:DEMO-token_of_no_bot_0123456789abcdefg';
const points = ['before-commit', 'after-commit', 'after-sending-mark', 'after-answer'] as const;

const say = (key: string) => words.say('nb', key, () => '');
const label = (choice: string) => {
  const [dialogue = '', step = '', id = ''] = choice.split('.');
  return say(choiceKey(dialogue, step, id));
};

/** The test says itself when it is over: several run at once. */
async function begin({ onTestFinished }: TestContext, ...crashes: string[]) {
  const telegram = await FakeTelegram.start({ token, limits: false });
  onTestFinished(() => telegram.stop());
  const kept = await Kept.start(
    { DATA_DIR: emptyFolder(), TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: telegram.apiRoot },
    crashes,
  );
  const { invitations } = await kept.running();
  return { telegram, kept, anna: telegram.user({ firstName: 'Anna' }), invitations };
}

/** Taps a choice, named 'dialogue.step.choice', under the newest message that has it. */
function picks(person: Person, choice: string): void {
  taps(person, label(choice));
}

function taps(person: Person, text: string): void {
  const has = ({ keyboard }: Person['chat'][number]) =>
    keyboard.flat().some((button) => button.text === text);
  const message = person.chat.findLast(has);
  if (!message) throw new Error(`nothing offers '${text}': ${person.chat.at(-1)?.text}`);
  person.taps(message, text);
}

/** From the link to the groups, in four answers. */
async function comesIn(anna: Person, invitation: string): Promise<void> {
  anna.starts(invitation);
  await anna.hears(say('start.language.say.0'));
  picks(anna, 'start.language.nb');
  await anna.hears(say('start.ask.say.0'));
  picks(anna, 'start.ask.yes');
  await anna.hears(say('setup.place.say.0'));
  anna.sends('4616');
  await anna.hears(say('setup.groups.say.0'));
}

/** How often each text was received. */
function copies(person: Person): Map<string, number> {
  const count = new Map<string, number>();
  for (const { kind, text } of person.received) {
    if (kind !== 'edit') count.set(text, (count.get(text) ?? 0) + 1);
  }
  return count;
}

const doubled = (person: Person) => [...copies(person).values()].reduce((sum, count) => sum + count - 1, 0);

/** Stops the program and looks at what it has on record. */
const onRecord = (kept: Kept, channel: string, address: string): Promise<Known | null> =>
  kept.left((_, directory) => directory.person({ channel, address }));

/** Where the way in has led, whatever happened on it. */
const cameIn = {
  language: 'nb',
  consents: { channel: { given: true } },
  place: { postcode: '4616' },
  frames: [{ dialogue: 'setup', step: 'groups' }],
};

describe.concurrent('on Telegram', () => {
  test.for(['before-commit', 'after-commit'])(
    'dying %s, again and again, changes nothing',
    async (point, context) => {
      const { kept, anna, invitations } = await begin(context, `${point}:1`, `${point}:3`);
      await comesIn(anna, invitations.telegram);
      expect(await onRecord(kept, 'telegram', String(anna.id))).toMatchObject(cameIn);
      expect(kept.deaths).toBe(2);
      expect([...copies(anna).values()]).toEqual([1, 1, 1, 1]);
    },
  );

  test.for([
    ['after-sending-mark', [1, 1, 1, 1]],
    ['after-answer', [1, 2, 2, 1]],
  ] as const)('dying %s, and over the recovery as well, doubles what had arrived', async (given, context) => {
    const [point, expected] = given;
    const { kept, anna, invitations } = await begin(context, `${point}:2`, 'in-recovery:1', `${point}:2`);
    await comesIn(anna, invitations.telegram);
    expect(await onRecord(kept, 'telegram', String(anna.id))).toMatchObject(cameIn);
    expect(kept.deaths).toBe(3);
    expect([...copies(anna).values()]).toEqual(expected);
  });

  test('dying while Telegram carries out a request doubles just that', async (context) => {
    const { telegram, kept, anna, invitations } = await begin(context);
    let requests = 0;
    telegram.onRequest = async (method) => {
      if (method === 'sendMessage' && [1, 4].includes(++requests)) await kept.kill();
    };
    await comesIn(anna, invitations.telegram);
    expect(await onRecord(kept, 'telegram', String(anna.id))).toMatchObject(cameIn);
    expect([...copies(anna).values()]).toEqual([2, 1, 2, 1]);
  });

  test('dying over the acknowledgement of a tap costs no more than its looks', async (context) => {
    const { telegram, kept, anna, invitations } = await begin(context);
    let taps = 0;
    telegram.onRequest = async (method) => {
      if (method === 'answerCallbackQuery' && ++taps === 1) await kept.kill();
    };
    await comesIn(anna, invitations.telegram);
    expect(await onRecord(kept, 'telegram', String(anna.id))).toMatchObject(cameIn);
    expect(copies(anna).size).toBe(4);
    expect(doubled(anna)).toBeLessThanOrEqual(1);
  });

  test('dying with two sends in flight, and again over the second of them, doubles only these', async (context) => {
    const { telegram, kept, anna } = await begin(context);
    const kari = telegram.user();
    const both = Promise.withResolvers<void>();
    const dead = both.promise.then(() => {
      kept.crashes('in-recovery:2');
      return kept.kill();
    });
    let requests = 0;
    telegram.onRequest = async (method) => {
      if (method !== 'sendMessage' || ++requests > 2) return;
      if (requests === 2) both.resolve();
      await dead;
    };
    const people = [anna, kari];
    for (const person of people) person.starts();
    for (const person of people) {
      await person.hears(say('start.language.say.0'));
      await person.hears(say('start.language.say.0'));
      picks(person, 'start.language.nb');
      await person.hears(say('menu.visitor.say.0'));
    }
    await kept.stop();
    expect(kept.deaths).toBe(2);
    for (const person of people) {
      const [asked, ...rest] = copies(person).values();
      expect(asked).toBeGreaterThanOrEqual(2);
      expect(asked).toBeLessThanOrEqual(3);
      expect(new Set(rest)).toEqual(new Set([1]));
    }
  });
});

describe.concurrent('in the web chat', () => {
  test('dying at every point shows everything once', async () => {
    const crashes = [
      ...points.map((point) => `${point}:1`),
      'in-recovery:1',
      ...points.map((point) => `${point}:2`),
    ];
    const kept = await Kept.start({ DATA_DIR: emptyFolder() }, crashes);
    const { invitations } = await kept.running();
    const anna = new WebPerson(kept);
    await anna.opens(invitations.web);
    await anna.hears(say('start.language.say.0'));
    await anna.taps(label('start.language.nb'));
    await anna.hears(say('start.ask.say.0'));
    await anna.taps(label('start.ask.yes'));
    await anna.hears(say('setup.place.say.0'));
    await anna.says('4616');
    await anna.hears(say('setup.groups.say.0'));
    await anna.says('AA');
    await anna.hears(say('setup.phone.say.0'));
    await anna.taps(label('setup.phone.no'));
    await anna.hears(say('setup.discreet.say.0'));
    await kept.stop();
    expect(kept.deaths).toBe(crashes.length);
    expect(anna.shown).toHaveLength(6);
    expect(new Set(anna.shown.map(({ text }) => text)).size).toBe(6);
  });
});

/** Each death costs a start: `npm run test:faults` has one between any two steps, `npm test` after every fifth. */
const every = process.env.FAULTS ? 1 : 5;

test.concurrent(
  'the whole way, with deaths between its steps and a reminder that meets all of them',
  async (context) => {
    const { telegram, kept, anna, invitations } = await begin(context);
    const diary = 'Dagbokmerke om kaffen';
    const option = (n: number) => {
      const message = anna.chat.findLast(({ keyboard }) =>
        dataOf(keyboard).some((data) => data.endsWith(`.o${n}`)),
      );
      anna.tapsData(message!, dataOf(message!.keyboard).find((data) => data.endsWith(`.o${n}`))!);
    };
    const dataOf = (keyboard: Person['chat'][number]['keyboard']) =>
      keyboard.flat().flatMap((button) => ('callback_data' in button ? [button.callback_data ?? ''] : []));
    let steps = 0;
    const step = async (act: () => void, hears: string) => {
      act();
      const heard = await anna.hears(hears);
      if (++steps % every === 0) await kept.kill();
      return heard;
    };
    const pick = (choice: string, hears: string) => step(() => picks(anna, choice), hears);

    await step(() => anna.starts(invitations.telegram), say('start.language.say.0'));
    await pick('start.language.nb', say('start.ask.say.0'));
    await pick('start.ask.yes', say('setup.place.say.0'));
    await step(() => anna.sends('4616'), say('setup.groups.say.0'));
    await step(() => option(2), say('setup.phone.say.0'));
    await pick('setup.phone.no', say('setup.discreet.say.0'));
    await pick('setup.discreet.no', 'Passer det?');
    await pick('setup.quiet.yes', say('setup.ready.say.1'));
    await pick('setup.ready.meeting', say('meeting.show.say.4'));
    await step(() => option(0), say('meeting.closer.say.1'));
    await pick('meeting.closer.yes', say('meeting.ask-remind.say.0'));
    await pick('meeting.ask-remind.yes', say('meeting.planned.say.0'));
    await pick('meeting.planned.menu', say('meeting.done.say.0'));

    const checkIn = label('reminder.check-in-ask.yes');
    kept.crashes(...points.map((point) => `${point}:1`), 'in-recovery:1');
    await kept.restart();
    const survived = kept.deaths;
    for (let first = true; ; first = false) {
      await (await kept.running()).advance();
      const heard = await anna.hears('?');
      if (first) {
        // Sent before the answer was noted, and once more: that is all that five deaths may do.
        await anna.hears(heard.text);
        expect(kept.deaths).toBe(survived + 5);
        expect(copies(anna).get(heard.text)).toBe(2);
      }
      if (heard.labels.includes(checkIn)) break;
      await pick('reminder.day-before-ask.going', say('reminder.going.say.0'));
      await pick('reminder.going.menu', say('reminder.enough.say.0'));
    }
    await pick('reminder.check-in-ask.yes', say('reminder.how.say.0'));
    await step(() => option(0), say('reminder.again.say.0'));
    await step(() => option(1), say('reminder.line.say.0'));
    anna.sends(diary);
    await anna.hears(say('reminder.ask-attendance.say.0').split('?')[1] ?? '');
    await kept.kill();
    await pick('reminder.ask-attendance.yes', 'dagboken');
    await pick('reminder.ask-diary.no', say('reminder.next.say.1'));

    const records = await kept.left(async (vault, directory) => {
      const home = (await directory.find({ channel: 'telegram', address: String(anna.id) }))!;
      return vault.all(home.partition, home.person);
    });
    const of = (kind: string) => records.filter(({ key }) => key.kind === kind).map(({ value }) => value);
    expect(of('person')).toMatchObject([
      { plans: [], consents: { attendance: { given: true }, diary: { given: false } } },
    ]);
    expect(of('attendance')).toMatchObject([{ went: true }]);
    expect(of('diary')).toMatchObject([{ line: diary }]);
    expect(doubled(anna)).toBeLessThanOrEqual(kept.deaths);
    expect(telegram.pending).toEqual([]);
    expect(printed(kept.output, ['Dagbokmerke', '4616', String(anna.id), token])).toEqual([]);
  },
  process.env.FAULTS ? 900_000 : 240_000,
);
