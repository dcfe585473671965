/**
 * When a meeting is: weekly and monthly, with pauses and holidays, in zones whose clocks change in every way there is. What is
 * expected is worked out from wall clocks as `Intl` shows them and from a printed calendar, never from the program's own dates.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Meeting } from '../src/core/meeting.ts';
import { GRACE, nextOccurrence, occurrenceId, occurrencesBetween, runsOn } from '../src/core/occurrence.ts';
import { clock, hhmm, isoDay, wall, zones } from './fakes/wall.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const oslo = 'Europe/Oslo';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (date: string, time: string, zone = oslo) => wall(zone).firstShown(date, time);

/** The days on which Norway is closed, from the calendars of 2026 and 2027, with the eves that are kept like them. */
const closedDays = new Set([
  ...['2026-01-01', '2026-04-02', '2026-04-03', '2026-04-04', '2026-04-05', '2026-04-06', '2026-05-01'],
  ...['2026-05-14', '2026-05-17', '2026-05-24', '2026-05-25', '2026-12-24', '2026-12-25', '2026-12-26'],
  ...['2026-12-31', '2027-01-01', '2027-03-25', '2027-03-26', '2027-03-27', '2027-03-28', '2027-03-29'],
  ...['2027-05-01', '2027-05-06', '2027-05-16', '2027-05-17', '2027-12-24', '2027-12-25', '2027-12-26'],
  ...['2027-12-31', '2028-01-01'],
]);

function meeting(change: Partial<Meeting> = {}): Meeting {
  return {
    ...{ id: 'a', name: 'a', fellowship: 'AA', weekday: 2, time: '19:00', minutes: 60, zone: oslo },
    ...{ place: null, online: 'https://example.org/x', openness: 'open', notes: {}, marks: [] },
    confirmed: '2026-11-01',
    ...change,
  };
}
const dates = (one: Meeting, from: string, to: string) =>
  occurrencesBetween(one, at(from, '00:00'), at(to, '00:00')).map(({ date }) => date);

describe('a weekly meeting', () => {
  test('is at the same time on the wall on both sides of a change of clocks', () => {
    const sunday = meeting({ weekday: 7, time: '11:00' });
    const before = nextOccurrence(sunday, at('2026-03-16', '00:00'))!;
    const after = nextOccurrence(sunday, before.starts + 1)!;
    expect([before.date, before.starts]).toEqual(['2026-03-22', Date.UTC(2026, 2, 22, 10)]);
    expect([after.date, after.starts]).toEqual(['2026-03-29', Date.UTC(2026, 2, 29, 9)]);
    expect(occurrenceId(after)).toBe('a@2026-03-29');
  });

  test('may start this very moment, but not a moment ago; ten minutes ago where that is asked for', () => {
    const starts = at('2026-11-24', '19:00');
    expect(nextOccurrence(meeting(), starts)?.date).toBe('2026-11-24');
    expect(nextOccurrence(meeting(), starts + 1)?.date).toBe('2026-12-01');
    expect(nextOccurrence(meeting(), starts + 10 * MINUTE - GRACE)?.date).toBe('2026-11-24');
    expect(nextOccurrence(meeting(), starts + 11 * MINUTE - GRACE)?.date).toBe('2026-12-01');
  });

  test('comes at three where the clocks skip half past two, and at the first of two', () => {
    const night = meeting({ weekday: 7, time: '02:30' });
    expect(nextOccurrence(night, at('2026-03-28', '20:00'))?.starts).toBe(Date.UTC(2026, 2, 29, 1));
    const first = Date.UTC(2026, 9, 25, 0, 30);
    expect(nextOccurrence(night, at('2026-10-24', '20:00'))?.starts).toBe(first);
    expect(nextOccurrence(night, first + 1)?.date).toBe('2026-11-01');
  });

  test('keeps its own date when the clocks skip it past midnight', () => {
    // On 28 March 2026 Greenland goes from 23:00 straight to midnight.
    const zone = 'America/Nuuk';
    const midnight = at('2026-03-29', '00:00', zone);
    const found = nextOccurrence(meeting({ zone, weekday: 6, time: '23:20' }), midnight);
    expect([found?.date, found?.starts]).toEqual(['2026-03-28', midnight]);
  });
});

