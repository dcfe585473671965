/**
 * Holds what is seen and what is mistaken in free text to labelled lines, and tells the figures. The program learnt from
 * the lines in content/; those in test/understand/danger were written by somebody else and only measure: whoever improves
 * the program does not read them, and adds nothing because of them.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Concepts } from '../src/core/concepts.ts';
import { type Danger, DangerSigns } from '../src/core/danger.ts';
import { Families } from '../src/core/families.ts';
import { lookForDanger } from '../src/core/rules/safety.ts';
import { Traits } from '../src/core/traits.ts';
import type { Turn } from '../src/core/turn.ts';
import { loadReference } from '../src/engine/program.ts';
import { type LabelledLine, readDangerLines } from '../src/sources/danger-lines.ts';
import { shelvesIn } from '../src/sources/shelf.ts';
import { loadCommands } from '../src/sources/speech.ts';
import { loadHearing } from '../src/sources/understanding.ts';
import { unseen } from './unseen.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const linesIn = (folder: string): LabelledLine[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .flatMap((name) => readDangerLines(join(folder, name), name.slice(0, 2)));
const isDanger = ({ danger }: LabelledLine) => danger !== null && danger.urgency !== 'none';
const learnt = linesIn('content/understanding/danger');
const heldOut = linesIn('test/understand/danger');
const commands = loadCommands('content');
const hearing = loadReference('content/meetings/demo.yaml').freeText;
const signs = hearing.danger;

/** What is dangerous in a text; craving is none of it. */
const dangerIn = (text: string): Danger | null => {
  const seen = signs.look(text);
  return seen?.urgency === 'none' ? null : seen;
};

/** What was seen of some lines, told and given as shares. */
function measured(part: string, lines: readonly LabelledLine[]): (name: string) => number {
  const shares = new Map<string, { right: number; of: number }>();
  const count = (name: string, right: boolean) => {
    const share = shares.get(name) ?? { right: 0, of: 0 };
    shares.set(name, { right: share.right + Number(right), of: share.of + 1 });
  };
  for (const line of lines) {
    const seen = dangerIn(line.text);
    if (line.danger && isDanger(line)) {
      const { kind, urgency } = line.danger;
      count(`${urgency}: seen`, seen !== null);
      count(`${urgency}: seen, ${kind}`, seen !== null);
      count(`${urgency}: as such`, seen?.urgency === urgency);
      if (seen) count('of the right kind, when seen', seen.kind === kind);
    } else {
      count(`harmless: alarm, ${line.label}`, seen !== null);
      count('harmless: help shown at once', seen?.urgency === 'imminent');
      if (line.label === 'craving') count('craving: seen as such', signs.look(line.text)?.kind === 'craving');
    }
  }
  const told = [...shares]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, { right, of }]) => `${name.padEnd(36)} ${right}/${of} ${((100 * right) / of).toFixed(1)} %`);
  process.stdout.write(`${part}\n${told.join('\n')}\n`);
  return (name) => shares.get(name)!.right / shares.get(name)!.of;
}

describe('of lines that it has never seen, by another writer', () => {
  test('it tells danger well enough', () => {
    expect(heldOut.filter(isDanger).length).toBeGreaterThan(800);
    expect(heldOut.filter(({ label }) => label === 'hard').length).toBeGreaterThan(800);
    const share = measured('held out', heldOut);
    expect(share('imminent: seen')).toBeGreaterThanOrEqual(0.98);
    expect(share('imminent: as such')).toBeGreaterThanOrEqual(0.94);
    expect(share('possible: seen')).toBeGreaterThanOrEqual(0.94);
    expect(share('of the right kind, when seen')).toBeGreaterThanOrEqual(0.95);
    expect(share('harmless: alarm, hard')).toBeLessThanOrEqual(0.09);
    expect(share('harmless: alarm, plain')).toBeLessThanOrEqual(0.03);
    expect(share('harmless: help shown at once')).toBeLessThanOrEqual(0.04);
    expect(share('harmless: alarm, craving')).toBeLessThanOrEqual(0.07);
    expect(share('craving: seen as such')).toBeGreaterThanOrEqual(0.75);
  });
});

