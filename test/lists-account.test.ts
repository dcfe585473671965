/**
 * What must hold of every account, whatever comes in: real rows changed at random, bytes that are nothing, rows in another order; and the
 * command that prints it. `holds` in lists/reading.ts says what "must hold" means.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { listFormats } from '../src/core/listing.ts';
import type { ReadOptions } from '../src/sources/lists/read.ts';
import { inProcess } from './fakes/in-process.ts';
import { bytes, options, read, slice } from './lists/reading.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

type Row = Record<string, unknown>;
const rowsIn = (name: string): Row[] => JSON.parse(slice(name)) as Row[];
const feeds: [string, Row[], ReadOptions][] = [
  [
    'bmlt',
    rowsIn('bmlt-newyork.json'),
    options('bmlt', { formats: bytes(slice('bmlt-newyork-formats.json')), zone: 'America/New_York' }),
  ],
  ['a plugin', rowsIn('guide-orangecounty.json'), options('meeting-guide', { zone: 'America/Los_Angeles' })],
  [
    'Al-Anon',
    rowsIn('guide-alanon.json'),
    options('meeting-guide', { fellowship: 'Al-Anon', zone: 'America/New_York' }),
  ],
  ['edge cases', rowsIn('guide-edge-times.json'), options('meeting-guide')],
];
const table = [
  'id;navn;dag;tid;slutt;lokale;adresse;postnr;poststed;lat;lon;type;merknad;nettadresse;uke;pauser',
  ';Nytt håp;tirsdager;19.00;20.30;Bedehuset;Storgata 12;4616;Kristiansand;;;åpent, nykommere;To trapper opp;;;22.6-14.8.2026',
  ';Nytt håp;1. og 3. torsdag;kl 18;;;Storgata 12;4616;;;;lukket;;https://zoom.us/j/1;;',
  '7;Kveld;man-fre;2130;;;Kirkeveien 1;0184;Oslo;59,91;10,75;kvinner;"Ring\nFørst";;siste;',
  ';Nett;søndag;7:30 pm;;;;;;;;online;;https://zoom.us/j/2;;fellesferien',
  ';Feil;annenhver mandag;snart;;;;9999;Vik;;;;;;;',
].map((row) => row.split(';'));
const tableText = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => cells.join(';')).join('\r\n');

/** Values that lists really hold, and ones that nobody would think of. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    null,
    0,
    -1,
    7,
    1e21,
    true,
    [],
    [[]],
    {},
    'siste fredag',
    '19.00',
    '25:99',
    '__proto__',
    '\u0000',
    '\ud800',
    'a@b.no',
    '<b>',
    '&amp;lt;',
  ),
  fc.constantFrom<unknown>(
    'http://x',
    'https://zoom.us/j/1',
    'TC',
    ['TC', 'ONL'],
    '1,2,9',
    [0, 9, 'mandag'],
    '24:00:00',
    '90',
    'Europe/Oslo',
    'Mars/Olympus',
    '0',
    '999',
  ),
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.jsonValue(),
);

describe.each(feeds)('%s', (_, rows, how) => {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];

  test('rows changed at random are all accounted for', () => {
    const change = fc.record({ row: fc.nat({ max: rows.length - 1 }), key: fc.constantFrom(...keys), value });
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 60 }),
        fc.array(value, { maxLength: 3 }),
        (changes, strays) => {
          const mangled = rows.map((row) => ({ ...row }));
          for (const { row, key, value } of changes)
            Object.defineProperty(mangled[row]!, key, {
              value,
              enumerable: true,
              configurable: true,
              writable: true,
            });
          read(JSON.stringify([...mangled, ...strays]), how);
          read([...mangled, ...strays].map((row) => JSON.stringify(row)).join('\n'), how);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('ids do not depend on the order of the rows', () => {
    const doubled = [...rows, ...rows.map((row) => ({ ...row, time: '08:08', start_time: '08:08:00' }))];
    const namesOf = (list: Row[]) =>
      read(JSON.stringify(list), how)
        .accepted.map(({ id, name, weekday, time }) => [id, name, weekday, time].join('|'))
        .toSorted();
    const expected = namesOf(doubled);
    fc.assert(
      fc.property(fc.shuffledSubarray(doubled, { minLength: doubled.length }), (shuffled) => {
        expect(namesOf(shuffled)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('the same list gives the same account', () => {
    const text = JSON.stringify(rows);
    expect(read(text, how)).toEqual(read(text, how));
  });
});

describe('a spreadsheet', () => {
  const how = options('csv');

  test('cells changed at random are all accounted for', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '"',
        '""',
        '=1',
        'siste',
        'man-',
        'til',
        '1.',
        'uke',
        '9-',
        'kl',
        '00',
        '4616',
        'Vik',
        '-',
        '31.2.',
        'ja',
        'nei',
        'online',
        'http://a',
        '(',
        '\\',
        '\u2028',
      ),
    );
    const change = fc.record({
      row: fc.nat({ max: table.length - 1 }),
      at: fc.nat({ max: table[0]!.length - 1 }),
      cell,
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 30 }), (changes) => {
        const mangled = table.map((cells) => [...cells]);
        for (const { row, at, cell } of changes) mangled[row]![at] = cell;
        read(tableText(mangled), how);
      }),
      { numRuns: 200 },
    );
  });

  test('ids do not depend on the order of the rows', () => {
    const [headings, ...rows] = table;
    const ids = (list: string[][]) =>
      read(tableText([headings!, ...list]), how)
        .accepted.map(({ id, time }) => `${id} ${time}`)
        .toSorted();
    expect(ids(rows)).toHaveLength(8);
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(ids(shuffled)).toEqual(ids(rows));
      }),
      { numRuns: 20 },
    );
  });
});

describe('no bytes make it fail', () => {
  test.each(listFormats)('%s', (format) => {
    const how = options(format, { formats: new Uint8Array([0x1f, 0x8b, 9]) });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (any) => void read(any, how)),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 50 }),
        (any) => void read(new Uint8Array([0x1f, 0x8b, ...any]), how),
      ),
      { numRuns: 20 },
    );
    fc.assert(
      fc.property(fc.json(), (any) => void read(any, { ...how, formats: bytes(any) })),
      { numRuns: 200 },
    );
  });

  test.each(feeds)('%s, cut off or with bytes changed', (_, rows, how) => {
    const whole = bytes(JSON.stringify(rows.slice(0, 5)));
    const damage = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), damage, (length, changes) => {
        const damaged = whole.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        for (const format of listFormats) read(damaged.subarray(0, length), { ...how, format });
        read(damaged, how);
      }),
      { numRuns: 40 },
    );
  });
});

describe('merging', () => {
  const how = options('meeting-guide');
  const row = (change: Row = {}): Row => ({
    name: 'Nytt håp',
    slug: 'a',
    day: 2,
    time: '19:00',
    location: 'Bedehuset',
    formatted_address: 'Storgata 12, 0184 Oslo, Norge',
    types: ['O'],
    ...change,
  });
  const account = (...rows: Row[]) => read(JSON.stringify(rows), how);

  test('the same day, time, name and place is one meeting, which has what both tell', () => {
    const reading = account(
      row({ slug: 'b', name: 'NYTT HÅP', types: ['C', 'BE'] }),
      row({ conference_url: 'https://zoom.us/j/1' }),
    );
    expect(reading.accepted).toMatchObject([
      { id: 'liste-a', openness: 'closed', marks: ['beginners'], online: 'https://zoom.us/j/1' },
    ]);
    expect(reading.merged).toEqual([{ row: 1, name: 'NYTT HÅP', into: 'liste-a', reason: 'same-gathering' }]);
  });

  test('what only the other row tells is kept', () => {
    const other = row({ slug: 'b', notes: 'Stengt på helligdager', conference_phone: '+4721000000' });
    expect(account(row(), other).accepted).toMatchObject([
      { id: 'liste-a', closedOnHolidays: true, phone: '+4721000000', notes: { nb: 'Stengt på helligdager' } },
    ]);
  });

  test.each([
    [{ time: '20:00' }],
    [{ day: 3 }],
    [{ name: 'Ny dag' }],
    [{ formatted_address: 'Kirkeveien 1, 0184 Oslo' }],
    [{ types: ['W'] }],
  ])('another %j under the same id is another meeting', (change) => {
    const { accepted, merged } = account(row(), row(change));
    expect([accepted.length, merged.length]).toEqual([2, 0]);
    for (const { id } of accepted) expect(id).toMatch(/^liste-a-[0-9a-f]{10}$/);
  });

  test('other weeks of the month are other gatherings', () => {
    expect(
      account(row({ day: '1. tirsdag' }), row({ day: '3. tirsdag' })).accepted.map(({ weeks }) => weeks),
    ).toEqual([[1], [3]]);
  });

  test('a list without ids gets them from what the meetings are', () => {
    const [{ id: first } = { id: '' }] = account(row({ slug: '' })).accepted;
    expect(first).toMatch(/^liste-[0-9a-f]{10}$/);
    expect(account(row({ slug: '', notes: 'Ny merknad' })).accepted[0]?.id).toBe(first);
  });
});

describe('blimed import', () => {
  const root = join(import.meta.dirname, '..');
  const folder = mkdtempSync(join(tmpdir(), 'blimed-lists-'));
  const file = join(folder, 'agder.csv');
  writeFileSync(
    file,
    tableText([
      ...table,
      ['', 'Kontakt', 'mandag', '19', '', '', 'G 1', '9999', '', '', '', '', 'kari@example.org'],
    ]),
  );
  afterAll(() => rmSync(folder, { recursive: true }));
  const blimed = (...args: string[]) => inProcess(['import', ...args], { DATA_DIR: join(folder, 'none') });
  const how = ['--format', 'csv', '--fellowship', 'AA', '--dry-run'];

  test('prints every row, in words', async () => {
    const { stdout, code } = await blimed(file, ...how);
    expect(code).toBe(0);
    expect(stdout).toContain('10 inn = 8 tatt inn + 0 slått sammen + 2 avvist');
    expect(stdout).toContain('rad 7');
    expect(stdout).toContain('dag: Annenhver uke («annenhver mandag») kan ikke legges inn.');
    expect(stdout).toContain('postnr: Postnummeret finnes ikke i registeret');
    expect(stdout).not.toContain('example.org');
  });

  test('prints the account as JSON, with the meetings', async () => {
    const { stdout } = await blimed(file, ...how, '--json', '--lang', 'en', '--source', 'krs');
    const account = JSON.parse(stdout);
    expect(account.in).toBe(10);
    expect(account.counts).toEqual({
      accepted: 8,
      merged: 0,
      rejected: 2,
      rejectedByReason: { 'every-second-week': 1, 'postcode-unknown': 1 },
    });
    expect(account.accepted[0].id).toBe('krs-nytt-hap-2-19-00-4616');
    expect(account.rejected[0]).toMatchObject({
      row: 6,
      name: 'Feil',
      faults: [
        { column: 'dag', why: expect.stringContaining('Every second week') },
        { column: 'tid' },
        { column: 'adresse' },
      ],
    });
  });

  test.each([
    [[file, '--fellowship', 'AA', '--dry-run'], '--format: expected bmlt, meeting-guide, csv'],
    [[file, '--format', 'csv', '--dry-run'], '--fellowship: expected'],
    [[file, ...how, '--zone', 'Oslo'], '--zone: expected'],
    [[file, ...how, '--source', 'Å'], '--source: expected'],
    [[join(folder, 'none.csv'), ...how], 'cannot be read'],
    [how, 'name the file'],
  ])('%j is refused in one line', async (args, says) => {
    const { stderr, code } = await blimed(...args);
    expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toContain(says);
  });

  test('a list of which nothing comes in is a failure', async () => {
    const empty = join(folder, 'page.html');
    writeFileSync(empty, '<html></html>');
    expect(await blimed(empty, '--format', 'bmlt', '--fellowship', 'NA', '--dry-run')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Fila er ikke JSON'),
    });
  });

  test('prints a template that spreadsheets open with its letters right', async () => {
    const printed = execFileSync(process.execPath, ['src/start.js', 'import', '--template'], { cwd: root });
    expect([...printed.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(printed.toString()).toContain('navn;fellesskap;dag;tid');
  });
});
