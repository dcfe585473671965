/**
 * Lists of BMLT servers: the real New York slice, and invented rows of servers that rename, empty and reuse the stock codes as the Danish one
 * does. What is expected was worked out from the rows by hand.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bytes, options, read, refused, slice, warned } from './lists/reading.ts';

const newYork = options('bmlt', {
  source: 'ny',
  fellowship: 'NA',
  zone: 'America/New_York',
  formats: bytes(slice('bmlt-newyork-formats.json')),
});
const norway = options('bmlt', { source: 'na', fellowship: 'NA' });

/** An invented meeting in Kristiansand, Tuesdays (3) at 19:00. */
const row = (change: Record<string, unknown> = {}) => ({
  id_bigint: '7',
  weekday_tinyint: '3',
  venue_type: '1',
  start_time: '19:00:00',
  duration_time: '01:30:00',
  time_zone: '',
  formats: 'ÅM',
  format_shared_id_list: '17',
  meeting_name: 'Nytt håp',
  location_text: 'Bedehuset',
  location_street: 'Storgata 12',
  location_municipality: '4616 Kristiansand',
  location_postal_code_1: '',
  latitude: '58.1467',
  longitude: '7.9956',
  published: '1',
  ...change,
});
const format = (id: string, key_string: string, name_string: string, more: Record<string, string> = {}) => ({
  id,
  key_string,
  name_string,
  description_string: '',
  lang: 'da',
  world_id: '',
  format_type_enum: 'FC3',
  ...more,
});
/** What the Danish server does to the stock list: other keys, empty world ids, 54 and 55 for something else, OPEN for "online". */
const danish = [
  format('4', 'LUK', 'Lukket', { format_type_enum: 'O' }),
  format('17', 'ÅM', 'Åben Møde', { format_type_enum: 'O' }),
  format('32', 'K', 'Kvinde'),
  format('15', 'M', 'Mand'),
  format('33', 'HV', 'Handicap venlig'),
  format('1', 'NK', 'Nykommer'),
  format('50', 'OM', 'Online Møde', { world_id: 'OPEN' }),
  format('54', 'ID', 'Ingen Dyr', { description_string: 'Det er ikke tilladt at medbringe dyr.' }),
  format('55', 'ST', 'Stempelmøde', { format_type_enum: 'ALERT' }),
  format('57', 'VM', 'Virtual Meeting', { lang: 'en', world_id: 'VM' }),
  format('58', 'TC', 'Ute af drift', { lang: 'en' }),
  format('60', 'NM', 'Samling i skærmen', { world_id: 'OPEN' }),
  format('59', 'HY', 'Hybrid', { lang: 'en', world_id: 'HYBR' }),
  format('47', 'ENG', 'Engelsk', { format_type_enum: 'LANG', world_id: 'LANG' }),
];
const list = (...meetings: unknown[]) => JSON.stringify({ meetings, formats: danish });
const one = (change: Record<string, unknown>) => read(list(row(change)), norway);
const meeting = (change: Record<string, unknown>) => one(change).accepted[0]!;

describe('a recorded server', () => {
  const reading = read(slice('bmlt-newyork.json'), newYork);
  const byId = (id: string) => reading.accepted.find((each) => each.id === `ny-${id}`)!;

  test('every row is accounted for', () => {
    expect([reading.rows, reading.accepted.length, reading.merged.length, reading.rejected.length]).toEqual([
      34, 32, 2, 0,
    ]);
    expect(reading.merged.map(({ into }) => into).toSorted()).toEqual(['ny-1797', 'ny-1964']);
  });

  test.each([
    ['1452', 7, '07:30', 60, 'open', []],
    ['808', 7, '09:00', 90, 'closed', []],
    ['489', 7, '09:30', 90, 'closed', ['wheelchair', 'men']],
    ['1780', 7, '19:00', 90, 'open', ['women']],
    ['501', 1, '18:30', 90, 'closed', ['beginners', 'women']],
    ['905', 2, '19:00', 90, 'open', ['beginners', 'wheelchair', 'young']],
    ['53', 4, '07:00', 90, 'open', []],
    ['112', 5, '23:00', 90, 'open', []],
    ['2584', 6, '08:00', 90, 'unknown', []],
    // "Open-Ended" is not open; the O is.
    ['2046', 4, '19:30', 60, 'open', ['wheelchair']],
  ])('%s is on day %i at %s for %i minutes, %s', (id, weekday, time, minutes, openness, marks) => {
    const found = byId(id);
    expect(found).toMatchObject({
      weekday,
      time,
      minutes,
      openness,
      zone: 'America/New_York',
      online: null,
      fellowship: 'NA',
    });
    expect([...found.marks].toSorted()).toEqual(marks.toSorted());
  });

  test('a format that means nothing to us is told in its own words, and 52 is no book here', () => {
    expect(byId('443').notes.nb).toContain('ID Required to Enter');
    expect(byId('443')).toMatchObject({ closedOnHolidays: true, marks: ['wheelchair'] });
  });

  test('Spanish is a language of the meeting', () => expect(byId('35').languages).toEqual(['es']));

  test('a meeting of twelve hours lasts an hour, and somebody is told', () => {
    expect(byId('2676').minutes).toBe(60);
    expect(warned(reading)).toContain('odd-length');
  });

  test('notes that speak of certain weeks are pointed out', () => {
    expect(reading.warnings).toContainEqual(
      expect.objectContaining({ name: 'End of the Road', reason: 'weeks-in-notes' }),
    );
  });

  test('a house number that looks like a telephone number stays', () => {
    expect(byId('1015').place?.address).toBe('119-15 135 Ave.');
  });

  test('without the formats nothing is said about who may come', () => {
    const { formats: _, ...bare } = newYork;
    const blind = read(slice('bmlt-newyork.json'), bare);
    expect(warned(blind)).toContain('formats-missing');
    expect(blind.accepted.every(({ openness, marks }) => openness === 'unknown' && marks.length === 0)).toBe(
      true,
    );
  });
});