test('what it has learnt it knows', () => {
  const missed = learnt.filter(({ danger, text }) => danger?.urgency === 'imminent' && !dangerIn(text));
  expect(missed.map(({ text }) => text)).toEqual([]);
  const share = measured('learnt', learnt);
  expect(share('imminent: as such')).toBeGreaterThan(0.98);
  expect(share('possible: seen')).toBeGreaterThan(0.98);
  expect(share('of the right kind, when seen')).toBeGreaterThan(0.98);
  expect(share('harmless: alarm, hard')).toBeLessThan(0.01);
  expect(share('harmless: alarm, plain')).toBe(0);
});

test('talk about what holds people back is seldom taken for danger', () => {
  const talk = unseen.obstacles.map(({ text }) => text);
  const alarms = talk.filter((text) => dangerIn(text) !== null).length;
  process.stdout.write(`talk about obstacles: ${alarms} of ${talk.length} lines taken for danger\n`);
  expect(talk.length).toBeGreaterThan(500);
  expect(alarms / talk.length).toBeLessThan(0.045);
});

test('a harmless sentence hides no danger in the next one', () => {
  const bare = (text: string) => text.replace(/[.!?]+$/, '');
  const calm = learnt.filter(({ label }) => label === 'hard').map(({ text }) => bare(text));
  const dangers = learnt.filter(isDanger).filter((_, at) => at % 4 === 0);
  const hidden = dangers.filter(({ text }, at) => {
    const beside = calm[(at * 7) % calm.length];
    const ways = [`${beside}. ${text}`, `${bare(text)}. ${beside}`];
    return dangerIn(text) !== null && ways.some((way) => dangerIn(way) === null);
  });
  expect(hidden.length / dangers.length).toBeLessThan(0.005);
});

test('much talk around it drowns no danger', () => {
  const talk =
    'det var fint vær i dag og vi gikk en tur langs vannet før vi spiste middag hos søsteren min '.repeat(20);
  for (const text of [
    'jeg har tatt alle pillene mine',
    'han puster ikke og er helt blå',
    'vil ikke leve lenger',
  ])
    for (const way of [`${talk}${text}`, `${text} ${talk}`, `${talk}. ${text}. ${talk}`])
      expect(dangerIn(way), text).not.toBeNull();
});

test.each([
  ['jeg skal ikke gjøre noe dumt, men har pillene foran meg', 'suicide', 'imminent'],
  ['tok alle pillene i går', null, 'imminent'],
  ['er redd for at han kommer hjem og slår', 'violence', 'possible'],
  ['han slår meg', 'violence', 'imminent'],
  ['sprakk i går, og nå vil jeg dø', 'suicide', 'possible'],
  ['jeg har aldri tenkt på selvmord før, men nå vil jeg dø', 'suicide', 'possible'],
  ['sprakk i går', 'craving', 'none'],
] as const)('"%s" is %s, %s', (text, kind, urgency) => {
  const seen = signs.look(text);
  expect(seen?.urgency).toBe(urgency);
  // Pills taken on purpose and by mistake look alike; the card for what happens now has the numbers for both.
  if (kind) expect(seen?.kind).toBe(kind);
});

test('capitals, spaces, signs and emoji change nothing', () => {
  for (const { text } of learnt.filter((_, at) => at % 5 === 0)) {
    const seen = signs.look(text);
    const spaced = text.replace(/ /g, '   ');
    for (const way of [text.toUpperCase(), ` \t${spaced}\n`, `😭 ${text} 💔`, `«${text}»`])
      expect(signs.look(way), way).toEqual(seen);
  }
});

test('nothing that is typed breaks it, and nothing makes it run wild', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => void signs.look(text)));
  const words = [...new Set(learnt.flatMap(({ text }) => text.toLowerCase().split(/\s+/)))];
  const fromWords = fc.array(fc.constantFrom(...words), { maxLength: 400 }).map((some) => some.join(' '));
  fc.assert(
    fc.property(fromWords, (text) => void signs.look(text)),
    { numRuns: 50 },
  );
  for (const text of ['vil dø ', 'vil ikke dø ', 'jeg ', 'a', '. ', ', ', 'jegvilikke', 'blåfjellhytte '])
    signs.look(text.repeat(10_000 / text.length));
});

test('a line that was written down is known word for word, whatever the others teach', () => {
  const possible = { kind: 'suicide', urgency: 'possible' } as const;
  const wordsOnly = new Traits(new Concepts([]), new Families({}), new Map());
  const ja = (times: number) => Array(times).fill('ja').join(' ');
  const others = (danger: Danger | null) =>
    [2, 3, 5, 6, 7, 8, 9, 10].map((times) => ({ text: ja(times), danger }));
  const lookBesides = (line: Danger | null, all: Danger | null) =>
    new DangerSigns(
      wordsOnly,
      () => [{ text: ja(4), danger: line }, ...others(all)],
      () => [],
    ).look('JA ja, JA ja!');
  expect(lookBesides(possible, null)).toEqual(possible);
  expect(lookBesides(null, possible)).toBeNull();
});