describe('a monthly meeting', () => {
  test('runs in its weeks of the month only', () => {
    const friday = { weekday: 5 } as const;
    const year = ['2026-05-01', '2026-09-01'] as const;
    expect(dates(meeting({ ...friday, weeks: [-1] }), ...year)).toEqual([
      '2026-05-29',
      '2026-06-26',
      '2026-07-31',
      '2026-08-28',
    ]);
    expect(dates(meeting({ ...friday, weeks: [1, 3] }), '2026-05-01', '2026-07-01')).toEqual([
      '2026-05-01',
      '2026-05-15',
      '2026-06-05',
      '2026-06-19',
    ]);
    expect(dates(meeting({ ...friday, weeks: [5] }), ...year)).toEqual(['2026-05-29', '2026-07-31']);
    // In a February of 28 days the fourth is the last.
    expect(dates(meeting({ ...friday, weeks: [4, -1] }), '2026-02-01', '2026-03-01')).toEqual(['2026-02-27']);
  });
});

describe('what comes in between', () => {
  test('in a pause it does not run, on its first and last day included', () => {
    const paused = meeting({
      pauses: [
        { from: '2026-06-30', to: '2026-07-14' },
        { from: '2026-07-28', to: '2026-07-28' },
      ],
    });
    expect(dates(paused, '2026-06-20', '2026-08-05')).toEqual(['2026-06-23', '2026-07-21', '2026-08-04']);
  });

  test('one that closes on holidays skips every one of them, and another skips none', () => {
    for (const weekday of [1, 2, 3, 4, 5, 6, 7] as const) {
      const all = dates(meeting({ weekday }), '2026-01-01', '2028-01-01');
      const open = dates(meeting({ weekday, closedOnHolidays: true }), '2026-01-01', '2028-01-01');
      expect(all).toHaveLength(weekday === 4 || weekday === 5 ? 105 : 104);
      expect(open).toEqual(all.filter((date) => !closedDays.has(date)));
    }
  });

  test('one that never runs again, or not within a year and a month, has no next time', () => {
    const now = at('2026-11-22', '12:00');
    expect(nextOccurrence(meeting({ pauses: [{ from: '2026-01-01', to: '9999-12-31' }] }), now)).toBeNull();
    const yearOff = meeting({ pauses: [{ from: '2026-01-01', to: '2027-11-22' }] });
    expect(nextOccurrence(yearOff, now)?.date).toBe('2027-11-23');
    expect(nextOccurrence(yearOff, now, now + 14 * DAY)).toBeNull();
    // `until` itself no longer counts.
    const starts = at('2026-11-24', '19:00');
    expect(nextOccurrence(meeting(), now, starts)).toBeNull();
    expect(nextOccurrence(meeting(), now, starts + 1)?.starts).toBe(starts);
    expect(occurrencesBetween(meeting(), starts, starts)).toEqual([]);
  });
});

