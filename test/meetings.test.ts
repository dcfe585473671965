/**
 * Meetings: which are suggested and why, the reader of meeting files, and the invented sample meetings.
 * Expected moments come from the independent table of wall clocks.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distanceKm, type Meeting } from '../src/core/meeting.ts';
import { MeetingIndex } from '../src/core/meeting-index.ts';
import { occurrenceId } from '../src/core/occurrence.ts';
import type { Wish } from '../src/core/ranking.ts';
import { type Suggestion, suggest as suggestFrom } from '../src/core/suggest.ts';
import { languages } from '../src/core/words.ts';
import { loadMeetings } from '../src/sources/meetings.ts';
import { wall } from './fakes/wall.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const demoFile = join(import.meta.dirname, '../content/meetings/demo.yaml');
const oslo = 'Europe/Oslo';
const HOUR = 3_600_000;
const centre = { lat: 59.91, lon: 10.75 };
const at = (date: string, time: string) => wall(oslo).firstShown(date, time);
/** About so many kilometres north of the centre: a degree of latitude is 111.2 km on the globe used. */
const north = (km: number) => ({ lat: centre.lat + km / 111.195, lon: centre.lon });

function meeting(id: string, change: Partial<Meeting> = {}): Meeting {
  return {
    id,
    name: id,
    fellowship: 'AA',
    weekday: 2,
    time: '19:00',
    minutes: 60,
    zone: oslo,
    place: { name: 'Sal', address: 'Eksempelgata 1', postcode: '0184', town: 'Oslo', ...centre },
    online: null,
    openness: 'closed',
    notes: {},
    confirmed: '2026-11-01',
    marks: [],
    ...change,
  };
}
const placed = (id: string, km: number, change: Partial<Meeting> = {}) =>
  meeting(id, { ...change, place: { ...meeting(id).place!, ...north(km) } });
const online = (id: string, change: Partial<Meeting> = {}) =>
  meeting(id, { ...change, place: null, online: 'https://example.org/x' });

const suggest = (meetings: Meeting[], wish: Wish) => suggestFrom(new MeetingIndex(meetings), wish);

describe('distance', () => {
  test('of places whose distance is known', () => {
    const kristiansand = { lat: 58.1467, lon: 7.9956 };
    const tromso = { lat: 69.6489, lon: 18.9551 };
    expect(distanceKm(centre, kristiansand)).toBeCloseTo(251.6, 0);
    expect(distanceKm(kristiansand, tromso)).toBeCloseTo(distanceKm(tromso, kristiansand), 9);
    expect(distanceKm(centre, centre)).toBe(0);
    expect(distanceKm({ lat: 0, lon: 0 }, { lat: 0, lon: 180 })).toBeCloseTo(Math.PI * 6371, 6);
  });
});

