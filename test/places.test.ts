/**
 * Finding where somebody is from what they typed, with the lists the program comes with: every way of spelling that people use, every
 * name that means several places, and text that means harm.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inboundOf } from '../src/channels/telegram-updates.ts';
import { decide } from '../src/core/decide.ts';
import { distanceKm } from '../src/core/meeting.ts';
import { findPlace, gazetteer, nearestPostcode } from '../src/core/places.ts';
import { type Clinic, newcomer, type Person } from '../src/core/records.ts';
import { loadPlaces } from '../src/sources/places.ts';
import { reference } from './rig.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const norway = loadPlaces(join(import.meta.dirname, '../content/places'));
const find = (text: string) => findPlace(norway, text);

function found(text: string) {
  const finding = find(text);
  if (finding.kind !== 'found') throw new Error(`${text}: ${finding.kind}`);
  return finding.place;
}
function labels(text: string): [string, string[]] {
  const finding = find(text);
  if (finding.kind === 'found') return ['found', [finding.place.label]];
  const places = finding.kind === 'several' ? finding.places : finding.suggestions;
  return [finding.kind, places.map(({ label }) => label)];
}

describe('postcodes', () => {
  test.each([
    ['4616', '4616 Kristiansand S'],
    [' 0184 Oslo', '0184 Oslo'],
    ['0184', '0184 Oslo'],
    ['N-5003 BERGEN', '5003 Bergen'],
    ['postnummeret er 9008.', '9008 Tromsø'],
  ])('%j is %s', (text, label) => {
    expect(found(text).label).toBe(label);
    expect(found(text).postcode).toBe(label.slice(0, 4));
  });

  test('lie where they should', () => {
    expect(distanceKm(found('0184'), { lat: 59.914, lon: 10.753 })).toBeLessThan(0.5);
    expect(distanceKm(found('4616'), { lat: 58.15, lon: 7.98 })).toBeLessThan(2);
    expect(found('9170').region).toBe('Svalbard og Jan Mayen');
  });

  test('an unknown one offers its neighbours by number; the name beside it decides', () => {
    expect(labels('9999')).toEqual(['unknown', ['9991 Båtsfjord', '9990 Båtsfjord', '9982 Kongsfjord']]);
    // The next number, 5003, is Bergen, far away: the first two digits are the part of the country.
    for (const label of labels('4999')[1]) expect(label).toMatch(/^49/);
    expect(labels('9999 Bergen')).toEqual(['found', ['Bergen']]);
  });

  test('more than four digits are no postcode', () => {
    for (const text of ['90012345', '46161', '461']) expect(find(text).kind).toBe('unknown');
  });
});

describe('names', () => {
  test.each([
    ['kristiansand', 'Kristiansand', 'Agder'],
    ['KRISTIANSAND S', 'Kristiansand S', 'Agder'],
    ['  Oslo ', 'Oslo', 'Oslo'],
    ['Aalesund', 'Ålesund', 'Møre og Romsdal'],
    ['Ålesund', 'Ålesund', 'Møre og Romsdal'],
    ['A\u030alesund', 'Ålesund', 'Møre og Romsdal'],
    ['alesund', 'Ålesund', 'Møre og Romsdal'],
    ['Tromso', 'Tromsø', 'Troms'],
    ['Tromsoe', 'Tromsø', 'Troms'],
    ['Tromsö', 'Tromsø', 'Troms'],
    ['Ås', 'Ås', 'Akershus'],
    ['ny ålesund', 'Ny-Ålesund', 'Svalbard og Jan Mayen'],
    ['oslo sentrum', 'Oslo', 'Oslo'],
    ['jeg bor i Vennesla', 'Vennesla', 'Agder'],
    ['Sand, Rogaland', 'Sand, Rogaland', 'Rogaland'],
    ['sand i rogaland', 'Sand, Rogaland', 'Rogaland'],
    ['Vik i Sogn', 'Vik i Sogn', 'Vestland'],
    ['eidsvag more og romsdal', 'Eidsvåg, Møre og Romsdal', 'Møre og Romsdal'],
  ])('%j is %s in %s', (text, label, region) => {
    expect(found(text)).toMatchObject({ label, region, postcode: null });
  });

  test('towns lie where they should', () => {
    expect(distanceKm(found('Kristiansand'), { lat: 58.147, lon: 7.996 })).toBeLessThan(2);
    expect(distanceKm(found('Tromsø'), { lat: 69.65, lon: 18.956 })).toBeLessThan(3);
  });

  test.each([
    ['Vik', ['Vik, Nordland', 'Vik, Vestland', 'Vik, Buskerud']],
    ['Sand', ['Sand, Innlandet', 'Sand, Rogaland']],
    ['Os', ['Os, Innlandet', 'Os, Vestland']],
    ['bø', ['Bø, Telemark', 'Bø i Vesterålen']],
    ['bo', ['Bø, Telemark', 'Bø i Vesterålen']],
    ['as', ['Aas, Trøndelag', 'Ås']],
    ['Myre', ['Myre, Nordland (8485 Dverberg)', 'Myre, Nordland (8439 Myre)']],
    ['Mandal eller Arendal', ['Mandal', 'Arendal']],
  ])('%j is several places', (text, places) => {
    expect(labels(text)).toEqual(['several', places]);
  });

  test('several places are at most five, lie apart, and each label leads back to its own place', () => {
    const names = new Set([...norway.names.values()].flatMap((places) => places.map(({ name }) => name)));
    let ambiguous = 0;
    for (const name of names) {
      const finding = find(name);
      if (finding.kind === 'unknown') throw new Error(`${name} is not found by its own name`);
      const places = finding.kind === 'found' ? [finding.place] : finding.places;
      if (places.length > 1) ambiguous++;
      expect(places.length).toBeLessThanOrEqual(5);
      expect(new Set(places.map(({ label }) => label)).size).toBe(places.length);
      for (const place of places) {
        expect(distanceKm(found(place.label), place), place.label).toBeLessThan(20);
        for (const other of places) if (other !== place) expect(distanceKm(other, place)).toBeGreaterThan(20);
      }
    }
    expect(ambiguous).toBeGreaterThan(20);
    expect(labels('Vik Sand Os Straume Leknes Dale')[1].length).toBeLessThanOrEqual(5);
  });

  test.each([
    ['Krisitansand', 'Kristiansand'],
    ['Tronheim', 'Trondheim'],
    ['lillehamer', 'Lillehammer'],
    ['Drøbakk', 'Drøbak'],
    ['stavangr', 'Stavanger'],
    ['Grimstda', 'Grimstad'],
    ['Modle', 'Molde'],
  ])('%j looks like %s', (text, label) => {
    const [kind, suggestions] = labels(text);
    expect([kind, suggestions[0]]).toEqual(['unknown', label]);
    expect(suggestions.length).toBeLessThanOrEqual(3);
  });

  test('nothing is made of nothing, of short words or of what resembles no name', () => {
    for (const text of [
      '',
      '   ',
      '?!',
      'i',
      'xq',
      'vet ikke',
      'hjemme hos meg',
      'orker ikke å si det',
      '😀',
    ]) {
      expect(labels(text), text).toEqual(['unknown', []]);
    }
  });
});

describe('text that means harm', () => {
  test('is answered like any other', () => {
    const hostile = [
      'a'.repeat(1_000_000),
      '1 '.repeat(500_000),
      'å'.normalize('NFD').repeat(100_000),
      '(((((((((('.repeat(10_000),
      '__proto__',
      'constructor',
      "'; DROP TABLE places; --",
      '\u0000\u202e\ud800',
      '𝕏'.repeat(1000),
    ];
    for (const text of hostile) expect(find(text).kind, text.slice(0, 20)).toBe('unknown');
  });

  test('costs no more the longer it is: only the beginning is read', () => {
    const beginning = `Kristiansand${' '.repeat(68)}`;
    expect(find(`${beginning}${'Oslo '.repeat(100_000)}`)).toEqual(find('Kristiansand'));
  });

  test('never breaks it', () => {
    const pieces = fc.constantFrom(
      'oslo',
      'sand',
      ' i ',
      'rogaland',
      'å',
      ',',
      '0184',
      '9999',
      'æ',
      '\u0301',
      'aa',
      '-',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 90 }),
      fc.array(pieces).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const finding = find(typed);
        if (finding.kind === 'found') expect(finding.place.lat).toBeGreaterThan(57);
        if (finding.kind === 'several') expect(finding.places.length).toBeGreaterThan(1);
        if (finding.kind === 'unknown') expect(finding.suggestions.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the lists', () => {
  test('are whole, and every county is named', () => {
    expect(norway.codes.size).toBe(5132);
    expect([...norway.regions.values()].sort((a, b) => a.localeCompare(b, 'nb'))).toEqual([
      'Agder',
      'Akershus',
      'Buskerud',
      'Finnmark',
      'Innlandet',
      'Møre og Romsdal',
      'Nordland',
      'Oslo',
      'Rogaland',
      'Svalbard og Jan Mayen',
      'Telemark',
      'Troms',
      'Trøndelag',
      'Vestfold',
      'Vestland',
      'Østfold',
    ]);
  });

  test('towns known from elsewhere lie in their county', () => {
    const known: Record<string, string> = {
      Hamar: 'Innlandet',
      Drammen: 'Buskerud',
      Tønsberg: 'Vestfold',
      Skien: 'Telemark',
      Moss: 'Østfold',
      Lillestrøm: 'Akershus',
      Bergen: 'Vestland',
      Stavanger: 'Rogaland',
      Molde: 'Møre og Romsdal',
      Steinkjer: 'Trøndelag',
      Bodø: 'Nordland',
      Harstad: 'Troms',
      Alta: 'Finnmark',
    };
    for (const [name, region] of Object.entries(known))
      expect([name, found(name).region]).toEqual([name, region]);
  });

  test('without towns nothing is near, and nothing breaks', () => {
    const bare = gazetteer([{ code: '0184', town: 'Oslo', lat: 59.9, lon: 10.7 }], []);
    expect(findPlace(bare, 'oslo').kind).toBe('found');
    expect(findPlace(gazetteer([], []), 'oslo')).toEqual({ kind: 'unknown', suggestions: [] });
  });

  test('a damaged list is refused, with the file and the row', () => {
    const folder = mkdtempSync(join(tmpdir(), 'places-'));
    const load =
      (postcodes: string, towns: string, others = '{}') =>
      () => {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, 'postcodes.json'), postcodes);
        writeFileSync(join(folder, 'towns.json'), towns);
        const named = { towns: {}, mergedAway: {}, municipalities: {}, ...JSON.parse(others) };
        writeFileSync(join(folder, 'other-names.json'), JSON.stringify(named));
        return loadPlaces(folder);
      };
    const codes = '{"0184":[59.9,10.7,"Oslo","b1"]}';
    const towns = '[["Oslo",59.9,10.7,"12","0301"]]';
    expect(load(codes, towns)().codes.size).toBe(1);
    expect(load('{"0184":[10.7,59.9,"Oslo","b1"]}', towns)).toThrow(/postcodes\.json: row 0184, 0: /);
    expect(load('{"184":[59.9,10.7,"Oslo","b1"]}', towns)).toThrow(/postcodes\.json: row 184: /);
    expect(load('{"0184":', towns)).toThrow(/postcodes\.json: cannot be read as JSON/);
    expect(load(codes, '[["Oslo",59.9,10.7,"99","0301"]]')).toThrow(/towns\.json: row 0: the county code/);
    expect(load(codes, '[["Oslo",59.9,10.7,"34","0301"]]')).toThrow(/does not fit the municipality number/);
    const old = (name: string) => JSON.stringify({ towns: { Kristiania: name } });
    expect(load(codes, towns, old('Oslo'))().names.has('kristiania')).toBe(true);
    expect(load(codes, towns, old('Olso'))).toThrow(/other-names\.json: Kristiania: Olso is no place/);
    rmSync(folder, { recursive: true });
  });
});

describe('other names', () => {
  test.each([
    ['Kristiania', 'Oslo'],
    ['christiania', 'Oslo'],
    ['TRONDHJEM', 'Trondheim'],
    ['Fredrikshald', 'Halden'],
    ['Christianssand', 'Kristiansand'],
    ['bor i Skedsmo', 'Lillestrøm'],
    ['Søgne', 'Søgne'],
    ['Nedre Eiker', 'Mjøndalen'],
    ['Baerum', 'Sandvika, Akershus'],
    ['Senja', 'Finnsnes'],
    ['kåfjord', 'Olderdalen'],
  ])('%j is %s', (text, label) => {
    expect(found(text).label).toBe(label);
  });

  test('one that another place bears too is asked back, and a slip in one is seen', () => {
    expect(labels('Tranøy')).toEqual(['several', ['Tranøy, Nordland', 'Vangsvik']]);
    expect(labels('Halsa')).toEqual(['several', ['Halsa, Nordland', 'Halsanaustan']]);
    expect(labels('Kristianai')).toEqual(['unknown', ['Oslo']]);
  });

  test('one that stands for nothing, or for several places, stops the start', () => {
    const at = (lat: number) => ({ name: 'Vik', region: 'Oslo', lat, lon: 10 });
    expect(() => gazetteer([], [at(60)], { Gammelvik: 'Vika' })).toThrow('Gammelvik: Vika is no place');
    expect(() => gazetteer([], [at(60), at(61)], { Gammelvik: 'Vik' })).toThrow('or several');
    expect(findPlace(gazetteer([], [at(60)], { Gammelvik: 'Vik' }), 'gammelvik').kind).toBe('found');
  });
});

describe('a shown location', () => {
  const now = Date.UTC(2026, 10, 23, 12);
  const clinic: Clinic = { v: 1, id: 'clinic', name: 'Oppdiktet klinikk', reads: null, zone: 'Europe/Oslo' };
  const chat = { channel: 'telegram', address: '1' };
  const known: Person = {
    ...newcomer('person', 'clinic', 'invitation', chat, 'Europe/Oslo', 'nb', now),
    consents: { channel: { given: true, at: now } },
  };
  const shows = (person: Person | null, lat: number, lon: number) => {
    const arrival = { person: 'person', clinic: 'clinic', invitation: 'invitation', chat, language: 'nb' };
    const world = { person, arrival, clinic, invitation: null, knowledge: null, reference };
    return decide(world, { id: '1', at: now, seed: '0000000000', kind: 'located', lat, lon });
  };
  const opens = (person: Person, text: string, choice: string): Person => {
    const arrival = { person: 'person', clinic: 'clinic', invitation: 'invitation', chat, language: 'nb' };
    const world = { person, arrival, clinic, invitation: null, knowledge: null, reference };
    const said = decide(world, { id: '2', at: now, seed: '0000000001', kind: 'said', text }).person!;
    const { wait } = said.frames.at(-1)!;
    return decide(
      { ...world, person: said },
      { id: '3', at: now, seed: '0000000002', kind: 'tapped', wait, choice },
    ).person!;
  };
  const point = [58.147_123_4, 7.991_234_5] as const;

  test('becomes the nearest postcode, by brute force', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 58, max: 71, noNaN: true }),
        fc.double({ min: 4, max: 31, noNaN: true }),
        (lat, lon) => {
          const all = [...norway.codes.values()].map((each) => distanceKm(each, { lat, lon }));
          const nearest = nearestPostcode(norway, { lat, lon });
          const least = Math.min(...all);
          if (least > 50) expect(nearest).toBeNull();
          else expect(distanceKm(nearest!, { lat, lon })).toBe(least);
        },
      ),
      { numRuns: 100 },
    );
    expect(nearestPostcode(norway, { lat: 55.68, lon: 12.57 })).toBeNull();
  });

  test('answers where a place was asked for, and the point itself is kept nowhere', () => {
    const asked = opens(known, 'meny', 'meeting');
    expect(asked.frames.at(-1)).toMatchObject({ dialogue: 'meeting', step: 'place' });
    const decision = shows(asked, ...point);
    expect(decision.person?.place).toMatchObject({ postcode: '4612' });
    expect(decision.person?.frames.at(-1)).toMatchObject({ dialogue: 'meeting', step: 'show' });
    expect(JSON.stringify(decision)).not.toMatch(/58\.1471|7\.9912/);
    const abroad = shows(asked, 55.68, 12.57);
    expect(abroad.person?.place).toBeNull();
    expect(abroad.said[0]?.text).toContain('norsk postnummer');
    expect(abroad.said).toHaveLength(2);
  });

  test('unasked, it is where meetings are looked for; of a stranger or somebody in danger it is not kept', () => {
    const decision = shows(known, ...point);
    expect(decision.person).toMatchObject({
      place: { postcode: '4612' },
      frames: [{ dialogue: 'meeting', step: 'show' }],
    });
    const danger = shows({ ...known, crisis: { since: now } }, ...point);
    expect([danger.person?.place, danger.said[0]?.text]).toEqual([null, expect.stringContaining('113')]);
    expect(danger.said[0]?.purpose).toBe('safety');
    expect(shows(null, ...point).person?.place).toBeNull();
    const visitor = shows({ ...known, invitation: null, consents: {} }, ...point);
    expect([visitor.person?.place, visitor.said[0]?.text]).toEqual([
      null,
      expect.stringContaining('Ingen ser'),
    ]);
  });

  test('is read from Telegram, but not a live one that moves, one passed on, or one off the globe', () => {
    const from = { id: 7, is_bot: false, language_code: 'nb' };
    const message = { message_id: 1, chat: { id: 7, type: 'private' }, from };
    const location = { latitude: 60.39, longitude: 5.32, horizontal_accuracy: 12 };
    const read = (update: object) => inboundOf({ update_id: 1, ...update });
    expect(read({ message: { ...message, location } })?.what).toEqual({
      kind: 'located',
      lat: 60.39,
      lon: 5.32,
    });
    expect(read({ edited_message: { ...message, location } })).toBeNull();
    const passedOn = { ...message, location, forward_origin: { type: 'user' } };
    expect(read({ message: passedOn })?.what).toEqual({ kind: 'unreadable' });
    expect(read({ message: { ...message, location: { ...location, latitude: 160 } } })).toBeNull();
  });
});
