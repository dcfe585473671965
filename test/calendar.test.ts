/**
 * The calendar file, opened with another program's parser (ical.js) and compared with what `Intl` shows on the wall: the right moment
 * in summer and winter, nothing that gives somebody away, and no text that breaks the file.
 */

import fc from 'fast-check';
import ICAL from 'ical.js';
import { describe, expect, test } from 'vitest';
import { type CalendarDetails, type CalendarManner, calendarFile } from '../src/core/calendar.ts';
import type { Meeting } from '../src/core/meeting.ts';
import { nextOccurrence } from '../src/core/occurrence.ts';
import { clock, wall, zones } from './fakes/wall.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const details: CalendarDetails = {
  starts: Date.UTC(2026, 10, 24, 18),
  minutes: 90,
  where: { name: 'Oppdiktet lokale', address: 'Eksempelgata 4', postcode: '4611', town: 'Kristiansand' },
  online: 'https://example.org/mote?a=1,2;b=3',
  notes: 'Grønn dør i bakgården.\nRing på; døra er tung, så dra hardt.',
};
const manner: CalendarManner = {
  discreet: false,
  language: 'nb',
  uid: 'k3v9',
  stamp: Date.UTC(2026, 10, 22, 9, 30),
  words: { title: 'AA-møte: Fyrlykta', neutralTitle: 'Avtale' },
};

function open(file: string) {
  const calendar = new ICAL.Component(ICAL.parse(file));
  const [event, ...more] = calendar.getAllSubcomponents('vevent');
  expect(more).toEqual([]);
  const entry = new ICAL.Event(event);
  const names = event!.getAllProperties().map(({ name }) => name);
  return { entry, names, value: (name: string) => event!.getFirstPropertyValue(name)?.toString() };
}