describe('wrappings', () => {
  const rows = JSON.parse(slice('bmlt-newyork.json')) as unknown[];
  const plain = read(slice('bmlt-newyork.json'), newYork);

  test('an envelope without ids of formats is joined by their keys', () => {
    const reading = read(slice('bmlt-envelope.json'), options('bmlt', { zone: 'America/New_York' }));
    expect(reading.accepted).toHaveLength(8);
    expect(reading.accepted.find(({ id }) => id === 'liste-2566')).toMatchObject({
      weekday: 1,
      time: '19:00',
      openness: 'open',
      minutes: 60,
    });
    expect(reading.accepted.find(({ id }) => id === 'liste-2622')?.openness).toBe('unknown');
  });

  test('the daily export, one meeting a line, packed or not', () => {
    const lines = rows.map((each) => JSON.stringify(each)).join('\n');
    expect(read(lines, newYork)).toEqual(plain);
    expect(read(new Uint8Array(gzipSync(lines)), newYork)).toEqual(plain);
  });

  test('a line that is broken is refused alone', () => {
    const lines = [JSON.stringify(rows[0]), '{"id_bigint": "9', JSON.stringify(rows[1])].join('\n');
    const reading = read(lines, newYork);
    expect([reading.accepted.length, refused(reading)]).toEqual([2, { 2: 'unreadable-row' }]);
  });

  test.each(['{}', '[]', '{"meetings":[],"formats":[]}'])('%s is an empty list', (text) => {
    expect(read(text, newYork)).toMatchObject({ rows: 0, warnings: [{ reason: 'empty-list' }] });
  });

  test.each([
    ['<html>Just a moment...</html>', 'not-json'],
    ['"hello"', 'no-list'],
    ['{"error":"down"}', 'no-list'],
    ['', 'not-json'],
  ])('%s is refused as a whole', (text, reason) => {
    expect(refused(read(text, newYork))).toEqual({ 1: reason });
  });

  test('one meeting by itself on a line is a list of one', () => {
    expect(read(JSON.stringify(row()), norway).accepted).toHaveLength(1);
  });
});

describe('a server that renames the codes', () => {
  test('its own words count, by id, whatever the order of the two lists', () => {
    const found = meeting({ formats: 'LUK,NK,K,HV', format_shared_id_list: '1,4,32,33' });
    expect(found).toMatchObject({ openness: 'closed', marks: ['beginners', 'wheelchair', 'women'] });
    expect(meeting({ formats: 'ÅM', format_shared_id_list: '17' }).openness).toBe('open');
  });

  test('"Online Møde" with the world id OPEN is online and not open', () => {
    const found = meeting({
      format_shared_id_list: '50',
      venue_type: '',
      virtual_meeting_link: 'https://zoom.us/j/1',
    });
    expect(found).toMatchObject({ place: null, online: 'https://zoom.us/j/1', openness: 'unknown' });
  });

  test('a world id alone does not make a meeting open, where the name says something else', () => {
    expect(meeting({ format_shared_id_list: '60' }).openness).toBe('unknown');
  });

  test('numbers of the stock list that were given to something else mean that', () => {
    const found = meeting({ format_shared_id_list: '17,54,55' });
    expect(found.place).not.toBeNull();
    expect(found.notes.nb).toContain('Ingen Dyr (Det er ikke tilladt at medbringe dyr)');
    expect(found.notes.nb).toContain('Stempelmøde');
  });

  test('an English meeting is marked', () => {
    expect(meeting({ format_shared_id_list: '47' })).toMatchObject({ marks: [], languages: ['en'] });
  });

  test('what the keeper of the source decided comes first', () => {
    const own = { ...norway, ownFormats: { '55': ['beginners' as const] } };
    expect(read(list(row({ format_shared_id_list: '55' })), own).accepted[0]?.marks).toEqual(['beginners']);
  });

  test('a Swedish server: S is closed, by name', () => {
    const formats = [
      format('4', 'S', 'Slutet möte', { lang: 'sv' }),
      format('17', 'Ö', 'Öppet möte', { lang: 'sv' }),
      format('32', 'K', 'Kvinnomöte', { lang: 'sv' }),
    ];
    const reading = read(
      JSON.stringify({ meetings: [row({ format_shared_id_list: '4,32' })], formats }),
      norway,
    );
    expect(reading.accepted[0]).toMatchObject({ openness: 'closed', marks: ['women'] });
  });

  test('open and closed together is closed', () =>
    expect(meeting({ format_shared_id_list: '4,17' }).openness).toBe('closed'));
});

