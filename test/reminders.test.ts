/**
 * When a plan is spoken of: the day before, two hours before, the morning after, and once more. For any plan, any
 * quiet hours and any zone, on both sides of a change of clocks, a moment is never at night and never too late to
 * help; and each is used at most once, however late the program wakes.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../src/core/decide.ts';
import type { KnownMeeting, Meeting } from '../src/core/meeting.ts';
import { MeetingIndex } from '../src/core/meeting-index.ts';
import type { Plan } from '../src/core/plan.ts';
import { newcomer, type Person } from '../src/core/records.ts';
import { moments, reminding } from '../src/core/rules/reminders.ts';
import { isQuiet, type Quiet, toLocal } from '../src/core/time.ts';
import { wall, zones } from './fakes/wall.ts';
import { day, hour, minute, reference } from './rig.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const hhmm = (minutes: number) => new Date((minutes % 1440) * minute).toISOString().slice(11, 16);
const offered: Quiet[] = [
  ...['22:00-09:00', '21:00-10:00', '23:00-07:00', '00:00-00:00'].map((text) => {
    const [from = '', to = ''] = text.split('-');
    return { from, to };
  }),
];
const quiets = fc.oneof(
  fc.constantFrom(...offered),
  fc
    .tuple(fc.nat({ max: 1439 }), fc.integer({ min: 0, max: 14 * 60 }))
    .map(([from, lasts]) => ({ from: hhmm(from), to: hhmm(from + lasts) })),
);
const first = Date.parse('2026-01-10T00:00:00Z');
const last = Date.parse('2027-12-10T00:00:00Z');

/** Starts of meetings, half of them within three days of a change of clocks. */
const zoned = fc.constantFrom(...zones).chain((zone) => {
  const near = wall(zone).changes.filter((at) => at > first && at < last);
  const anywhere = fc.integer({ min: first, max: last });
  const close = fc
    .tuple(
      fc.constantFrom(...(near.length > 0 ? near : [first + day])),
      fc.integer({ min: -3 * day, max: 3 * day }),
    )
    .map(([change, off]) => change + off);
  const starts = fc.oneof(anywhere, close).map((at) => at - (at % minute));
  return fc.record({ zone: fc.constant(zone), starts });
});
const plans = fc
  .record({
    where: zoned,
    minutes: fc.integer({ min: 30, max: 180 }),
    before: fc.oneof(fc.integer({ min: minute, max: 3 * day }), fc.integer({ min: minute, max: 30 * day })),
  })
  .map(({ where: { zone, starts }, minutes, before }) => ({
    zone,
    plan: planOf(zone, starts, starts - before, minutes),
  }));

function planOf(zone: string, starts: number, made: number, minutes = 60): Plan {
  const { date } = toLocal(starts, zone);
  return {
    ...{ id: `m@${date}`, meeting: 'm', name: 'Møtet', fellowship: 'AA', openness: 'open', date, starts },
    ...{ minutes, zone, where: null, online: null, notes: '', made },
  };
}

/** The meeting that a plan is about, as its list has it. */
function meetingOf({ meeting: id, name, fellowship, openness, minutes, zone, starts, date }: Plan): Meeting {
  const weekday = (new Date(`${date}T12:00Z`).getUTCDay() || 7) as Meeting['weekday'];
  return {
    ...{ id, name, fellowship, openness, minutes, zone, weekday, time: toLocal(starts, zone).time },
    ...{ place: null, online: 'https://example.org/x', notes: {}, confirmed: date, marks: [] },
  };
}

