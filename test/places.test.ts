/**
 * Finding where somebody is from what they typed, with the lists the program comes with: every way of spelling that people use, every
 * name that means several places, and text that means harm.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distanceKm } from '../src/core/meeting.ts';
import { findPlace, gazetteer } from '../src/core/places.ts';
import { loadPlaces } from '../src/sources/places.ts';

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
    const load = (postcodes: string, towns: string) => () => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'postcodes.json'), postcodes);
      writeFileSync(join(folder, 'towns.json'), towns);
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
    rmSync(folder, { recursive: true });
  });
});