describe('against the walls of the world', () => {
  type Pattern = Pick<Meeting, 'weeks' | 'pauses' | 'closedOnHolidays'>;
  const day = fc.integer({ min: Date.UTC(2026, 0, 1) / DAY, max: Date.UTC(2027, 10, 30) / DAY });
  const pause = fc.record({ first: day, days: fc.integer({ min: 0, max: 60 }) });
  const anyPattern: fc.Arbitrary<Pattern> = fc
    .record({
      weeks: fc.option(fc.uniqueArray(fc.constantFrom(1, 2, 3, 4, 5, -1), { minLength: 1, maxLength: 3 })),
      pauses: fc.option(fc.array(pause, { maxLength: 3 })),
      closes: fc.boolean(),
    })
    .map(({ weeks, pauses, closes }) => ({
      ...(weeks ? { weeks: weeks as NonNullable<Meeting['weeks']> } : {}),
      ...(pauses
        ? { pauses: pauses.map(({ first, days }) => ({ from: isoDay(first), to: isoDay(first + days) })) }
        : {}),
      ...(closes ? { closedOnHolidays: true as const } : {}),
    }));

  /** Day by day from the printed calendar: counts the weekdays of the month so far, and looks a week ahead for the last. */
  function isOn(date: string, weekday: number, { weeks, pauses, closedOnHolidays }: Pattern): boolean {
    const utc = new Date(`${date}T12:00Z`);
    if ((utc.getUTCDay() || 7) !== weekday) return false;
    let count = 0;
    for (let d = new Date(utc); d.getUTCMonth() === utc.getUTCMonth(); d = new Date(d.getTime() - 7 * DAY))
      count++;
    const last = new Date(utc.getTime() + 7 * DAY).getUTCMonth() !== utc.getUTCMonth();
    if (weeks && !weeks.some((week) => week === count || (week === -1 && last))) return false;
    if (pauses?.some(({ from, to }) => date >= from && date <= to)) return false;
    return !(closedOnHolidays && closedDays.has(date));
  }

  function expected(zone: string, weekday: number, time: string, pattern: Pattern, from: number, to: number) {
    const first = Math.floor(from / DAY) - 2;
    return Array.from({ length: Math.floor(to / DAY) + 3 - first }, (_, n) => isoDay(first + n))
      .filter((date) => isOn(date, weekday, pattern))
      .map((date) => ({ date, starts: at(date, time, zone) }))
      .filter(({ starts }) => starts >= from && starts < to);
  }

  function check(
    zone: string,
    from: number,
    weekday: number,
    time: string,
    pattern: Pattern = {},
    days = 30,
  ) {
    const one = meeting({ zone, weekday: weekday as Meeting['weekday'], time, ...pattern });
    const to = Math.min(from + days * DAY, Date.UTC(2028, 0, 10));
    const all = expected(zone, weekday, time, pattern, from, to);
    const said = `${zone} ${from} ${weekday} ${time} ${JSON.stringify(pattern)}`;
    const between = occurrencesBetween(one, from, to).map(({ date, starts }) => ({ date, starts }));
    expect(between, said).toEqual(all);
    const next = nextOccurrence(one, from, to);
    expect(next && { date: next.date, starts: next.starts }, said).toEqual(all[0] ?? null);
    if (next) expect(runsOn(one, next.date)).toBe(true);
  }

  test('every pattern, in every zone, at any moment of two years', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 1) }),
        fc.constantFrom(1, 2, 3, 4, 5, 6, 7),
        fc.integer({ min: 0, max: 1439 }),
        anyPattern,
        (zone, from, weekday, minute, pattern) => check(zone, from, weekday, hhmm(minute), pattern, 200),
      ),
      { numRuns: 2000 },
    );
  });

  test.each(zones)('hour by hour around each change of clocks in %s', (zone) => {
    for (const change of wall(zone).changes) {
      for (let hours = -60; hours <= 60; hours++) {
        for (const time of ['00:00', '00:30', '01:30', '02:00', '02:15', '02:30', '03:00', '19:00']) {
          check(zone, change + hours * HOUR, (((hours % 7) + 7) % 7) + 1, time, {}, 9);
        }
      }
    }
  });

  test.each([
    [oslo, '2026-03-27', 7, '02:30'],
    [oslo, '2026-10-23', 7, '02:30'],
    [oslo, '2026-12-30', 4, '00:00'],
    ['Australia/Lord_Howe', '2026-10-02', 7, '02:10'],
    ['America/Nuuk', '2026-03-27', 6, '23:20'],
  ] as const)('minute by minute, what a wall in %s shows from %s on', (zone, date, weekday, time) => {
    const one = meeting({ zone, weekday, time });
    const from = at(date, '12:00', zone);
    let seen: number | null = null;
    let before = clock(from - MINUTE, zone);
    for (let minute = from; minute < from + 4 * DAY && seen === null; minute += MINUTE) {
      const now = clock(minute, zone);
      const wanted = (shown: { date: string }) =>
        (new Date(`${shown.date}T12:00Z`).getUTCDay() || 7) === weekday;
      const shows = wanted(now) && now.time === time;
      const jumps = wanted(before) && before.time < time && (now.date !== before.date || now.time > time);
      if (shows || jumps) seen = minute;
      before = now;
    }
    expect(seen).not.toBeNull();
    expect(nextOccurrence(one, from)?.starts).toBe(seen);
  });
});