describe('the moments of a plan', () => {
  test('are never at night, never too late to help, and in order', () => {
    fc.assert(
      fc.property(plans, quiets, ({ zone, plan }, quiet) => {
        const found = moments(plan, { quiet, zone });
        for (const { kind, at, until } of found) {
          expect(isQuiet(at, quiet, zone), kind).toBe(false);
          expect(at, kind).toBeLessThanOrEqual(until);
          expect(at, kind).toBeGreaterThan(plan.made);
        }
        const ats = found.map(({ at }) => at);
        expect(ats).toEqual([...ats].sort((a, b) => a - b));
        expect(new Set(found.map(({ kind }) => kind)).size).toBe(found.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('lie where their names say', () => {
    fc.assert(
      fc.property(plans, quiets, ({ zone, plan }, quiet) => {
        const local = (at: number) => toLocal(at, zone).date;
        const ends = plan.starts + plan.minutes * minute;
        for (const { kind, at, until } of moments(plan, { quiet, zone })) {
          switch (kind) {
            case 'day-before':
              expect(local(at) < local(plan.starts)).toBe(true);
              expect(plan.starts - at).toBeLessThan(50 * hour);
              expect(until).toBe(plan.starts - 3 * hour);
              break;
            case 'two-hours':
              expect(at).toBeGreaterThanOrEqual(plan.starts - 2 * hour);
              expect(at).toBeLessThanOrEqual(plan.starts - 45 * minute);
              expect(until).toBeLessThan(plan.starts);
              break;
            case 'check-in':
              expect(local(at) > local(ends)).toBe(true);
              expect(at - ends).toBeLessThan(2 * day);
              break;
            case 'check-in-again':
              expect(at - ends).toBeGreaterThan(2 * day);
              expect(at - ends).toBeLessThan(6 * day);
              break;
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('always have a morning after and a second time', () => {
    fc.assert(
      fc.property(plans, quiets, ({ zone, plan }, quiet) => {
        const kinds = moments(plan, { quiet, zone }).map(({ kind }) => kind);
        expect(kinds.slice(-2)).toEqual(['check-in', 'check-in-again']);
      }),
    );
  });

  const oslo = 'Europe/Oslo';
  const told = (starts: string, made: string, quiet: Quiet) =>
    moments(planOf(oslo, Date.parse(starts), Date.parse(made)), { quiet, zone: oslo }).map(
      ({ kind, at }) => `${kind} ${new Date(at).toISOString().slice(0, 16)}`,
    );
  const usual = { from: '22:00', to: '09:00' };

  test('keep to the wall clock over the change to summer time and to winter time', () => {
    expect(told('2026-03-29T17:00Z', '2026-03-20T10:00Z', usual)).toEqual([
      ...['day-before 2026-03-28T18:00', 'two-hours 2026-03-29T15:00'],
      ...['check-in 2026-03-30T08:00', 'check-in-again 2026-04-02T10:00'],
    ]);
    expect(told('2026-10-25T18:00Z', '2026-10-20T10:00Z', usual)).toEqual([
      ...['day-before 2026-10-24T17:00', 'two-hours 2026-10-25T16:00'],
      ...['check-in 2026-10-26T09:00', 'check-in-again 2026-10-29T11:00'],
    ]);
  });

  test('give way to a quiet morning and forestall a quiet evening', () => {
    // At eight in the morning, and at half past ten at night, both in the quiet hours.
    expect(told('2026-11-20T07:00Z', '2026-11-10T10:00Z', usual)[0]).toBe('day-before 2026-11-19T08:00');
    expect(told('2026-11-20T21:30Z', '2026-11-10T10:00Z', usual)[0]).toBe('day-before 2026-11-19T20:45');
    // Two hours before half past ten is still quiet; nine is early enough.
    expect(told('2026-11-20T09:30Z', '2026-11-10T10:00Z', usual)[1]).toBe('two-hours 2026-11-20T08:00');
    // Nine is too late for a quarter past.
    expect(told('2026-11-20T08:15Z', '2026-11-10T10:00Z', usual).join()).not.toContain('two-hours');
  });

  test('leave out what has gone by when the plan is made', () => {
    expect(told('2026-11-20T18:00Z', '2026-11-19T18:01Z', usual)[0]).toBe('two-hours 2026-11-20T16:00');
    expect(told('2026-11-20T18:00Z', '2026-11-20T16:01Z', usual)[0]).toBe('check-in 2026-11-21T09:00');
    // Made after that time of day, though before the quiet morning was over.
    expect(told('2026-11-20T07:00Z', '2026-11-19T07:30Z', usual)[0]).toBe('check-in 2026-11-21T09:00');
  });

  test('that went by while reminders were not wanted come with the next word, but not at night', () => {
    const at = (text: string) => Date.parse(`2026-11-${text}Z`);
    const chat = { channel: 'telegram', address: '1' };
    const wants = (heard: number): Person => ({
      ...newcomer('person', 'clinic', 'invitation', chat, oslo, 'nb', heard),
      plans: [planOf(oslo, at('20T18:00'), at('10T10:00'))],
      consents: { channel: { given: true, at: heard }, reminders: { given: true, at: heard } },
    });
    expect(reminding(wants(at('19T12:00')))).toBe(at('19T18:00'));
    expect(reminding(wants(at('19T19:00')))).toBe(at('19T19:00'));
    expect(reminding(wants(at('19T22:00')))).toBe(at('20T08:00'));
    expect(reminding({ ...wants(at('19T12:00')), consents: {} })).toBeNull();
    expect(reminding({ ...wants(at('19T12:00')), reachable: false })).toBeNull();
  });
});

describe('waking', () => {
  test('each moment is used once at most, and what comes too late is skipped and seen', () => {
    const lateness = fc.oneof(
      fc.constant([0]),
      fc.array(fc.oneof(fc.nat({ max: hour }), fc.nat({ max: 3 * day })), { minLength: 1, maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(plans, { minLength: 1, maxLength: 2 }), quiets, lateness, (given, quiet, late) => {
        const zone = given[0]?.zone ?? 'Europe/Oslo';
        const made = Math.min(...given.map(({ plan }) => plan.made));
        const own = given.map(({ plan }, i) => ({
          ...plan,
          made,
          meeting: `m${i}`,
          id: `m${i}@${plan.date}`,
        }));
        const meetings = new MeetingIndex(own.map(meetingOf));
        const chat = { channel: 'telegram', address: '1' };
        const consents = { channel: { given: true, at: made }, reminders: { given: true, at: made } };
        let now = made;
        let person: Person = {
          ...newcomer('person', 'clinic', 'invitation', chat, zone, 'nb', now),
          ...{ consents, plans: own, quiet, discreet: false },
        };
        const world = () => ({
          // Plans a year apart are for this test alone: nobody is remembered so long without a word.
          clinic: { v: 1 as const, id: 'clinic', name: 'Klinikken', reads: null, zone, keepsDays: 9999 },
          arrival: { person: 'person', clinic: 'clinic', invitation: 'invitation', chat, language: 'nb' },
          ...{ person, invitation: null, knowledge: null, reference: { ...reference, meetings } },
        });
        const happen = (event: Parameters<typeof decide>[1]) => {
          const decision = decide(world(), event);
          person = decision.person ?? person;
          return decision;
        };
        happen({ id: 'first', at: now, seed: '0000000000', kind: 'unreadable' });
        const seen: string[] = [];
        const wake = (matter: string, due: number, seed: string) => {
          const { facts } = happen({ id: seed, at: now, seed, kind: 'due', matter, due });
          for (const { what, detail: { plan: id = '', kind = '' } = {} } of facts) {
            if (what !== 'reminder-due' && what !== 'reminder-skipped') continue;
            const plan = own.find((one) => one.id === id);
            const moment = plan && moments(plan, { quiet, zone }).find((one) => one.kind === kind);
            seen.push(`${id} ${kind}`);
            expect(now).toBeGreaterThanOrEqual(moment?.at ?? Number.POSITIVE_INFINITY);
            expect(what === 'reminder-due').toBe(now <= (moment?.until ?? 0));
          }
        };
        for (let wakes = 0; person.plans.length > 0; wakes++) {
          expect(wakes).toBeLessThan(30);
          now = Math.max(now, Math.min(...Object.values(person.timers))) + (late[wakes % late.length] ?? 0);
          const due = Object.entries(person.timers).filter(([, at]) => at <= now);
          due.sort(([, one], [, other]) => one - other);
          for (const [matter, at] of due) wake(matter, at, `${wakes}`.padStart(10, '1'));
        }
        expect(new Set(seen).size).toBe(seen.length);
        if (late.some((ms) => ms > 0)) return;
        const all = own.flatMap((plan) =>
          moments(plan, { quiet, zone }).map(({ kind }) => `${plan.id} ${kind}`),
        );
        expect(seen.sort()).toEqual(all.sort());
      }),
      { numRuns: 300 },
    );
  });
});

describe('a meeting that is off', () => {
  const zone = 'Europe/Oslo';
  const starts = wall(zone).firstShown('2026-11-24', '19:00');
  const made = starts - 3 * day;
  const plan = planOf(zone, starts, made);
  const chat = { channel: 'telegram', address: '1' };
  const consents = { channel: { given: true, at: made }, reminders: { given: true, at: made } };
  const person: Person = {
    ...newcomer('person', 'clinic', 'invitation', chat, zone, 'nb', made),
    ...{ consents, plans: [plan], discreet: false },
    place: { label: '0184 Oslo', postcode: '0184', lat: 59.91, lon: 10.75 },
  };
  /** The day before, as the list stands then. */
  function reminded(list: KnownMeeting[]) {
    const due = starts - day;
    const world = {
      clinic: { v: 1 as const, id: 'clinic', name: 'Klinikken', reads: null, zone },
      arrival: { person: 'person', clinic: 'clinic', invitation: 'invitation', chat, language: 'nb' },
      person: { ...person, timers: { plan: due } },
      ...{ invitation: null, knowledge: null, reference: { ...reference, meetings: new MeetingIndex(list) } },
    };
    return decide(world, { id: '1', at: due, seed: '0000000000', kind: 'due', matter: 'plan', due });
  }
  const runs = meetingOf(plan);

  test('is reminded of while it runs', () => {
    expect(reminded([runs]).facts).toMatchObject([{ what: 'reminder-due' }]);
    expect(reminded([{ ...runs, read: starts - 15 * day + day }]).facts).toMatchObject([
      { what: 'reminder-due' },
    ]);
  });

  test.each<[string, KnownMeeting[]]>([
    ['gone from the list', []],
    ['paused', [{ ...runs, pauses: [{ from: '2026-11-24', to: '2026-11-24' }] }]],
    ['moved to another day', [{ ...runs, weekday: 3 }]],
    ['from a list that has expired', [{ ...runs, read: starts - 15 * day - 1 }]],
  ])('%s, it is told kindly once, and the plan is laid aside', (_, list) => {
    const { said, facts, person: after } = reminded(list);
    expect(facts).toEqual([{ what: 'plan-off', detail: { plan: plan.id } }]);
    expect(said.map(({ text }) => text).join('\n')).toContain(
      'Møtet du hadde planlagt (Møtet), går likevel ikke',
    );
    expect(after).toMatchObject({ plans: [], frames: [{ dialogue: 'meeting', step: 'off' }] });
    expect(after?.timers.plan).toBeUndefined();
  });
});
