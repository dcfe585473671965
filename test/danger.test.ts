/**
 * Holds what is seen and what is mistaken in free text to labelled lines, and tells the figures by kind, language and
 * part. The phrases were fitted to the training part; the test part (older, young and dictated writing) only measures,
 * and whoever improves the phrases does not read its errors.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Danger, type DangerKind, DangerSigns, type Urgency } from '../src/core/danger.ts';
import { lookForDanger } from '../src/core/rules/safety.ts';
import type { Turn } from '../src/core/turn.ts';
import { loadDanger } from '../src/sources/speech.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

type Line = {
  style: string;
  lang: string;
  text: string;
  kind?: DangerKind;
  urgency?: Urgency;
  hard?: boolean;
};

const read = (name: string): Line[] => parse(readFileSync(`test/understand/${name}.yaml`, 'utf8'));
const all = { danger: read('danger'), harmless: read('harmless') };
const testStyles = ['e', 'g', 'h'];
const signs = loadDanger('content');

/** What is dangerous in a text; craving is none of it. */
const dangerIn = (text: string): Danger | null => {
  const seen = signs.look(text);
  return seen?.urgency === 'none' ? null : seen;
};

describe.each([
  {
    part: 'training',
    floors: { seen: 0.995, possible: 0.995, imminent: 0.97, kind: 0.96, hard: 0.99, craving: 0.85 },
  },
  {
    part: 'test',
    floors: { seen: 0.97, possible: 0.95, imminent: 0.98, kind: 0.93, hard: 0.96, craving: 0.85 },
  },
])('the $part part', ({ part, floors }) => {
  const mine = ({ style }: Line) => testStyles.includes(style) === (part === 'test');
  const danger = all.danger.filter(mine);
  const harmless = all.harmless.filter(mine);

  test('is large and varied enough to say something', () => {
    expect(danger.length).toBeGreaterThan(150);
    expect(harmless.length).toBeGreaterThan(200);
    expect(harmless.filter((line) => line.hard).length).toBeGreaterThan(harmless.length / 2);
    for (const lang of ['nb', 'nn', 'en']) expect(danger.some((line) => line.lang === lang)).toBe(true);
  });

  test('is told apart well enough', () => {
    const shares = new Map<string, { right: number; of: number }>();
    const count = (name: string, right: boolean) => {
      const share = shares.get(name) ?? { right: 0, of: 0 };
      shares.set(name, { right: share.right + Number(right), of: share.of + 1 });
    };
    const missed: string[] = [];
    for (const { text, kind, urgency, lang } of danger) {
      const seen = dangerIn(text);
      count('danger: seen', seen !== null);
      count(`danger: seen, ${lang}`, seen !== null);
      count(`danger: seen, ${kind} ${urgency}`, seen !== null);
      count('danger: of the right kind', seen?.kind === kind);
      count(`${urgency}: seen`, seen !== null);
      count(`${urgency}: as such`, seen?.urgency === urgency);
      if (urgency === 'imminent' && !seen) missed.push(text);
    }
    for (const { text, kind, hard, lang } of harmless) {
      const name = hard ? 'hard' : kind === 'craving' ? 'craving' : 'plain';
      count(`harmless: left alone, ${name}`, dangerIn(text) === null);
      count(`harmless: left alone, ${lang}`, dangerIn(text) === null);
      if (kind === 'craving') count('craving: seen as such', signs.look(text)?.kind === 'craving');
    }
    const told = [...shares]
      .sort(([one], [other]) => one.localeCompare(other))
      .map(
        ([name, { right, of }]) => `${name.padEnd(44)} ${right}/${of} ${((100 * right) / of).toFixed(1)} %`,
      );
    process.stdout.write(`${part} part\n${told.join('\n')}\n`);

    const share = (name: string) => shares.get(name)!.right / shares.get(name)!.of;
    expect(missed, 'imminent danger that was not seen').toEqual([]);
    expect(share('danger: seen')).toBeGreaterThanOrEqual(floors.seen);
    expect(share('possible: seen')).toBeGreaterThanOrEqual(floors.possible);
    expect(share('imminent: as such')).toBeGreaterThanOrEqual(floors.imminent);
    expect(share('danger: of the right kind')).toBeGreaterThanOrEqual(floors.kind);
    expect(share('harmless: left alone, hard')).toBeGreaterThanOrEqual(floors.hard);
    expect(share('harmless: left alone, craving')).toBeGreaterThanOrEqual(0.98);
    expect(share('harmless: left alone, plain')).toBe(1);
    expect(share('craving: seen as such')).toBeGreaterThanOrEqual(floors.craving);
  });
});

test('talk about what holds people back is seldom taken for danger', () => {
  const talk = ['nb', 'nn', 'en'].flatMap((language): string[] => {
    const byObstacle = parse(readFileSync(`test/understand/obstacles-${language}.yaml`, 'utf8'));
    return Object.values(byObstacle).flatMap(
      (byWriter) => Object.values(byWriter as object).flat() as string[],
    );
  });
  const alarms = talk.filter((text) => dangerIn(text) !== null).length;
  process.stdout.write(`talk about obstacles: ${alarms} of ${talk.length} lines taken for danger\n`);
  expect(talk.length).toBeGreaterThan(500);
  expect(alarms / talk.length).toBeLessThan(0.015);
});

test('a harmless sentence hides no danger in the next one', () => {
  const bare = (text: string) => text.replace(/[.!?]+$/, '');
  const calm = all.harmless.filter((line) => line.hard).map(({ text }) => bare(text));
  const hidden = all.danger.filter(({ text }, at) => {
    const beside = calm[(at * 7) % calm.length];
    const ways = [`${beside}. ${text}`, `${bare(text)}. ${beside}`];
    return dangerIn(text) !== null && ways.some((way) => dangerIn(way) === null);
  });
  expect(hidden.length / all.danger.length).toBeLessThan(0.005);
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
  expect(signs.look(text)).toEqual({ kind, urgency });
});

test('capitals, spaces, signs and emoji change nothing', () => {
  for (const { text } of [...all.danger, ...all.harmless]) {
    const seen = signs.look(text);
    const spaced = text.replace(/ /g, '   ');
    for (const way of [text.toUpperCase(), ` \t${spaced}\n`, `😭 ${text} 💔`, `«${text}»`])
      expect(signs.look(way), way).toEqual(seen);
  }
});

test('nothing that is typed breaks it, and nothing makes it run wild', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => void signs.look(text)));
  const words = [...new Set(all.danger.flatMap(({ text }) => text.toLowerCase().split(/\s+/)))];
  const fromWords = fc.array(fc.constantFrom(...words), { maxLength: 400 }).map((some) => some.join(' '));
  fc.assert(
    fc.property(fromWords, (text) => void signs.look(text)),
    { numRuns: 50 },
  );
  for (const text of ['vil dø ', 'vil ikke dø ', 'jeg ', 'a', '. ', ', ', 'jegvilikke', 'blåfjellhytte '])
    signs.look(text.repeat(10_000 / text.length));
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
      ...{ now: Date.parse('2026-11-18T09:30:00Z'), person, reference: { danger: signs } },
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