describe('faults in what it learns from', () => {
  const book = { known: 'jeg', runTogether: 'jeg', concepts: [['pills', 'piller | tablett*']] as const };

  test('a way of saying it that cannot be read is named', () => {
    const withWays = (ways: string) => () => new Concepts([{ ...book, concepts: [['pills', ways]] }]);
    expect(withWays('piller | tar tablett*')).not.toThrow();
    expect(withWays('piller | (mange) tabletter')).toThrow('"(mange)" in "(mange) tabletter"');
  });

  test.each([
    ['[suicide soon, a]\nvil dø', ':1: expected [label, writer]'],
    ['vil dø', ':1: stands under no [label, writer]'],
    ['[suicide possible, a]\nvil dø\n[hard, a]\nVil dø!', ':4: "Vil dø!" stands under suicide possible too'],
  ])('%j is told by its line', (text, fault) => {
    const file = join(mkdtempSync(join(tmpdir(), 'danger-')), 'lines.txt');
    writeFileSync(file, text);
    expect(() => readDangerLines(file, 'nb')).toThrow(fault);
  });
});

describe('what follows from it', () => {
  /** Where one text leads somebody, and what it leaves behind; null when the talk just goes on. */
  const follow = (text: string) => {
    const opened: string[] = [];
    const person = { crisis: null, aftermath: null, zone: 'Europe/Oslo', consents: {} };
    const turn = {
      ...{
        now: Date.parse('2026-11-18T09:30:00Z'),
        person,
        reference: { freeText: { danger: signs }, commands },
      },
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

test('a shelf gives back what was put on it for the very same examples, and nothing once it is damaged', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shelf-'));
  const learntBefore = {
    slopes: Float32Array.of(1, -2, 0.5),
    constants: Float32Array.of(3),
    rarity: Float32Array.of(4, 5),
  };
  const shelf = (of: string, ...from: string[]) => shelvesIn([folder], from)(of);
  expect(shelf('danger', 'a').find()).toBeNull();
  shelf('danger', 'a').put(learntBefore);
  expect(shelf('danger', 'a').find()).toEqual(learntBefore);
  expect(shelf('obstacles', 'a').find()).toBeNull();
  expect(shelf('danger', 'a', 'b').find()).toBeNull();
  const [file = ''] = readdirSync(folder);
  const bytes = readFileSync(join(folder, file));
  bytes[20] = bytes[20]! ^ 1;
  writeFileSync(join(folder, file), bytes);
  expect(shelf('danger', 'a').find()).toBeNull();
});

test('a shelf that can not be written to is passed over for the next', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shelf-'));
  const noFolder = join(folder, 'a-file');
  writeFileSync(noFolder, '');
  const shelf = () => shelvesIn([noFolder, join(folder, 'new')], ['a'])('danger');
  expect(shelf().holds()).toBe(false);
  const one = Float32Array.of(1);
  shelf().put({ slopes: one, constants: one, rarity: one });
  expect(shelf().holds()).toBe(true);
  expect(shelf().find()?.slopes).toEqual(one);
  // Nowhere at all is no fault.
  shelvesIn([noFolder], ['a'])('danger').put({ slopes: one, constants: one, rarity: one });
});

test('what is learnt anew is the same, and is kept for the next start, until something else is learnt', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shelf-'));
  writeFileSync(join(folder, 'learnt-of-old.bin'), '');
  const texts = [...heldOut.slice(0, 40), ...learnt.slice(0, 40)].map(({ text }) => text);
  const { danger, obstacle } = hearing;
  const understood = texts.map((text) => [danger.look(text), obstacle(text)]);
  for (const _ of ['first start', 'second start']) {
    const again = loadHearing('content', [folder]);
    expect(texts.map((text) => [again.danger.look(text), again.obstacle(text)])).toEqual(understood);
    const kept = readdirSync(folder).sort();
    expect(kept.map((name) => name.replace(/[0-9a-f]{32}/, '#'))).toEqual([
      'learnt-#-danger.bin',
      'learnt-#-obstacles.bin',
    ]);
  }
});
