/**
 * Every talk in every language: each answer that can be given is given once, and each leads on in the person's own
 * language to something to choose. Then one way through each talk, and each danger, on the real engine.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DangerKind } from '../src/core/danger.ts';
import { decide } from '../src/core/decide.ts';
import type { Decision } from '../src/core/decision.ts';
import { type Dialogue, resolve, waits } from '../src/core/dialog/schema.ts';
import { showChoice, whyChoice } from '../src/core/dialog/step.ts';
import type { Happening } from '../src/core/event.ts';
import { type HelpTopic, linesFor } from '../src/core/help-lines.ts';
import { type Frame, newcomer, type Person } from '../src/core/records.ts';
import { languages, sayKey } from '../src/core/words.ts';
import { watched } from '../src/tools/simulate-script.ts';
import { Stage } from '../src/tools/stage.ts';
import { reference, start, zone } from './rig.ts';

const talks = [...reference.dialogues.values()].filter(({ kind }) => kind === 'talk');
const inEveryLanguage = languages.flatMap((language) =>
  talks.map((talk) => [talk.id, language, talk] as const),
);

/** Who walks: somebody who has told nothing yet, somebody of whom everything is known, somebody just visiting. */
const walkers: { given: Partial<Person>; vars: Record<string, string> }[] = [
  { given: {}, vars: {} },
  {
    given: {
      situation: { lar: true, medication: true, opioids: true, before: true, young: true },
      rulers: { importance: [{ at: start, value: 5 }], confidence: [{ at: start, value: 5 }] },
    },
    vars: { feeling: 'good', again: 'no' },
  },
  { given: { invitation: null, consents: {} }, vars: { feeling: 'hard', again: 'maybe' } },
];

describe.each(inEveryLanguage)('%s in %s', (_, language, talk) => {
  test('each answer leads on, to something to choose, and no step is never seen', () => {
    const visited = new Set<string>();
    const seenBy = { ...reference, dialogues: watched(reference.dialogues, visited) };
    for (const { given, vars } of walkers) explore(talk, language, given, vars, seenBy);
    const unseen = Object.keys(talk.steps).filter((step) => !visited.has(`${talk.id}/${step}`));
    expect(unseen).toEqual([]);
  });
});

/** Gives every answer once at every wait of the talk, starting each from the state in which the wait was met first. */
function explore(
  talk: Dialogue,
  language: string,
  given: Partial<Person>,
  vars: Record<string, string>,
  seenBy: typeof reference,
): void {
  const from = newcomer('walker', 'clinic', 'i', { channel: 'stage', address: '1' }, zone, language, start);
  const frame: Frame = {
    ...{ wait: 'begin', dialogue: talk.id, step: talk.start, purpose: 'answer', vars, cited: [] },
    ...{ options: [], veiled: true, silence: null },
  };
  const person: Person = {
    ...from,
    consents: { channel: { given: true, at: start } },
    place: { label: '4616 Kristiansand S', postcode: '4616', lat: 58.1467, lon: 7.9956 },
    fellowships: [],
    discreet: false,
    frames: [frame],
    ...given,
  };
  const met = new Set<string>();
  const open = [then(person, { kind: 'tapped', wait: 'begin', choice: showChoice }, seenBy)];
  for (let decision = open.pop(); decision; decision = open.pop()) {
    const next = decision.person;
    const at = next?.frames.at(-1);
    if (!next || at?.dialogue !== talk.id || met.has(at.step)) continue;
    met.add(at.step);
    for (const happening of answersTo(talk, at, decision)) open.push(then(next, happening, seenBy));
  }
}

function answersTo(talk: Dialogue, at: Frame, { said }: Decision): Happening[] {
  const taps = (said.at(-1)?.buttons ?? []).flatMap((button): Happening[] => {
    if (!('data' in button)) return [];
    const [wait = '', choice = ''] = button.data.split('.');
    return choice === whyChoice ? [] : [{ kind: 'tapped', wait, choice }];
  });
  const listens = talk.steps[at.step]?.hears ?? talk.steps[at.step]?.reads;
  return listens ? [...taps, { kind: 'said', text: 'xyzzy' }] : taps;
}

let events = 0;

/** What follows, once it is found to be in the person's own words and to leave them something to do. */
function then(person: Person, happening: Happening, seenBy: typeof reference): Decision {
  const id = String(++events);
  const { clinic, chat, language, invitation } = person;
  const decision = decide(
    {
      person,
      arrival: { person: person.id, clinic, invitation, chat, language },
      clinic: { v: 1, id: clinic, name: 'Klinikken', reads: null, zone },
      invitation: null,
      knowledge: null,
      reference: seenBy,
    },
    { id, at: start, seed: id.padStart(10, '0'), ...happening },
  );
  const text = decision.said.map((one) => one.text).join('\n\n');
  const frame = decision.person?.frames.at(-1);
  const place = `${frame?.dialogue}/${frame?.step} in ${language}`;
  expect(decision.said.map((one) => one.language)).not.toContainEqual(
    expect.not.stringMatching(`^${language}$`),
  );
  if (frame) {
    expect(decision.said.at(-1)?.buttons.length, place).toBeGreaterThan(0);
    for (const words of fixedWords(frame, language)) expect(text, place).toContain(words);
  } else expect(text, place).toMatch(/MENY|MENU/);
  return decision;
}

/** What a wait says to everybody in this language, without the values in between. */
function fixedWords({ dialogue, step }: Frame, language: string): string[] {
  const say = reference.dialogues.get(dialogue)?.steps[step]?.say ?? [];
  return say.flatMap((utterance, i) => {
    if (utterance.if) return [];
    return (reference.words.raw(language, sayKey(dialogue, step, i)) ?? 'no words').split(/\{\w+\}/);
  });
}

