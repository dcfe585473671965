/**
 * Holds what is seen and what is mistaken in free text to labelled lines, and tells the figures by kind, language and urgency. The
 * phrases and the examples in content were fitted to what is there; only the held-out lines tell how well it does with strangers.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Danger, DangerSigns } from '../src/core/danger.ts';
import { lookForDanger } from '../src/core/rules/safety.ts';
import type { Turn } from '../src/core/turn.ts';
import type { Line } from '../src/sources/examples.ts';
import { loadHearing } from '../src/sources/understanding.ts';
import { learnt, Tally, unseen } from './unseen.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const sense = loadHearing('content').danger;
const calm = ['hard', 'plain', 'craving'];

/** What is dangerous in a text; craving is none of it. */
const dangerIn = (text: string): Danger | null => {
  const seen = sense.look(text);
  return seen?.urgency === 'none' ? null : seen;
};

function tally(lines: readonly Line[]): Tally {
  const tally = new Tally();
  for (const { text, label, language } of lines) {
    const seen = dangerIn(text);
    if (calm.includes(label)) {
      tally.count(`harmless: left alone, ${label}`, seen === null);
      tally.count(`harmless: left alone, ${language}`, seen === null);
      tally.count(`${label}: not taken for imminent`, seen?.urgency !== 'imminent');
      if (label === 'craving') tally.count('craving: seen as such', sense.look(text)?.kind === 'craving');
      continue;
    }
    const [kind, urgency] = label.split(' ');
    tally.count('danger: seen', seen !== null);
    tally.count(`danger: seen, ${language}`, seen !== null);
    tally.count(`danger: seen, ${label}`, seen !== null);
    tally.count('danger: of the right kind', seen?.kind === kind);
    tally.count(`${urgency}: seen`, seen !== null);
    tally.count(`${urgency}: as such`, seen?.urgency === urgency);
  }
  return tally;
}

describe.each([
  {
    part: 'what was learnt',
    lines: learnt.danger,
    floors: { possible: 0.96, imminent: 0.99, asSuch: 0.96, kind: 0.94, hard: 0.95, craving: 0.91 },
  },
  {
    part: 'unseen',
    lines: unseen.danger,
    floors: { possible: 0.87, imminent: 0.98, asSuch: 0.84, kind: 0.68, hard: 0.91, craving: 0.65 },
  },
])('$part', ({ part, lines, floors }) => {
  test('is large and varied enough to say something', () => {
    const harmless = lines.filter(({ label }) => calm.includes(label));
    expect(lines.length - harmless.length).toBeGreaterThan(100);
    expect(harmless.length).toBeGreaterThan(120);
    expect(harmless.filter(({ label }) => label === 'hard').length).toBeGreaterThan(harmless.length / 2);
    for (const language of ['nb', 'nn', 'en'])
      expect(lines.some((line) => line.language === language && !calm.includes(line.label))).toBe(true);
  });

  test('is told apart well enough', () => {
    const found = tally(lines);
    found.print(`danger, ${part}`);
    expect(found.share('imminent: seen')).toBeGreaterThanOrEqual(floors.imminent);
    expect(found.share('imminent: as such')).toBeGreaterThanOrEqual(floors.asSuch);
    expect(found.share('possible: seen')).toBeGreaterThanOrEqual(floors.possible);
    expect(found.share('danger: of the right kind')).toBeGreaterThanOrEqual(floors.kind);
    expect(found.share('harmless: left alone, hard')).toBeGreaterThanOrEqual(floors.hard);
    expect(found.share('harmless: left alone, plain')).toBeGreaterThanOrEqual(0.97);
    expect(found.share('craving: seen as such')).toBeGreaterThanOrEqual(floors.craving);
  });
});

test('talk about what holds people back is seldom taken for danger', () => {
  const alarms = unseen.obstacles.filter(({ text }) => dangerIn(text) !== null).length;
  process.stdout.write(
    `talk about obstacles: ${alarms} of ${unseen.obstacles.length} lines taken for danger\n`,
  );
  expect(unseen.obstacles.length).toBeGreaterThan(500);
  expect(alarms / unseen.obstacles.length).toBeLessThan(0.025);
});