describe('the calendar file', () => {
  test.each([
    ['2026-01-15', '19:00'],
    ['2026-07-15', '19:00'],
    ['2026-03-29', '11:00'],
    ['2026-10-25', '11:00'],
  ])('%s at %s opens at that time on a Norwegian phone', (date, time) => {
    const starts = wall('Europe/Oslo').firstShown(date, time);
    const { entry } = open(calendarFile({ ...details, starts }, manner));
    expect(clock(entry.startDate.toJSDate().getTime(), 'Europe/Oslo')).toEqual({ date, time });
    expect(entry.duration.toSeconds()).toBe(90 * 60);
  });

  test('opens at the right moment in any zone and season', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2026, 0, 2) / 60_000, max: Date.UTC(2027, 11, 30) / 60_000 }),
        (zone, minute) => {
          const { date, time } = clock(minute * 60_000, zone);
          const starts = wall(zone).firstShown(date, time);
          const { entry } = open(calendarFile({ ...details, starts }, manner));
          expect(entry.startDate.toJSDate().getTime()).toBe(starts);
        },
      ),
    );
  });

  test.each([
    ['Europe/Oslo', '2026-01-12', '2026-01-15T19:00', '2026-01-15T19:00'],
    ['Europe/Oslo', '2026-07-13', '2026-07-16T19:00', '2026-07-16T19:00'],
    ['America/New_York', '2026-01-12', '2026-01-15T19:00', '2026-01-16T01:00'],
    ['America/New_York', '2026-07-13', '2026-07-16T19:00', '2026-07-17T01:00'],
    // America has summer time for three weeks already, and Norway not yet.
    ['America/New_York', '2026-03-09', '2026-03-12T19:00', '2026-03-13T00:00'],
    ['Australia/Lord_Howe', '2026-10-05', '2026-10-08T19:00', '2026-10-08T10:00'],
  ])(
    'a Thursday meeting in %s, looked for on %s, opens at its own time there and at the right one here',
    (zone, from, there, here) => {
      const place = { ...details.where!, lat: 0, lon: 0 };
      const meeting: Meeting = {
        ...{ id: 'a', name: 'a', fellowship: 'AA', weekday: 4, time: '19:00', minutes: 90, zone, place },
        ...{ online: null, openness: 'open', notes: {}, confirmed: '2026-01-01', marks: [] },
      };
      const { starts } = nextOccurrence(meeting, Date.parse(`${from}T00:00Z`))!;
      const { entry } = open(calendarFile({ ...details, starts }, manner));
      const at = entry.startDate.toJSDate().getTime();
      const shown = (where: string) => Object.values(clock(at, where)).join('T');
      expect([shown(zone), shown('Europe/Oslo')]).toEqual([there, here]);
      expect(entry.endDate.toJSDate().getTime() - at).toBe(90 * 60_000);
    },
  );

  test('one by telephone has its number for a location', () => {
    const { entry } = open(
      calendarFile({ ...details, where: null, online: null, notes: '', phone: '+47 22 00 00 00' }, manner),
    );
    expect([entry.location, entry.description]).toEqual(['+47 22 00 00 00', '+47 22 00 00 00']);
  });

  test('a place that a list tells only in part has no empty parts', () => {
    const bare = { name: '', address: 'Eksempelgata 4', postcode: '', town: 'Kristiansand' };
    expect(open(calendarFile({ ...details, where: bare }, manner)).entry.location).toBe(
      'Eksempelgata 4, Kristiansand',
    );
  });

  test('says what, where and how', () => {
    const { entry, value } = open(calendarFile(details, manner));
    expect(entry.uid).toBe('k3v9');
    expect(entry.summary).toBe('AA-møte: Fyrlykta');
    expect(entry.location).toBe('Oppdiktet lokale, Eksempelgata 4, 4611 Kristiansand');
    expect(entry.description).toBe(`${details.notes}\n${details.online}`);
    expect(value('class')).toBe('PRIVATE');
    expect(value('dtstamp')).toBe('2026-11-22T09:30:00Z');
  });

  test('an online meeting has its link for a location', () => {
    const { entry } = open(calendarFile({ ...details, where: null, notes: '' }, manner));
    expect([entry.location, entry.description]).toEqual([details.online, details.online]);
  });

  test('the discreet one tells a time and a neutral title, and nothing else', () => {
    const file = calendarFile(details, { ...manner, discreet: true });
    const { entry, names } = open(file);
    expect(entry.summary).toBe('Avtale');
    expect(names.toSorted()).toEqual(['class', 'dtend', 'dtstamp', 'dtstart', 'sequence', 'summary', 'uid']);
    const unfolded = file.replaceAll('\r\n ', '');
    for (const telling of [
      'AA',
      'møte',
      'Fyrlykta',
      'Oppdiktet',
      'Eksempel',
      'Kristiansand',
      '4611',
      'example',
      'dør',
    ]) {
      expect(unfolded).not.toContain(telling);
    }
  });

  test('the same arguments give the same text', () => {
    expect(calendarFile(details, manner)).toBe(calendarFile(details, manner));
  });

  test('no text from outside can break out of its field, and no line is longer than allowed', () => {
    const nasty = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '\r\n',
            '\n',
            '\r',
            ';',
            ',',
            '\\',
            '"',
            ':',
            'END:VEVENT',
            '\u0000',
            '\u0085',
            'æ',
            '😀',
          ),
          fc.string(),
        ),
      )
      .map((parts) => parts.join(''));
    const tidy = (text: string) => text.replace(/\p{Cc}+/gu, ' ').trim();
    fc.assert(
      fc.property(nasty, nasty, nasty, (title, notes, name) => {
        const file = calendarFile(
          { ...details, notes, where: { ...details.where!, name: `Sal${name}` } },
          { ...manner, words: { title, neutralTitle: title } },
        );
        for (const line of file.split('\r\n')) {
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
        const { entry, names } = open(file);
        expect(entry.summary ?? '').toBe(tidy(title));
        expect(entry.location).toBe(tidy(`Sal${name}, Eksempelgata 4, 4611 Kristiansand`));
        expect(names).toHaveLength(9);
      }),
      { numRuns: 500 },
    );
  });
});
