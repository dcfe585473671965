/**
 * Holds the understanding of obstacles and simple intents to lines that nobody fitted anything to, and tells the figures by language
 * and obstacle; and the command that prints it to what it promises about bad input.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noObstacle, obstacleNames } from '../src/core/obstacles.ts';
import { understand } from '../src/core/understand.ts';
import { loadReference } from '../src/engine/program.ts';
import { readExamples } from '../src/sources/examples.ts';
import { learnt, Tally, unseen } from './unseen.ts';

fc.configureGlobal({ seed: 20261122 });

const { freeText } = loadReference('content/meetings/demo.yaml');
const intentsOf = (text: string, language = 'nb') => understand(text, language, freeText).intents;

describe('obstacles', () => {
  test('are heard in the words of a writer whom the program does not know', () => {
    const tally = new Tally();
    for (const { text, label, language } of unseen.obstacles) {
      const { obstacle, sure, guesses } = understand(text, language, freeText);
      const right = (obstacle ?? noObstacle) === label;
      if (label === noObstacle) {
        tally.count(`none: left alone, ${language}`, right);
        tally.count('none: left alone', right);
        tally.count('none: not named', !sure);
        continue;
      }
      tally.count(`right, ${language}`, right);
      tally.count('right', right);
      tally.count(`right, obstacle ${label}`, right);
      tally.count(
        `among the guesses, ${language}`,
        guesses.some((guess) => guess === label),
      );
      if (sure) tally.count('right where it is named', right);
      tally.count('named', sure);
    }
    tally.print('obstacles, unseen');
    expect(tally.share('right, nb')).toBeGreaterThanOrEqual(0.93);
    expect(tally.share('right, nn')).toBeGreaterThanOrEqual(0.94);
    expect(tally.share('right, en')).toBeGreaterThanOrEqual(0.91);
    expect(tally.share('right where it is named')).toBeGreaterThanOrEqual(0.99);
    expect(tally.share('none: left alone')).toBeGreaterThanOrEqual(0.84);
    expect(tally.share('none: not named')).toBeGreaterThanOrEqual(0.96);
    for (const obstacle of obstacleNames)
      expect(tally.share(`right, obstacle ${obstacle}`), obstacle).toBeGreaterThanOrEqual(0.88);
  });

  test('have examples enough, by writers enough, in every language', () => {
    for (const [language, least] of [
      ['nb', 40],
      ['nn', 15],
      ['en', 40],
    ] as const) {
      for (const label of [...obstacleNames, noObstacle]) {
        const lines = learnt.obstacles.filter((line) => line.language === language && line.label === label);
        expect(lines.filter(({ writer }) => writer !== 'cues').length, label).toBeGreaterThanOrEqual(least);
        expect(new Set(lines.map(({ writer }) => writer)).size, label).toBeGreaterThan(2);
      }
    }
  });

  test.each([
    ['nb', 'jeg tror ikke på gud', 'religion'],
    ['nb', 'æ tør itj gå inn dør aleina', 'alone'],
    ['nn', 'eg vil ikkje at sjefen skal få vite det', 'found-out'],
    ['en', "I'm on methadone, will they let me in", 'lar'],
    ['en', 'the nearst meeting is 2 hours away by bus and i have no car', 'distance'],
  ])('%s: "%s" is %s', (language, text, obstacle) => {
    expect(understand(text, language, freeText)).toMatchObject({ obstacle, sure: true, danger: null });
  });

  test('an answer, a greeting and a danger are none', () => {
    for (const text of ['ja', 'hei', 'på tirsdag', 'takk skal du ha', 'jeg vil dø'])
      expect(understand(text, 'nb', freeText).obstacle, text).toBeNull();
  });
});

describe('simple intents', () => {
  test.each([
    ...[
      'ja',
      'Ja!',
      'ja gjerne',
      'jepp',
      'jo',
      'yes please',
      'yeah',
      'ok',
      'Ja takk, gjerne',
      'jau',
      'det stemmer',
      'sure',
    ].map((t) => [t, 'yes']),
    ...[
      'nei',
      'nei takk',
      'niks',
      'nope',
      'ikke nå',
      'no thanks',
      'Nei, ikke nå',
      'næ',
      'ikkje interessert',
    ].map((t) => [t, 'no']),
    ...['hjelp', 'HJELP!', 'help me please', 'kan du hjelpe meg'].map((t) => [t, 'help']),
    ...['stopp', 'STOP', 'slutt å spørre'].map((t) => [t, 'stop']),
    ...['meny', 'menu please', 'vis menyen'].map((t) => [t, 'menu']),
  ])('"%s" is %s', (text, is) => {
    expect(intentsOf(text)).toEqual([{ is }]);
  });

  test.each([
    ['i morgen', { in: 1 }],
    ['tomorrow', { in: 1 }],
    ['i kveld', { in: 0 }],
    ['i overmorgen', { in: 2 }],
    ['på tirsdag', { weekday: 2, next: false }],
    ['tysdag', { weekday: 2, next: false }],
    ['neste lørdag', { weekday: 6, next: true }],
    ['next sunday', { weekday: 7, next: true }],
    ['24. des', { day: 24, month: 12, year: null }],
    ['den 24. desember 2026', { day: 24, month: 12, year: 2026 }],
    ['24.12', { day: 24, month: 12, year: null }],
    ['March 3rd', { day: 3, month: 3, year: null }],
  ])('"%s" is a day', (text, day) => {
    expect(intentsOf(text)).toEqual([{ is: 'day', day }]);
  });

  test.each([
    ['kl 19', '19:00'],
    ['klokka 19.30', '19:30'],
    ['19.30', '19:30'],
    ['19:05', '19:05'],
    ['halv åtte', '07:30'],
    ['halv åtte om kvelden', '19:30'],
    ['sju om kvelden', '19:00'],
    ['kvart på åtte', '07:45'],
    ['kvart over sju', '07:15'],
    ['7pm', '19:00'],
    ['7 am', '07:00'],
    ['half past seven', '07:30'],
    ['12 am', '00:00'],
    ['noon', '12:00'],
  ])('"%s" is a time', (text, time) => {
    expect(intentsOf(text)).toContainEqual({ is: 'time', time });
  });

  test.each([
    ['7', 7],
    ['sju', 7],
    ['seks av ti', 6],
    ['6/10', 6],
    ['kanskje fem', 5],
    ['ten', 10],
    ['0', 0],
  ])('"%s" is a number', (text, number) => {
    expect(intentsOf(text)).toEqual([{ is: 'number', number }]);
  });

  test.each([
    ['Drammen', 'Drammen'],
    ['jeg bor i Drammen', 'Drammen'],
    ['I live in Vennesla', 'Vennesla'],
    ['4616', '4616 Kristiansand'],
  ])('"%s" is a place', (text, label) => {
    expect(intentsOf(text)).toMatchObject([{ is: 'place' }]);
    expect(intentsOf(text)).toMatchObject([
      { places: [expect.stringMatching(new RegExp(`^${label}`, 'i'))] },
    ]);
  });

  test('several at once are all told', () => {
    expect(intentsOf('Ja, på torsdag kl 18')).toEqual([
      { is: 'yes' },
      { is: 'day', day: { weekday: 4, next: false } },
      { is: 'time', time: '18:00' },
    ]);
  });

  test.each([
    'jeg gruer meg til å snakke',
    'mannen min drikker',
    'kan du si litt mer',
    'it is too far',
    'the sun is out',
  ])('"%s" is none of them', (text) => expect(intentsOf(text)).toEqual([]));

  test('to somebody who chats in English, "fire" and "to" are no numbers', () => {
    expect(intentsOf('fire', 'en')).toEqual([]);
    expect(intentsOf('fire', 'nb')).toEqual([{ is: 'number', number: 4 }]);
  });
});

test('nothing that is typed breaks it, and the same always gives the same', () => {
  const language = fc.constantFrom('nb', 'nn', 'en');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), language, (text, lang) => {
      expect(understand(text, lang, freeText)).toEqual(understand(text, lang, freeText));
    }),
  );
  for (const text of [
    '',
    ' ',
    '\n',
    '😀',
    '1'.repeat(9000),
    'ja '.repeat(3000),
    'kl '.repeat(3000),
    '. '.repeat(5000),
  ])
    understand(text, 'nb', freeText);
});

describe('lines to learn from', () => {
  const file = (text: string): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'lines-')), 'lines.txt');
    writeFileSync(path, text);
    return path;
  };

  test.each([
    ['an unknown label', '[joy, a]\nhei\n', ':1: expected [label, writer]'],
    ['no label at all', '# about\nhei\n', ':2: stands under no [label, writer]'],
    ['two labels', '[shame, a]\nhei du\n[form, b]\nHei, du!\n', ':4: "Hei, du!" stands under shame too'],
  ])('are refused with %s', (_, text, fault) => {
    expect(() => readExamples(file(text), 'nb', ['shame', 'form'])).toThrow(fault);
  });
});

describe('the command', () => {
  const run = (input: string | Buffer, ...options: string[]) => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['src/start.js', 'understand', ...options],
      { input },
    );
    return { lines: stdout.toString().split('\n').filter(Boolean), stderr: stderr.toString(), status };
  };

  test('prints one JSON object a line', () => {
    const { lines, status } = run(
      '\uFEFFjeg tror ikke på gud\r\n\r\nja, på tirsdag\njeg vil dø',
      '--lang',
      'nb',
    );
    expect(status).toBe(0);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { text: 'jeg tror ikke på gud', danger: 'none', obstacle: 'religion', intents: [] },
      {
        text: 'ja, på tirsdag',
        danger: 'none',
        obstacle: 'none',
        intents: ['yes', 'day'],
        found: { day: { weekday: 2, next: false } },
      },
      { text: 'jeg vil dø', danger: 'suicide', obstacle: 'none', intents: [] },
    ]);
  });

  test.each([
    ['not UTF-8', Buffer.from('hei\nb\xe5de\n', 'latin1'), [], 'Line 2 is not UTF-8'],
    ['far too long', `${'a'.repeat(20_000)}\n`, [], 'Line 1 is longer than 10000 bytes'],
    ['asked for in an unknown language', 'hei\n', ['--lang', 'sv'], '--lang: expected nb or nn or en'],
  ])('says so when a line is %s', (_, input, options, said) => {
    const { stderr, status } = run(input, ...options);
    expect(status).toBe(1);
    expect(stderr).toContain(said);
  });
});
