/**
 * Before discharge whoever used opioids hears of lost tolerance: once, at a decent hour, only where they agreed to be
 * written to, and never in the middle of a crisis, a pause or a talk.
 */
import { describe, expect, test } from 'vitest';
import { newcomer, type Person } from '../src/core/records.ts';
import { leaving } from '../src/core/rules/going-home.ts';
import { ownClinic } from '../src/engine/program.ts';
import { day, hour, minute, Rig, reference, start, zone } from './rig.ts';

const ada = 'ada';
const discharge = '2026-11-25';
const at = (local: string) => Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;
const twoDaysBefore = at('2026-11-23T12:00');
const say = (key: string, language = 'nb') => reference.words.say(language, `going-home.${key}`, () => '');

const agreedTo = { channel: { given: true, at: start }, reminders: { given: true, at: start } };
const opioids = (opioids: boolean | null) => ({
  lar: null,
  medication: null,
  opioids,
  before: null,
  young: null,
});
const told = { discharge, consents: agreedTo, situation: opioids(true), discreet: false };

/** What comes unasked within three weeks to somebody like this, and when. */
async function comes(given: Partial<Person>): Promise<{ at: number; text: string }[]> {
  const rig = await Rig.open();
  await rig.seat(ada, { ...told, ...given });
  await rig.says(ada, 'hva som helst');
  await rig.deliver();
  const before = rig.channel.got.length;
  const end = start + 21 * day;
  for (;;) {
    const next = await rig.store.nextMoment(rig.clock.now());
    if (next === null || next > end) break;
    rig.clock.set(next);
    await rig.worker.takeLease();
    await rig.worker.fireDue();
    await rig.deliver();
  }
  return rig.channel.got.slice(before).map(({ at, message }) => ({ at, text: message.text }));
}

describe('the word on lost tolerance', () => {
  test('comes once, two days before, at noon, with naloxone and without shame', async () => {
    const messages = await comes({});
    expect(messages.map((one) => one.at)).toEqual([twoDaysBefore]);
    for (const line of ['tell.say.1', 'tell.say.2', 'tell.say.4'])
      expect(messages[0]?.text).toContain(say(line));
    expect(messages[0]?.text).not.toContain(say('tell.say.3'));
  });

  test('asks first where nobody has asked about opioids', async () => {
    const messages = await comes({ situation: opioids(null) });
    expect(messages.map(({ text }) => text)).toEqual([`${say('ask.say.0')}\n\n${say('ask.say.1')}`]);
  });

  test('is neutral on the screen of whoever wants it so', async () => {
    const messages = await comes({ discreet: true });
    expect(messages.map(({ text }) => text)).toEqual([reference.words.say('nb', 'phrases.veil')]);
  });

  test('says to who is on LAR that the medicine is taken as agreed', async () => {
    const messages = await comes({ situation: { ...opioids(true), lar: true } });
    expect(messages[0]?.text).toContain(say('tell.say.3'));
  });

  test.each<[string, Partial<Person>]>([
    ['without opioids', { situation: opioids(false) }],
    ['without a yes to being written to', { consents: { channel: agreedTo.channel } }],
    ['after a stop', { stopped: true }],
    ['without a date', { discharge: null }],
    ['long after the date', { discharge: '2026-10-20' }],
    ['a second time', { warned: start - day }],
  ])('does not come %s', async (_, given) => {
    expect(await comes(given)).toEqual([]);
  });
});

describe('it waits', () => {
  const person: Person = {
    ...newcomer(ada, ownClinic, 'i', { channel: 'c', address: ada }, zone, 'nb', start),
    ...told,
  };

  test.each<[string, Partial<Person>, number | null]>([
    ['for its day', {}, twoDaysBefore],
    ['until an hour after the last word', { heard: twoDaysBefore + minute }, twoDaysBefore + minute + hour],
    ['until the night is over', { heard: at('2026-11-23T21:30') }, at('2026-11-24T09:00')],
    ['until a pause is over', { paused: at('2026-11-24T15:00') }, at('2026-11-24T15:00')],
    ['until a crisis is over', { crisis: { since: start } }, null],
    ['until there is a way to the person again', { reachable: false }, null],
  ])('%s', (_, given, moment) => {
    expect(leaving({ ...person, ...given })).toBe(moment);
  });
});

test('on the way in a discharge date is remembered and opioids are asked about, in every language', async () => {
  for (const language of ['nb', 'nn', 'en']) {
    const rig = await Rig.open();
    const { token } = await rig.engine.directory.invite({
      ...{ clinic: ownClinic, alias: null, discharge, young: false },
      lasts: day,
    });
    await rig.opens(ada, token);
    for (const choice of [language, 'yes', 'skip', 'skip', 'no', 'no', 'yes']) await rig.taps(ada, choice);
    expect((await rig.person(ada))?.discharge).toBe(discharge);
    await rig.deliver();
    expect(rig.channel.texts(ada).at(-1)).toBe(
      `${say('early.say.0', language)}\n\n${say('early.say.1', language)}`,
    );
    for (const choice of ['yes', 'yes']) await rig.taps(ada, choice);
    const person = await rig.person(ada);
    expect(person?.situation.opioids).toBe(true);
    expect(person?.consents.reminders?.given).toBe(true);
    expect(person?.timers.leaving).toBe(twoDaysBefore);
    expect(person?.frames.at(-1)).toMatchObject({ dialogue: 'setup', step: 'ready' });
  }
});

test('who does not want to be written to hears it at once', async () => {
  const rig = await Rig.open();
  const { token } = await rig.engine.directory.invite({
    ...{ clinic: ownClinic, alias: null, discharge, young: false },
    lasts: day,
  });
  await rig.opens(ada, token);
  for (const choice of ['nb', 'yes', 'skip', 'skip', 'no', 'no', 'yes', 'yes', 'no'])
    await rig.taps(ada, choice);
  await rig.deliver();
  expect(rig.channel.texts(ada).at(-1)).toContain(say('tell.say.1'));
  expect((await rig.person(ada))?.consents.reminders).toBeUndefined();
});
