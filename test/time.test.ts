/**
 * Local time, quiet hours and holidays. The expected moments come from a table of what `Intl` shows on the wall every half hour, built
 * here without the code under test and without Temporal.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holiday } from '../src/core/holidays.ts';
import {
  addDays,
  atLocal,
  isQuiet,
  quietBegan,
  quietEnds,
  sayDay,
  sayTime,
  toLocal,
  weekdayOf,
} from '../src/core/time.ts';
import { clock, hhmm, isoDay, wall, zones } from './fakes/wall.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const oslo = 'Europe/Oslo';
const anyZone = fc.constantFrom(...zones);
const anyDay = fc.integer({
  min: Date.UTC(2026, 0, 1) / 86_400_000,
  max: Date.UTC(2027, 11, 31) / 86_400_000,
});
const anyMinute = fc.integer({ min: 0, max: 1439 });
const anyMoment = fc.integer({ min: Date.UTC(2026, 0, 2), max: Date.UTC(2027, 11, 30) });
const anyQuiet = fc.tuple(anyMinute, anyMinute).map(([from, to]) => ({ from: hhmm(from), to: hhmm(to) }));

describe('local time', () => {
  test('the table of walls holds the changes of clocks that are known from elsewhere', () => {
    const changes = (zone: string) => wall(zone).changes.map((at) => new Date(at).toISOString().slice(0, 16));
    expect(changes(oslo)).toEqual([
      '2026-03-29T01:00',
      '2026-10-25T01:00',
      '2027-03-28T01:00',
      '2027-10-31T01:00',
    ]);
    expect(changes('Australia/Lord_Howe')).toHaveLength(4);
  });

  test.each(zones)('every minute of every day on which clocks change, and around it, in %s', (zone) => {
    const { firstShown, changes } = wall(zone);
    for (const change of changes) {
      const day = Math.floor(change / 86_400_000);
      for (let minute = -1440; minute < 3 * 1440; minute++) {
        const days = day + Math.floor(minute / 1440);
        const time = hhmm(((minute % 1440) + 1440) % 1440);
        expect(atLocal(isoDay(days), time, zone), `${isoDay(days)} ${time}`).toBe(
          firstShown(isoDay(days), time),
        );
      }
    }
  });

  test('any minute of two years', () => {
    fc.assert(
      fc.property(anyZone, anyDay, anyMinute, (zone, day, minute) => {
        expect(atLocal(isoDay(day), hhmm(minute), zone)).toBe(
          wall(zone).firstShown(isoDay(day), hhmm(minute)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test('a skipped time is the first moment after the skip, a repeated one the first of the two', () => {
    expect(atLocal('2026-03-29', '02:30', oslo)).toBe(Date.UTC(2026, 2, 29, 1, 0));
    expect(toLocal(atLocal('2026-03-29', '02:30', oslo), oslo).time).toBe('03:00');
    expect(atLocal('2026-10-25', '02:30', oslo)).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(toLocal(atLocal('2024-10-06', '00:10', 'America/Asuncion'), 'America/Asuncion')).toEqual({
      date: '2024-10-06',
      time: '01:00',
      weekday: 7,
    });
  });

  test('what the wall shows, at any moment', () => {
    fc.assert(
      fc.property(anyZone, anyMoment, (zone, at) => {
        const shown = clock(at, zone);
        expect(toLocal(at, zone)).toEqual({
          ...shown,
          weekday: new Date(`${shown.date}T12:00Z`).getUTCDay() || 7,
        });
      }),
    );
  });

  test('days are counted on the calendar', () => {
    expect(addDays('2026-02-27', 3)).toBe('2026-03-02');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(weekdayOf('2026-11-22')).toBe(7);
  });

  test('what is no date, time or zone is refused', () => {
    expect(() => atLocal('2026-02-30', '12:00', oslo)).toThrow(RangeError);
    expect(() => atLocal('2026-02-03', '25:00', oslo)).toThrow(RangeError);
    expect(() => toLocal(0, 'Europe/Nowhere')).toThrow(RangeError);
  });
});

describe('quiet hours', () => {
  const night = { from: '22:00', to: '09:00' };
  const at = (date: string, time: string) => wall(oslo).firstShown(date, time);

  test('cross midnight, begin on the minute and end on the minute', () => {
    expect(isQuiet(at('2026-06-01', '21:59'), night, oslo)).toBe(false);
    expect(isQuiet(at('2026-06-01', '22:00'), night, oslo)).toBe(true);
    expect(isQuiet(at('2026-06-02', '08:59'), night, oslo)).toBe(true);
    expect(isQuiet(at('2026-06-02', '09:00'), night, oslo)).toBe(false);
    expect(quietEnds(at('2026-06-01', '23:00'), night, oslo)).toBe(at('2026-06-02', '09:00'));
    expect(quietEnds(at('2026-06-01', '12:00'), night, oslo)).toBe(at('2026-06-01', '12:00'));
    expect(quietBegan(at('2026-06-02', '03:00'), night, oslo)).toBe(at('2026-06-01', '22:00'));
  });

  test('may lie within a day, end at midnight, or not be at all', () => {
    const noon = at('2026-06-01', '12:00');
    expect(isQuiet(noon, { from: '11:00', to: '13:00' }, oslo)).toBe(true);
    expect(quietEnds(at('2026-06-01', '23:00'), { from: '22:00', to: '00:00' }, oslo)).toBe(
      at('2026-06-02', '00:00'),
    );
    expect(isQuiet(noon, { from: '12:00', to: '12:00' }, oslo)).toBe(false);
  });

  test('last as long as the clock says on the nights when clocks change', () => {
    const hours = (date: string) => {
      const began = at(date, '22:00');
      return (quietEnds(began, night, oslo) - began) / 3_600_000;
    };
    expect([hours('2026-03-28'), hours('2026-03-27'), hours('2026-10-24')]).toEqual([10, 11, 12]);
    // 02:30 is skipped: the quiet ends with the skip.
    expect(quietEnds(at('2026-03-29', '01:00'), { from: '22:00', to: '02:30' }, oslo)).toBe(
      Date.UTC(2026, 2, 29, 1),
    );
    // The skip joins the end of one period to the beginning of the next.
    const nearlyAll = { from: '02:40', to: '02:20' };
    expect(quietEnds(at('2026-03-28', '12:00'), nearlyAll, oslo)).toBe(at('2026-03-30', '02:20'));
    expect(quietBegan(at('2026-03-29', '12:00'), nearlyAll, oslo)).toBe(at('2026-03-28', '02:40'));
  });

  test('have no beginning outside them', () => {
    expect(() => quietBegan(at('2026-06-01', '12:00'), night, oslo)).toThrow(/isQuiet/);
  });

  test('agree with the wall clock whenever no clock has changed in two days', () => {
    fc.assert(
      fc.property(anyZone, anyMoment, anyQuiet, (zone, moment, quiet) => {
        fc.pre(wall(zone).changes.every((change) => Math.abs(change - moment) > 2 * 86_400_000));
        const { time } = clock(moment, zone);
        const within =
          quiet.from < quiet.to
            ? quiet.from <= time && time < quiet.to
            : time >= quiet.from || time < quiet.to;
        expect(isQuiet(moment, quiet, zone)).toBe(quiet.from !== quiet.to && within);
      }),
      { numRuns: 1000 },
    );
  });

  test('form unbroken periods whose ends are what quietBegan and quietEnds say, also when clocks change', () => {
    const nearChange = anyZone.chain((zone) => {
      const { changes } = wall(zone);
      const centre = changes.length > 0 ? fc.constantFrom(...changes) : anyMoment;
      return fc.tuple(
        fc.constant(zone),
        fc.tuple(centre, fc.integer({ min: -2880, max: 2880 })).map(([moment, off]) => moment + off * 60_000),
      );
    });
    fc.assert(
      fc.property(nearChange, anyQuiet, ([zone, moment], quiet) => {
        const ends = quietEnds(moment, quiet, zone);
        expect(isQuiet(ends, quiet, zone)).toBe(false);
        expect(ends > moment).toBe(isQuiet(moment, quiet, zone));
        if (ends === moment) return;
        const began = quietBegan(moment, quiet, zone);
        expect(began).toBeLessThanOrEqual(moment);
        expect(isQuiet(began - 1, quiet, zone)).toBe(false);
        expect(isQuiet(ends - 1, quiet, zone)).toBe(true);
        expect(clock(ends, zone).time === quiet.to || wall(zone).changes.includes(ends)).toBe(true);
        expect(clock(began, zone).time === quiet.from || wall(zone).changes.includes(began)).toBe(true);
        for (let inside = began; inside < ends; inside += 17 * 60_000) {
          expect(isQuiet(inside, quiet, zone)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('saying it', () => {
  const now = Date.UTC(2026, 2, 22, 22, 30); // Sunday 22 March 2026, 23:30 in Oslo
  const say = (date: string, language: string) => sayDay(atLocal(date, '19:00', oslo), now, oslo, language);

  test('today, tomorrow and yesterday are counted by date and not by hours', () => {
    expect(['2026-03-21', '2026-03-22', '2026-03-23'].map((date) => say(date, 'nb'))).toEqual([
      'i går',
      'i dag',
      'i morgen',
    ]);
    expect(['2026-03-21', '2026-03-22', '2026-03-23'].map((date) => say(date, 'en'))).toEqual([
      'yesterday',
      'today',
      'tomorrow',
    ]);
    expect(sayDay(Date.UTC(2026, 2, 22, 23, 30), now, oslo, 'nb')).toBe('i morgen');
  });

  test('other days by weekday and date, with the year when it is far away', () => {
    expect(say('2026-03-25', 'nb')).toBe('onsdag 25. mars');
    expect(say('2026-03-25', 'en')).toBe('Wednesday 25 March');
    expect(say('2026-03-24', 'nb')).toBe('tirsdag 24. mars');
    expect(say('2027-03-24', 'nb')).toBe('onsdag 24. mars 2027');
  });

  test('times in 24 hours', () => {
    const evening = atLocal('2026-03-25', '19:00', oslo);
    const morning = atLocal('2026-03-25', '07:05', oslo);
    expect([sayTime(evening, oslo, 'nb'), sayTime(morning, oslo, 'nb')]).toEqual(['kl. 19.00', 'kl. 07.05']);
    expect([sayTime(evening, oslo, 'en'), sayTime(morning, oslo, 'en')]).toEqual(['at 19:00', 'at 07:05']);
    expect(sayTime(evening, oslo, 'pl')).toBe('19:00');
  });

  test('a language it does not know is said in Norwegian', () => {
    for (const language of ['xx', '', 'not a language', '../nb']) {
      expect(say('2026-03-25', language)).toBe('onsdag 25. mars');
      expect(sayTime(now, oslo, language)).toBe('kl. 23.30');
    }
  });
});

describe('holidays', () => {
  test('Easter, in years known from calendars, early and late', () => {
    const sundays =
      `1954-04-18 1961-04-02 1981-04-19 2000-04-23 2008-03-23 2011-04-24 2016-03-27 2019-04-21 2024-03-31
      2025-04-20 2026-04-05 2027-03-28 2028-04-16 2029-04-01 2035-03-25 2038-04-25 2049-04-18 2076-04-19`.split(
        /\s+/,
      );
    for (const sunday of sundays) expect([sunday, holiday(sunday)]).toEqual([sunday, 'easter-sunday']);
  });

  test('the whole of 2026', () => {
    const days = Array.from({ length: 365 }, (_, n) => isoDay(Date.UTC(2026, 0, 1) / 86_400_000 + n));
    expect(days.map((date) => [date, holiday(date)]).filter(([, id]) => id !== null)).toEqual([
      ['2026-01-01', 'new-years-day'],
      ['2026-04-02', 'maundy-thursday'],
      ['2026-04-03', 'good-friday'],
      ['2026-04-04', 'easter-eve'],
      ['2026-04-05', 'easter-sunday'],
      ['2026-04-06', 'easter-monday'],
      ['2026-05-01', 'labour-day'],
      ['2026-05-14', 'ascension-day'],
      ['2026-05-17', 'constitution-day'],
      ['2026-05-24', 'whit-sunday'],
      ['2026-05-25', 'whit-monday'],
      ['2026-12-24', 'christmas-eve'],
      ['2026-12-25', 'christmas-day'],
      ['2026-12-26', 'boxing-day'],
      ['2026-12-31', 'new-years-eve'],
    ]);
  });

  test('where two fall together the fixed one is named', () => {
    expect(holiday('2012-05-17')).toBe('constitution-day');
    expect(holiday('2008-05-01')).toBe('labour-day');
  });
});