describe('rooms and links', () => {
  const link = 'https://us02web.zoom.us/j/123';

  test.each([
    ['in a room that is closed for now', { venue_type: '1', format_shared_id_list: '58' }, 'closed-for-now'],
    [
      'closed for now without a venue type, even with a link',
      { venue_type: '', format_shared_id_list: '58', virtual_meeting_link: link },
      'closed-for-now',
    ],
    ['not published', { published: '0' }, 'unpublished'],
    [
      'virtual without link or number',
      { venue_type: '2', latitude: '56.26', longitude: '9.50' },
      'no-way-in',
    ],
    ['without a day', { weekday_tinyint: '' }, 'by-appointment'],
    ['on day 0', { weekday_tinyint: '0' }, 'day-unknown'],
    ['without a time', { start_time: '' }, 'time-missing'],
    ['without a name', { meeting_name: '' }, 'name-missing'],
    ['nowhere', { location_text: '', location_street: '' }, 'no-address'],
  ])('%s is refused', (_, change, reason) => {
    expect(refused(one(change))).toEqual({ 1: reason });
  });

  test('closed for now and virtual meets online only', () => {
    expect(
      meeting({ venue_type: '', format_shared_id_list: '57,58', virtual_meeting_link: link }),
    ).toMatchObject({ place: null, online: link });
    expect(
      meeting({ venue_type: '3', format_shared_id_list: '58', virtual_meeting_link: link }),
    ).toMatchObject({ place: null, online: link });
  });

  test('a virtual meeting at the middle of the country has no place', () => {
    const found = meeting({
      venue_type: '2',
      latitude: '64.5',
      longitude: '17.9',
      phone_meeting_number: '+47 21 00 00 00,,123#',
    });
    expect(found).toMatchObject({ place: null, online: null, phone: '+4721000000,,123#' });
  });

  test('both', () => {
    expect(meeting({ venue_type: '3', virtual_meeting_link: link })).toMatchObject({
      online: link,
      place: { town: 'Kristiansand' },
    });
    expect(
      meeting({ venue_type: '', format_shared_id_list: '59', virtual_meeting_link: link }).place,
    ).not.toBeNull();
  });

  test('postcode and town in one field come apart, and a point that is not there is that of the postcode', () => {
    expect(meeting({ latitude: '0', longitude: '0' }).place).toEqual({
      name: 'Bedehuset',
      address: 'Storgata 12',
      postcode: '4616',
      town: 'Kristiansand',
      lat: places4616.lat,
      lon: places4616.lon,
      approximate: true,
    });
    expect(meeting({}).place).toMatchObject({ lat: 58.1467, lon: 7.9956, postcode: '4616' });
  });

  test('a point in another part of the country is refused, for one of the two is wrong', () => {
    expect(refused(one({ latitude: '69.65', longitude: '18.96' }))).toEqual({ 1: 'point-far' });
  });
});

const places4616 = options('bmlt').places.codes.get('4616')!;

test.each([
  ['', 'Europe/Oslo', false],
  ['Europe/London', 'Europe/London', false],
  ['Oslo', 'Europe/Oslo', true],
])('a row with the zone "%s" is in %s', (time_zone, zone, told) => {
  const reading = one({ time_zone });
  expect(reading.accepted[0]?.zone).toBe(zone);
  expect(warned(reading).includes('zone-unknown')).toBe(told);
});

test('notes lose old titles, tags and contacts, and keep what helps to come in', () => {
  const reading = one({
    comments:
      'Ring p&aring; <b>klokka</b><br>Sp&oslash;rsm&aring;l: 905 29 359 eller kari@example.org. M&oslash;te-ID: 912 3456 7890',
    bus_lines: 'Bus Lines#@-@#Buss 12',
    location_info: 'Bakd&oslash;ra',
    contact_name_1: 'Kari Nordmann',
    contact_phone_1: '90529359',
  });
  const note = reading.accepted[0]!.notes.nb!;
  expect(note).toContain('Ring på klokka\n');
  expect(note).toContain('Buss 12');
  expect(note).toContain('912 3456 7890');
  expect(note).not.toMatch(/905|example|Bus Lines|Nordmann|#@/);
  expect(warned(reading)).toContain('contact-removed');
  expect(JSON.stringify(reading)).not.toMatch(/90529359|Nordmann/);
});

test('the types of the server’s document are those that its document gives', () => {
  const folder = join(import.meta.dirname, '../src/sources/lists/bmlt-api');
  const tool = join(import.meta.dirname, '../node_modules/.bin/openapi-typescript');
  expect(() =>
    execFileSync(tool, [join(folder, 'semantic.json'), '--output', join(folder, 'semantic.ts'), '--check'], {
      stdio: 'pipe',
    }),
  ).not.toThrow();
});