describe('on the real engine', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({
      reference,
      start,
      zone,
      clinic: { name: 'Klinikken', reads: 'på hverdager' },
    });
  });
  afterAll(() => stage.close());

  const last = (guest: string) => stage.received(guest).at(-1)?.message;
  const whole = (guest: string, since = 0) =>
    stage
      .received(guest)
      .slice(since)
      .map((one) => one.message.text)
      .join('\n\n');
  const tap = async (guest: string, choice: string) => {
    const wait = (await stage.person(guest))?.frames.at(-1)?.wait ?? '';
    await stage.happens(guest, { kind: 'tapped', wait, choice });
  };

  test.each(inEveryLanguage)(
    'a way through %s in %s ends with something offered',
    async (id, language, talk) => {
      const guest = `${id} ${language}`;
      await stage.begin(guest, id, language);
      for (let taps = 0; taps < 20; taps++) {
        const frame = (await stage.person(guest))?.frames.at(-1);
        if (frame?.dialogue !== id) break;
        await tap(guest, wayOut(talk, frame.step));
      }
      const frame = (await stage.person(guest))?.frames.at(-1);
      expect(frame?.dialogue).not.toBe(id);
      expect(last(guest)?.buttons.length).toBeGreaterThan(1);
      expect(last(guest)?.language).toBe(language);
    },
  );

  const cases: [DangerKind, HelpTopic, boolean, Record<string, string>][] = [
    [
      'suicide',
      'suicide',
      false,
      { nb: 'jeg vil ikke leve lenger', nn: 'eg vil ikkje leve lenger', en: 'I want to die' },
    ],
    [
      'overdose',
      'overdose',
      true,
      { nb: 'kompisen min puster ikke', nn: 'kompisen min pustar ikkje', en: 'my friend is not breathing' },
    ],
    ['violence', 'violence', true, { nb: 'han slår meg', nn: 'han slår meg no', en: 'he is hitting me' }],
    [
      'withdrawal',
      'withdrawal',
      true,
      { nb: 'jeg har kramper', nn: 'eg har krampar', en: 'I am having a seizure' },
    ],
    [
      'overdose',
      'overdose',
      true,
      { nb: 'jeg har tatt alle tablettene', nn: 'eg har teke alle tablettane', en: 'I took all my pills' },
    ],
  ];
  const dangers = languages.flatMap((language) =>
    cases.map(
      ([kind, topic, imminent, words]) => [kind, language, words[language] ?? '', topic, imminent] as const,
    ),
  );

  test.each(dangers)('%s in %s: "%s"', async (_, language, text, topic, imminent) => {
    const guest = `${text} ${language}`;
    await stage.begin(guest, 'obstacles', language);
    const before = stage.received(guest).length;
    await stage.happens(guest, { kind: 'said', text });
    expect((await stage.person(guest))?.crisis !== null).toBe(imminent);
    if (!imminent) await tap(guest, 'yes');
    expect(whole(guest, before)).toContain(linesFor(reference.helpLines, topic, language));
    expect((await stage.person(guest))?.crisis).not.toBeNull();
    expect(whole(guest, before)).toContain(
      reference.words.raw(language, 'help.suicide-card.say.7') ?? 'nobody was told',
    );
    await tap(guest, 'better');
    expect((await stage.person(guest))?.crisis).toBeNull();
    expect(last(guest)?.buttons.length).toBeGreaterThan(1);
  });

  test.each([...languages])(
    'where it was agreed to, the clinic is told, and the person when it reads, in %s',
    async (language) => {
      const guest = `told ${language}`;
      await stage.begin(guest, 'safety', language);
      await tap(guest, 'call');
      await tap(guest, 'yes');
      const before = stage.received(guest).length;
      await stage.happens(guest, { kind: 'said', text: 'jeg har tatt alle tablettene' });
      const told = reference.words.say(language, 'help.imminent.say.11', () => 'på hverdager');
      expect(whole(guest, before)).toContain(told);
    },
  );
});

/** The choice that leads out of the talk the soonest, to the meetings where it can. */
function wayOut(talk: Dialogue, from: string): string {
  const leaves = (to: string) => resolve(reference.dialogues, talk.id, to).dialogue !== talk.id;
  for (const done of [(to: string) => to === 'meeting/', leaves]) {
    const seen = new Set([from]);
    const ways = choicesOf(talk, from).map(({ id, to }) => ({ first: id, to }));
    for (const way of ways) {
      if (done(way.to)) return way.first;
      if (leaves(way.to) || seen.has(way.to)) continue;
      seen.add(way.to);
      ways.push(...choicesOf(talk, way.to).map(({ to }) => ({ first: way.first, to })));
    }
  }
  throw new Error(`no way out of ${talk.id} from ${from}`);
}

/** Where a step leads whoever is enrolled and has told nothing, with the choice that says so. */
function choicesOf(talk: Dialogue, id: string): { id: string; to: string }[] {
  const step = talk.steps[id];
  if (!step) return [];
  if (!waits(step)) {
    const on = [...Object.values(step.on ?? {}), step.when?.at(-1)?.to, step.to];
    return on.flatMap((to) => (to ? [{ id: '', to }] : []));
  }
  return [
    ...(step.picked ? [{ id: 'o5', to: step.picked }] : []),
    ...Object.entries(step.choices ?? {})
      .filter(([, choice]) => !choice.if || choice.if === 'enrolled')
      .map(([key, choice]) => ({ id: key, to: choice.to })),
  ];
}