describe('suggestions', () => {
  const monday = at('2026-11-23', '12:00');
  const wish: Wish = { near: centre, fellowships: [], from: monday, zone: oslo };
  const ids = (found: Suggestion[]) => found.map((one) => occurrenceId(one));

  test('sooner comes before later, near before far, in person before online, beginners and open before closed', () => {
    const order = (...meetings: Meeting[]) => suggest(meetings, wish).map((one) => one.meeting.id);
    expect(order(meeting('later', { weekday: 3 }), meeting('sooner'))).toEqual(['sooner', 'later']);
    expect(order(placed('far', 5), placed('near', 1))).toEqual(['near', 'far']);
    expect(order(online('online'), placed('there', 40))).toEqual(['there', 'online']);
    expect(
      order(
        meeting('closed'),
        meeting('open', { openness: 'open' }),
        meeting('new', { marks: ['beginners'] }),
      ),
    ).toEqual(['new', 'open', 'closed']);
    // A kilometre weighs as much as an hour.
    expect(order(placed('far-tomorrow', 26), placed('near-overmorrow', 1, { weekday: 3 }))).toEqual([
      'near-overmorrow',
      'far-tomorrow',
    ]);
  });

  test('equal ones stand in the order of their ids, however the list was sorted', () => {
    const all = ['d', 'b', 'a', 'c'].map((id) => meeting(id));
    for (const list of [all, all.toReversed()]) {
      expect(suggest(list, wish).map((one) => one.meeting.id)).toEqual(['a', 'b', 'c']);
    }
  });

  test('nothing that starts in less than half an hour', () => {
    const soon = (from: number) => ids(suggest([meeting('a')], { ...wish, from }));
    expect(soon(at('2026-11-24', '18:30'))).toEqual(['a@2026-11-24']);
    expect(soon(at('2026-11-24', '18:31'))).toEqual(['a@2026-12-01']);
  });

  test('what was turned down is not offered again, nor anything more than two weeks ahead', () => {
    const exclude: string[] = [];
    const offered: string[] = [];
    for (let round = 0; round < 4; round++) {
      const [next] = ids(suggest([meeting('a')], { ...wish, exclude }));
      if (next) offered.push(next);
      exclude.push(next ?? 'none');
    }
    expect(offered).toEqual(['a@2026-11-24', 'a@2026-12-01']);
  });

  test('only the fellowships wished for', () => {
    const both = [meeting('aa'), meeting('na', { fellowship: 'NA' })];
    expect(suggest(both, { ...wish, fellowships: ['NA'] }).map((one) => one.meeting.id)).toEqual(['na']);
    expect(suggest(both, wish)).toHaveLength(2);
  });

  test('groups for women or men only when wished for', () => {
    const groups = [meeting('women', { marks: ['women'] }), meeting('men', { marks: ['men'] })];
    expect(suggest(groups, wish)).toEqual([]);
    expect(suggest(groups, { ...wish, wants: ['women'] }).map((one) => one.meeting.id)).toEqual(['women']);
  });

  test('with nothing within 60 km one online is among them; beyond 150 km nobody is sent', () => {
    const far = [61, 62, 63].map((km) => placed(`far-${km}`, km));
    const late = online('online', { weekday: 1, time: '11:00' });
    expect(suggest([...far, late], wish).map((one) => [one.meeting.id, one.km])).toEqual([
      ['far-61', 61],
      ['far-62', 62],
      ['online', null],
    ]);
    const near = [placed('near', 59), ...far, late];
    expect(suggest(near, wish).map((one) => one.meeting.id)).toEqual(['near', 'far-61', 'far-62']);
    expect(
      suggest([placed('edge', 149.9), placed('beyond', 150.1)], wish).map((one) => one.meeting.id),
    ).toEqual(['edge']);
    const hybrid = { ...placed('hybrid', 200), online: 'https://example.org/x' };
    expect(suggest([hybrid], wish)[0]).toMatchObject({
      km: null,
      reasons: expect.arrayContaining(['online']),
    });
  });

  test('reasons say what sets one apart', () => {
    const found = suggest(
      [
        placed('b', 3, { weekday: 1, fellowship: 'NA' }),
        placed('c', 1),
        placed('d', 2, { weekday: 3, marks: ['beginners'], openness: 'open' }),
      ],
      wish,
    );
    expect(Object.fromEntries(found.map((one) => [one.meeting.id, one.reasons]))).toEqual({
      b: ['soonest', 'fellowship'],
      c: ['nearest'],
      d: ['beginners', 'open'],
    });
    expect(suggest([meeting('x')], wish).map((one) => one.reasons)).toEqual([['soonest', 'nearest']]);
    expect(suggest([meeting('x'), meeting('y')], wish).map((one) => one.reasons)).toEqual([
      ['another-group'],
      ['another-group'],
    ]);
    const more = suggest([placed('x', 1), placed('y', 2), placed('z', 2, { time: '20:00' })], wish);
    expect(more.map((one) => one.reasons)).toEqual([['nearest'], ['another-group'], ['another-time']]);
  });

  test('every suggestion has a reason, and every reason holds for it alone', () => {
    const anyMeeting = fc
      .record({
        id: fc.integer({ min: 0, max: 999 }),
        km: fc.constantFrom(0, 1, 5, 59, 61, 120, 160),
        weekday: fc.constantFrom(1, 2, 3, 7),
        time: fc.constantFrom('12:00', '19:00'),
        fellowship: fc.constantFrom('AA', 'NA'),
        openness: fc.constantFrom('open', 'closed', 'unknown'),
        marks: fc.subarray(['beginners', 'women', 'quiet']),
        how: fc.constantFrom('there', 'online', 'both'),
      })
      .map(({ id, km, how, ...rest }) => {
        const made = placed(`m${id}`, km, rest as Partial<Meeting>);
        if (how === 'there') return made;
        return { ...made, place: how === 'both' ? made.place : null, online: 'https://example.org/x' };
      });
    fc.assert(
      fc.property(fc.uniqueArray(anyMeeting, { selector: ({ id }) => id, maxLength: 12 }), (meetings) => {
        const found = suggest(meetings, wish);
        expect(suggest(meetings.toReversed(), wish)).toEqual(found);
        for (const one of found) {
          expect(one.reasons.length).toBeGreaterThan(0);
          expect(one.starts - monday).toBeGreaterThanOrEqual(HOUR / 2);
          for (const reason of one.reasons) expect(found.filter(holds[reason]!(found, one))).toEqual([one]);
        }
        const inPerson = meetings.filter((each) => each.place && !each.marks.includes('women'));
        const near = inPerson.some((each) => distanceKm(each.place!, centre) <= 60);
        const someOnline = meetings.some(
          (each) => each.online && !each.marks.includes('women') && !each.place,
        );
        if (!near && someOnline) expect(found.some((one) => one.km === null)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  /** For each reason: which of the suggestions it is true of. */
  type Claim = (all: Suggestion[], one: Suggestion) => (each: Suggestion) => boolean;
  const first = (all: number[], value: number | null) => value !== null && value === Math.min(...all);
  const holds: Record<string, Claim> = {
    soonest: (all) => (each) =>
      first(
        all.map(({ starts }) => starts),
        each.starts,
      ),
    nearest: (all) => (each) =>
      first(
        all.flatMap(({ km }) => (km === null ? [] : [km])),
        each.km,
      ),
    beginners: () => (each) => each.meeting.marks.includes('beginners'),
    open: () => (each) => each.meeting.openness === 'open',
    online: () => (each) => each.km === null,
    fellowship: (_, one) => (each) => each.meeting.fellowship === one.meeting.fellowship,
    'another-day': (_, one) => (each) => each.date === one.date,
    'another-time': (_, one) => (each) => each.starts === one.starts,
    'another-place': (_, one) => (each) => each.meeting.place?.lat === one.meeting.place?.lat,
    'another-group': (_, one) => (each) => each.meeting.id === one.meeting.id,
  };
});

describe('the sample meetings', () => {
  const demo = loadMeetings(demoFile);
  const towns = { Kristiansand: { lat: 58.1467, lon: 7.9956 }, Oslo: { lat: 59.9127, lon: 10.7461 } };

  test('cannot be mistaken for real ones', () => {
    expect(demo.length).toBeGreaterThanOrEqual(12);
    for (const one of demo) {
      expect(one.demo).toBe(true);
      expect(one.name).toContain('oppdiktet');
      if (one.place) expect(one.place.name).toMatch(/^Oppdiktet/);
      if (one.online) expect(new URL(one.online).hostname).toBe('example.org');
      expect(Object.keys(one.notes).sort()).toEqual([...languages].sort());
    }
  });

  test('lie where their postcode lies', () => {
    const postcodes = JSON.parse(
      readFileSync(join(import.meta.dirname, '../content/places/postcodes.json'), 'utf8'),
    ) as Record<string, [number, number, string]>;
    for (const { place } of demo) {
      if (!place) continue;
      const [lat, lon, town] = postcodes[place.postcode]!;
      expect(distanceKm(place, { lat, lon })).toBeLessThan(3);
      expect(town).toMatch(new RegExp(`^${place.town}`));
    }
  });

  test.each(Object.entries(towns))(
    'in %s there is one to go to within 48 hours, at any hour of the week',
    (_, near) => {
      for (let hour = 0; hour < 7 * 24; hour++) {
        const from = at('2026-11-23', '00:00') + hour * HOUR;
        const found = suggest(demo, { near, fellowships: [], from, zone: oslo });
        const soon = found.filter(({ km, starts }) => km !== null && km < 20 && starts - from <= 48 * HOUR);
        expect(soon.length, `${hour} hours into the week`).toBeGreaterThan(0);
      }
    },
  );
});

describe('the reader of meeting files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'meetings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const row = (change: (text: string) => string = (text) => text) =>
    change(`- id: one
  name: En gruppe
  fellowship: AA
  weekday: 2
  time: '19:00'
  minutes: 60
  zone: Europe/Oslo
  place:
    name: Sal
    address: Eksempelgata 1
    postcode: '0184'
    town: Oslo
    lat: 59.9
    lon: 10.7
  online: null
  openness: open
  marks: []
  confirmed: '2026-11-01'
  notes: {}
`);
  const load = (text: string) => {
    const file = join(folder, 'list.yaml');
    writeFileSync(file, text);
    try {
      return loadMeetings(file);
    } catch (error) {
      return (error as Error).message.replaceAll(`${file}:`, '').split('\n');
    }
  };

  test('takes a row that is right', () => {
    expect(load(row())).toEqual([
      expect.objectContaining({ id: 'one', place: expect.objectContaining({ postcode: '0184' }) }),
    ]);
  });

  test('takes all that a meeting may have', () => {
    const more = `marks: []
  languages: [en, pl]
  weeks: [1, -1]
  pauses: [{ from: '2026-07-01', to: '2026-08-15' }]
  closedOnHolidays: true
  phone: '+47 22 00 00 00'`;
    expect(
      load(
        row((text) =>
          text.replace('marks: []', more).replace('lon: 10.7', 'lon: 10.7\n    approximate: true'),
        ),
      ),
    ).toEqual([
      expect.objectContaining({
        languages: ['en', 'pl'],
        weeks: [1, -1],
        pauses: [{ from: '2026-07-01', to: '2026-08-15' }],
        closedOnHolidays: true,
        phone: '+47 22 00 00 00',
        place: expect.objectContaining({ approximate: true }),
      }),
    ]);
  });

  test.each([
    ["time: '19:00'", "time: '24:00'", /^5: time: is no time of day/],
    ["postcode: '0184'", 'postcode: 0184', /^11: place.postcode: must stand in quotes/],
    ['weekday: 2', 'weekday: 8', /^4: weekday: must be 1 \(Monday\) to 7 \(Sunday\)/],
    ['Europe/Oslo', 'Europe/Osslo', /^7: zone: is no time zone/],
    ['Europe/Oslo', "'+01:00'", /^7: zone: is no time zone/],
    ["confirmed: '2026-11-01'", "confirmed: '2026-02-30'", /^18: confirmed: is no date/],
    ["confirmed: '2026-11-01'", "confirmed: '20261101'", /^18: confirmed: is no date/],
    ['online: null', 'online: http://example.org', /^15: online: must be a link that begins with https/],
    ['openness: open', 'opennes: open', /^1: Unrecognized key: "opennes"/],
    ['marks: []', 'marks: [english]', /^17: marks.0: /],
    ['marks: []', 'marks: []\n  weeks: [6]', /^18: weeks.0: must be 1 to 5, or -1/],
    ['marks: []', 'marks: []\n  weeks: []', /^18: weeks: /],
    [
      'marks: []',
      'marks: []\n  pauses: [{ from: 2026-07-02, to: 2026-07-01 }]',
      /^18: pauses.0: ends before it begins/,
    ],
    ['marks: []', 'marks: []\n  languages: [engelsk]', /^18: languages.0: must be a language such as en/],
    ['marks: []', 'marks: []\n  phone: 22000000', /^18: phone: must stand in quotes/],
    ['notes: {}', 'notes: { Norsk: x }', /^19: notes.Norsk: /],
    ['id: one', 'id: One@2', /^1: id: may hold/],
    ['minutes: 60', 'minutes: 60\n  minutes: 90', /^7: Map keys must be unique/],
    ['lat: 59.9', 'lat: 599', /^13: place.lat: /],
    ['name: En gruppe', "name: ' '", /^2: name: /],
    ['  fellowship: AA\n', '', /^1: fellowship: /],
  ])('names the line of a fault: %s -> %s', (from, to, said) => {
    const faults = load(row((text) => text.replace(from, to)));
    expect(faults).toEqual(expect.arrayContaining([expect.stringMatching(said)]));
  });

  test('a meeting nobody can take part in is refused', () => {
    const nowhere = row((text) => text.replace(/place:\n( {4}.*\n)+/, 'place: null\n'));
    expect(load(nowhere)).toEqual([expect.stringMatching(/^8: place: is null and online is too/)]);
  });

  test('gives all faults at once, in the order of the file, doubles among them', () => {
    const second = row((text) => text.replace('weekday: 2', 'weekday: 0'));
    const third = row((text) => text.replace('id: one', 'id: three'));
    expect(load(row() + second + third)).toEqual([
      '20: the same id as the meeting in line 1',
      expect.stringMatching(/^23: weekday: /),
      '39: the same weekday, time, name and place as the meeting in line 1',
    ]);
  });

  test('is not thrown off by a file that is no list', () => {
    for (const text of ['', 'just words', '- 3', '[', 'a: b'])
      expect(load(text)).toEqual([expect.stringMatching(/^\d+: /)]);
  });
});