test('a harmless sentence hides no danger in the next one', () => {
  const bare = (text: string) => text.replace(/[.!?]+$/, '');
  const hard = learnt.danger.filter(({ label }) => label === 'hard').map(({ text }) => bare(text));
  const danger = learnt.danger.filter(({ label }) => !calm.includes(label));
  const hidden = danger.filter(({ text }, at) => {
    const beside = hard[(at * 7) % hard.length];
    const ways = [`${beside}. ${text}`, `${bare(text)}. ${beside}`];
    return dangerIn(text) !== null && ways.some((way) => dangerIn(way) === null);
  });
  expect(hidden.length / danger.length).toBeLessThan(0.01);
});

test.each([
  ['jeg skal ikke gjøre noe dumt, men har pillene foran meg', 'suicide', 'imminent'],
  ['tok alle pillene i går', 'overdose', 'imminent'],
  ['er redd for at han kommer hjem og slår', 'violence', 'possible'],
  ['han slår meg', 'violence', 'imminent'],
  ['sprakk i går, og nå vil jeg dø', 'suicide', 'possible'],
  ['jeg har aldri tenkt på selvmord før, men nå vil jeg dø', 'suicide', 'possible'],
  ['sprakk i går', 'craving', 'none'],
] as const)('"%s" is %s, %s', (text, kind, urgency) => {
  expect(sense.look(text)).toEqual({ kind, urgency });
});

test('capitals, spaces, signs and emoji change nothing', () => {
  for (const { text } of learnt.danger.filter((_, at) => at % 5 === 0)) {
    const seen = sense.look(text);
    const spaced = text.replace(/ /g, '   ');
    for (const way of [text.toUpperCase(), ` \t${spaced}\n`, `😭 ${text} 💔`, `«${text}»`])
      expect(sense.look(way), way).toEqual(seen);
  }
});

test('nothing that is typed breaks it, and nothing makes it run wild', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => void sense.look(text)));
  const words = [...new Set(learnt.danger.flatMap(({ text }) => text.toLowerCase().split(/\s+/)))];
  const fromWords = fc.array(fc.constantFrom(...words), { maxLength: 400 }).map((some) => some.join(' '));
  fc.assert(
    fc.property(fromWords, (text) => void sense.look(text)),
    { numRuns: 50 },
  );
  for (const text of ['vil dø ', 'vil ikke dø ', 'jeg ', 'a', '. ', ', ', 'jegvilikke', 'blåfjellhytte '])
    sense.look(text.repeat(10_000 / text.length));
});

test('a phrase that cannot be read is named', () => {
  const book = {
    passedOver: 'bare',
    neverPassed: 'ikke',
    noTypos: 'hente',
    runTogether: 'jeg',
    harmless: ['nei'],
  };
  const withSign = (sign: string) => () =>
    new DangerSigns([{ ...book, groups: [['jeg', 'jeg | eg']], signs: { suicide: { possible: [sign] } } }]);
  expect(withSign('<jeg> vil ... dø')).not.toThrow();
  expect(withSign('<du> vil dø')).toThrow('"<du>" in "<du> vil dø"');
  expect(withSign('vil dø ...')).toThrow('"vil dø ..."');
  expect(withSign('vil (ikke) leve')).toThrow('"(ikke)"');
});

describe('what follows from it', () => {
  /** Where one text leads somebody, and what it leaves behind; null when the talk just goes on. */
  const follow = (text: string) => {
    const opened: string[] = [];
    const person = { crisis: null, aftermath: null, zone: 'Europe/Oslo', consents: {} };
    const turn = {
      ...{ now: Date.parse('2026-11-18T09:30:00Z'), person, reference: { freeText: { danger: sense } } },
      ...{ fact: () => {}, open: (place: string) => opened.push(place) },
    };
    const event = { id: '1', at: turn.now, seed: '0', kind: 'said', text } as const;
    const settled = lookForDanger(turn as unknown as Turn, event);
    return settled ? { place: opened.join(), crisis: person.crisis !== null } : null;
  };

  test.each([
    ['har tatt alle tablettene', 'help/imminent', true],
    ['han slår meg', 'help/imminent', true],
    ['vil ikke leve lenger', 'help/danger', false],
    ['er det farlig å blande metadon og sprit', 'help/overdose', false],
    ['er redd for eksen min', 'help/violence', false],
    ['kutta ut sobril tvert', 'help/withdrawal', false],
  ])('"%s" leads to %s', (text, place, crisis) => {
    expect(follow(text)).toEqual({ place, crisis });
  });

  test.each(['sprakk i går', 'har sug', 'dør av kjedsomhet'])('"%s" leads nowhere', (text) => {
    expect(follow(text)).toBeNull();
  });
});
