/**
 * Local knowledge of meetings: it outlives a new reading of the list, fades, and holds a meeting back when two people found the
 * door closed. Everything is seen through the meeting that comes out.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type MeetingKnowledge,
  nothingKnown,
  onHold,
  type ReportKind,
  reportKinds,
  toAskAgain,
  withConfirmation,
  withKnowledge,
  withLook,
  withMark,
  withoutPast,
  withReport,
} from '../src/core/knowledge.ts';
import { freshness, type Meeting } from '../src/core/meeting.ts';
import { nextOccurrence } from '../src/core/occurrence.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.UTC(2026, 10, 22, 12);
const listed: Meeting = {
  ...{ id: 'a', name: 'a', fellowship: 'NA', weekday: 2, time: '19:00', minutes: 60, zone: 'Europe/Oslo' },
  ...{ place: null, online: 'https://example.org/x', openness: 'open', notes: {}, marks: [] },
  confirmed: '2026-09-01',
};
const none = nothingKnown('a');
const by = (who: string, daysAgo: number) => ({ by: who, at: now - daysAgo * DAY });
const known = (knowledge: MeetingKnowledge, meeting = listed) => withKnowledge(meeting, knowledge, now);
const report = (who: string, daysAgo: number, kind: ReportKind = 'door-closed') => ({
  ...by(who, daysAgo),
  kind,
});

describe('what is known of a meeting', () => {
  test('nothing changes nothing', () => {
    expect(withKnowledge(listed, undefined, now)).toEqual(listed);
    expect(known(none)).toEqual(listed);
    expect(withKnowledge(listed, none, now, now - DAY)).toEqual({ ...listed, read: now - DAY });
  });

  test('marks bear their day, on the wall where the meeting is, and stay when the list is read again', () => {
    const late = { by: 'x', at: Date.UTC(2026, 10, 2, 23, 30), holds: true };
    const knowledge = withMark(withMark(none, 'lar', late), 'quiet', { ...by('y', 1), holds: false });
    expect(known(knowledge)?.vouched).toEqual({ lar: '2026-11-03' });
    const again: Meeting = { ...listed, name: 'b', time: '20:00', openness: 'closed' };
    expect(known(knowledge, again)).toEqual({ ...again, vouched: { lar: '2026-11-03' } });
  });

  test('marks and confirmations fade after ninety days, and are then asked for again', () => {
    const held = (daysAgo: number) =>
      withConfirmation(withMark(none, 'young', { ...by('x', daysAgo), holds: true }), by('x', daysAgo));
    expect(known(held(90))).toMatchObject({ vouched: { young: '2026-08-24' }, confirmed: '2026-09-01' });
    expect(toAskAgain(held(90), now)).toEqual([]);
    expect(known(held(10))?.confirmed).toBe('2026-11-12');
    const old = { ...listed, confirmed: '2026-01-01' };
    expect(known(held(90.001), old)).toEqual(old);
    expect(toAskAgain(held(90.001), now)).toEqual(['young', 'confirmed']);
    expect(toAskAgain(withMark(none, 'young', { ...by('x', 200), holds: false }), now)).toEqual([]);
  });

  test('cancelled dates, pauses, its own weeks and holidays decide when it is next', () => {
    const from = now;
    const next = (change: Partial<MeetingKnowledge>, meeting = listed) =>
      nextOccurrence(known({ ...none, ...change }, meeting)!, from)?.date;
    expect(next({})).toBe('2026-11-24');
    const cancelled = { ...by('x', 1), from: '2026-11-24', to: '2026-11-24' };
    expect(next({ pauses: [cancelled] })).toBe('2026-12-01');
    expect(
      next({ pauses: [cancelled] }, { ...listed, pauses: [{ from: '2026-12-01', to: '2026-12-07' }] }),
    ).toBe('2026-12-08');
    expect(next({ weeks: { ...by('x', 1), weeks: [-1] } }, { ...listed, weeks: [1] })).toBe('2026-11-24');
    const thursday: Meeting = {
      ...listed,
      weekday: 4,
      weeks: [4],
      pauses: [{ from: '2026-11-01', to: '2026-12-20' }],
    };
    expect(next({ closedOnHolidays: { ...by('x', 1), holds: true } }, thursday)).toBe('2027-01-28');
    expect(
      next({ closedOnHolidays: { ...by('x', 1), holds: false } }, { ...thursday, closedOnHolidays: true }),
    ).toBe('2026-12-24');
  });

  test('pauses that lie behind are dropped, the others kept', () => {
    const pause = (from: string, to: string) => ({ ...by('x', 9), from, to });
    const pauses = [pause('2026-11-01', '2026-11-21'), pause('2026-11-01', '2026-11-22')];
    expect(withoutPast({ ...none, pauses }, '2026-11-22').pauses).toEqual([pauses[1]]);
  });
});

describe('reports that it was not as listed', () => {
  test('two different people hold it back until the clinic has looked', () => {
    const once = withReport(none, report('x', 3));
    const twice = withReport(once, report('x', 1, 'moved'));
    const held = withReport(once, report('y', 2, 'not-as-listed'));
    expect([once, twice, held].map((each) => known(each) === null)).toEqual([false, false, true]);
    expect(known(withConfirmation(held, by('volunteer', 0)))).toBeNull();
    const looked = withLook(held, by('clinic', 1));
    expect(known(looked)).toEqual(listed);
    expect(known(withReport(looked, report('z', 0)))).not.toBeNull();
    expect(known(withReport(withReport(looked, report('z', 0)), report('x', 0)))).toBeNull();
  });

  test('of a list those on hold are left out, and each has its own knowledge', () => {
    const list = ['a', 'b', 'c'].map((id) => ({ ...listed, id }));
    const held = withReport(withReport(nothingKnown('b'), report('x', 2)), report('y', 1));
    const vouched = withMark(nothingKnown('c'), 'lar', { ...by('x', 1), holds: true });
    const knowledge = new Map([held, vouched, nothingKnown('gone')].map((each) => [each.meeting, each]));
    const found = list.flatMap((each) => withKnowledge(each, knowledge.get(each.id), now, now - DAY) ?? []);
    expect(found.map(({ id, vouched: marks, read }) => [id, marks, read])).toEqual([
      ['a', undefined, now - DAY],
      ['c', { lar: '2026-11-21' }, now - DAY],
    ]);
  });

  test('a confirmation between them answers the first', () => {
    const confirmed = withConfirmation(withReport(none, report('x', 3)), by('v', 2));
    expect(known(withReport(confirmed, report('y', 1)))).not.toBeNull();
    const before = withConfirmation(withReport(none, report('x', 3)), by('v', 4));
    expect(known(withReport(before, report('y', 1)))).toBeNull();
  });

  test('whatever happens in whatever order, only two people since the last word hold it, and only the clinic lets go', () => {
    const step = fc.oneof(
      fc.record({
        what: fc.constant('report' as const),
        by: fc.constantFrom('x', 'y', 'z'),
        kind: fc.constantFrom(...reportKinds),
      }),
      fc.record({ what: fc.constantFrom('confirm' as const, 'look' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let knowledge = none;
        let held = false;
        let reporters: string[] = [];
        for (const [hour, one] of steps.entries()) {
          const word = { by: 'someone', at: now + hour * HOUR };
          if (one.what === 'report') {
            knowledge = withReport(knowledge, { ...word, by: one.by, kind: one.kind });
            reporters.push(one.by);
            held ||= reporters.some((who) => who !== reporters[0]);
          } else if (one.what === 'look') {
            knowledge = withLook(knowledge, word);
            reporters = [];
            held = false;
          } else {
            knowledge = withConfirmation(knowledge, word);
            if (!held) reporters = [];
          }
          expect(onHold(knowledge)).toBe(held);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('a list is fresh for 48 hours, stale for 14 days, and expired after that; one kept by hand is never stale', () => {
  const ages = [0, 48 * HOUR, 48 * HOUR + 1, 14 * DAY, 14 * DAY + 1];
  expect(ages.map((age) => freshness(now - age, now))).toEqual([
    'fresh',
    'fresh',
    'stale',
    'stale',
    'expired',
  ]);
  expect(freshness(undefined, now)).toBe('fresh');
});
