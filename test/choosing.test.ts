/**
 * Which few meetings are offered: each part of the sum, wishes that are met and never claimed otherwise, lists that grow old, the
 * days after discharge, and that the prepared index finds exactly what going through all would find. At the end the way from what
 * a person said to what they are shown.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../src/core/decide.ts';
import { type KnownMeeting, type Meeting, vouchedMarks } from '../src/core/meeting.ts';
import { MeetingIndex } from '../src/core/meeting-index.ts';
import { occurrenceId } from '../src/core/occurrence.ts';
import { candidate, groupOf, type Want, type Wish, wantable } from '../src/core/ranking.ts';
import { type Clinic, type Frame, type Invitation, newcomer, type Person } from '../src/core/records.ts';
import { suggest } from '../src/core/suggest.ts';
import type { Turn } from '../src/core/turn.ts';
import { vocabulary } from '../src/core/vocabulary.ts';
import { wall, zones } from './fakes/wall.ts';
import { reference } from './rig.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const zone = 'Europe/Oslo';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (date: string, time: string) => wall(zone).firstShown(date, time);
/** A Monday. */
const now = at('2026-11-23', '12:00');
const centre = { lat: 59.91, lon: 10.75 };
/** About so many kilometres north of the centre: a degree of latitude is 111.2 km on the globe used. */
const north = (km: number) => ({ lat: centre.lat + km / 111.195, lon: centre.lon });
const wish: Wish = { near: centre, fellowships: [], from: now, zone };

/** Tomorrow at 19:00, closed, right here, unless it is said otherwise. */
function meeting(
  id: string,
  { km = 0, ...change }: Partial<KnownMeeting> & { km?: number } = {},
): KnownMeeting {
  return {
    ...{ id, name: id, fellowship: 'AA', weekday: 2, time: '19:00', minutes: 60, zone, online: null },
    place: { name: 'Sal', address: 'Eksempelgata 1', postcode: '0184', town: 'Oslo', ...north(km) },
    ...{ openness: 'closed', notes: {}, confirmed: '2026-11-01', marks: [] },
    ...change,
  };
}
const online = (id: string, change: Partial<KnownMeeting> = {}) =>
  meeting(id, { place: null, online: 'https://example.org/x', ...change });

const choose = (list: KnownMeeting[], change: Partial<Wish> = {}, count = 3) =>
  suggest(new MeetingIndex(list), { ...wish, ...change }, count);
const order = (list: KnownMeeting[], change: Partial<Wish> = {}) =>
  choose(list, change).map((one) => one.meeting.id);
const reasonsOf = (list: KnownMeeting[], change: Partial<Wish> = {}) =>
  Object.fromEntries(choose(list, change).map((one) => [one.meeting.id, one.reasons]));
/** The hours that a meeting costs more than the same one right here tomorrow at 19:00. */
const costs = (change: Parameters<typeof meeting>[1], asked: Partial<Wish> = {}) =>
  (candidate(meeting('a', change), { ...wish, ...asked })!.cost - candidate(meeting('a'), wish)!.cost) / 60;

describe('the sum', () => {
  test.each<[string, Parameters<typeof meeting>[1], Partial<Wish>, number]>([
    ['a kilometre', { km: 7 }, {}, 7],
    ['a tenth of one', { km: 0.1 }, {}, 0.1],
    ['a day', { weekday: 3 }, {}, 24],
    ['half an hour', { time: '19:30' }, {}, 0.5],
    ['online', { place: null, online: 'https://example.org/x' }, {}, 48],
    ['online, as wished', { place: null, online: 'https://example.org/x' }, { wants: ['online'] }, -24],
    ['for beginners', { marks: ['beginners'], openness: 'open' }, {}, -12],
    ['open', { openness: 'open' }, {}, -6],
    ['open, as wished', { openness: 'open' }, { wants: ['open'] }, -30],
    ['two wishes', { marks: ['young', 'quiet'] }, { wants: ['young', 'quiet', 'english'] }, -48],
    ['company changes nothing', {}, { wants: ['company'] }, 0],
    ['steps, perhaps', {}, { wants: ['wheelchair'] }, 48],
    ['no steps', { marks: ['wheelchair'] }, { wants: ['wheelchair'] }, -24],
    ['a foreign language', { languages: ['pl'] }, { understands: ['nb', 'en'] }, 24],
    ['one of its languages', { languages: ['pl', 'en'] }, { understands: ['nb', 'en'] }, 0],
    ['a stale list', { read: now - 49 * HOUR }, {}, 12],
    ['a fresh list', { read: now - 47 * HOUR }, {}, 0],
    ['within a day of leaving', {}, { discharge: at('2026-11-24', '10:00') }, -22 - 24],
    ['within two days of leaving', { weekday: 3 }, { discharge: at('2026-11-24', '10:00') }, -22 + 24 - 12],
    ['later', { weekday: 4 }, { discharge: at('2026-11-24', '10:00') }, -22 + 48],
    ['within a day of having left', {}, { discharge: at('2026-11-23', '11:00') }, 0 - 12],
    ['long after', {}, { discharge: at('2026-10-23', '11:00') }, 0],
  ])('%s', (_, change, asked, hours) => {
    expect(costs(change, asked)).toBeCloseTo(hours, 9);
  });

  test('before discharge counts for little, but somebody who has left early still finds something', () => {
    const discharge = at('2026-11-29', '12:00');
    const first = choose([meeting('a')], { discharge });
    expect(first.map(occurrenceId)).toEqual(['a@2026-12-01']);
    const rest = choose([meeting('a')], { discharge, exclude: ['a@2026-12-01', 'a@2026-12-08'] });
    expect(rest.map(occurrenceId)).toEqual(['a@2026-11-24']);
    const late = choose([meeting('a')], { discharge: at('2026-12-06', '12:00') });
    expect(late.map(occurrenceId)).toEqual(['a@2026-12-08']);
    // One that lies farther off than two weeks says nothing about now.
    expect(choose([meeting('a')], { discharge: now + 15 * DAY }).map(occurrenceId)).toEqual(['a@2026-11-24']);
  });

  test('a meeting a long way off that one can join from home is joined from home', () => {
    const link = 'https://example.org/x';
    const list = [meeting('near', { km: 59, online: link }), meeting('far', { km: 61, online: link })];
    expect(choose(list).map(({ km }) => km)).toEqual([null, 59]);
  });
});

describe('wishes', () => {
  test('one that is met is said and moves it up; one that is not is never claimed', () => {
    const list = [
      meeting('plain'),
      meeting('open', { openness: 'open', km: 2 }),
      meeting('young', { vouched: { young: '2026-11-03' }, km: 3 }),
    ];
    expect(reasonsOf(list, { wants: ['open', 'young', 'quiet'] })).toEqual({
      open: ['wish-open'],
      young: ['wish-young'],
      plain: ['nearest'],
    });
    expect(order(list, { wants: ['young'] })[0]).toBe('young');
    expect(reasonsOf(list)).toMatchObject({ young: ['another-place'] });
  });

  test("friendly to LAR and to medication only by somebody's own word", () => {
    const list = [meeting('list'), meeting('vouched', { km: 5, vouched: { lar: '2026-11-03' } })];
    expect(reasonsOf(list, { wants: ['lar', 'medication'] })).toEqual({
      vouched: ['lar'],
      list: ['nearest'],
    });
  });

  test('groups for women or men are offered to whoever asks for them, and to nobody else', () => {
    const list = [meeting('women', { marks: ['women'] }), meeting('men', { marks: ['men'] }), meeting('all')];
    expect(order(list)).toEqual(['all']);
    expect(order(list, { wants: ['women'] })).toEqual(['women', 'all']);
    expect(reasonsOf(list, { wants: ['women'] }).women).toContain('wish-women');
  });

  test('every reason that names a wish is a wish, and a fact', () => {
    fc.assert(
      fc.property(fc.array(anyMeeting, { maxLength: 8 }), fc.subarray([...wantable]), (found, wants) => {
        for (const one of choose(numbered(found), { wants })) {
          for (const reason of one.reasons) {
            const want = reason.replace(/^wish-/, '') as Want;
            if (want === reason && want !== 'lar' && want !== 'medication') continue;
            expect(wants).toContain(want);
            expect(factsOf(one.meeting)).toContain(want);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  /** What is true of a meeting, worked out from its fields alone. */
  function factsOf({
    openness,
    marks,
    vouched = {},
    languages = [],
    online: link,
    phone,
  }: KnownMeeting): string[] {
    return [
      ...(openness === 'open' ? ['open'] : []),
      ...marks,
      ...vouchedMarks.filter((mark) => vouched[mark]),
      ...(languages.includes('en') ? ['english'] : []),
      ...(link || phone ? ['online'] : []),
    ];
  }
});

describe('what is left out', () => {
  test('a list that was not read for two weeks, whatever it holds; a stale one comes after a fresh one', () => {
    const read = (days: number) => meeting(`d${days}`, { read: now - days * DAY });
    expect(order([read(1), read(3), read(14), read(15)])).toEqual(['d1', 'd14', 'd3']);
  });

  test('the group that fitted badly, on its other evenings too, but not its namesake elsewhere', () => {
    const group = (id: string, change: Parameters<typeof meeting>[1] = {}) =>
      meeting(id, { name: 'Fyrlykta', ...change });
    const elsewhere = meeting('elsewhere').place!;
    const list = [
      group('tuesday'),
      group('thursday', { weekday: 4 }),
      group('na', { fellowship: 'NA' }),
      group('moss', { place: { ...elsewhere, town: 'Moss' } }),
    ];
    expect(order(list, { avoid: ['thursday'] })).toEqual(['moss', 'na']);
    expect(order(list, { avoid: ['gone-from-the-list'] })).toHaveLength(3);
  });

  test('what does not run within two weeks', () => {
    const paused = (to: string) => meeting(to, { pauses: [{ from: '2026-11-01', to }] });
    expect(order([paused('2026-11-30'), paused('2026-12-01')])).toEqual(['2026-11-30']);
  });
});

const anyMeeting = fc
  .record({
    spot: fc.constantFrom(0, 0.04, 0.1, 5, 5.05, 59, 60.02, 61, 120, 149.99, 160),
    east: fc.constantFrom(0, 0.3),
    weekday: fc.constantFrom(1, 2, 3, 7),
    time: fc.constantFrom('02:30', '03:30', '12:00', '12:30', '12:40', '19:00', '23:30'),
    zone: fc.constantFrom(zone, 'America/Nuuk', 'Australia/Lord_Howe', 'Africa/Cairo'),
    fellowship: fc.constantFrom('AA', 'NA'),
    openness: fc.constantFrom('open' as const, 'closed' as const),
    marks: fc.subarray(['beginners', 'women', 'young', 'wheelchair'] as const),
    vouched: fc.subarray(['lar', 'quiet'] as const),
    languages: fc.constantFrom([], ['en'], ['pl']),
    weeks: fc.constantFrom([], [1, 3], [-1]),
    paused: fc.boolean(),
    closes: fc.boolean(),
    days: fc.constantFrom(null, 1, 3, 20),
    how: fc.constantFrom('there', 'there', 'online', 'both'),
  })
  .map(({ spot, east, vouched, languages, weeks, paused, closes, days, how, ...rest }) => ({
    ...meeting('x', rest as Partial<Meeting>),
    ...(how === 'online'
      ? { place: null }
      : { place: { ...meeting('x').place!, ...north(spot), lon: centre.lon + east } }),
    ...(how === 'there' ? {} : { online: 'https://example.org/x' }),
    vouched: Object.fromEntries(vouched.map((mark) => [mark, '2026-11-03'])),
    ...(languages.length > 0 ? { languages } : {}),
    ...(weeks.length > 0 ? { weeks: weeks as NonNullable<Meeting['weeks']> } : {}),
    ...(paused ? { pauses: [{ from: '2026-03-20', to: '2026-03-31' }] } : {}),
    ...(closes ? { closedOnHolidays: true as const } : {}),
    ...(days === null ? {} : { age: days }),
  }));
type Loose = KnownMeeting & { age?: number };
const numbered = (list: Loose[], from = now): KnownMeeting[] =>
  list.map(({ age, ...one }, i) => ({
    ...one,
    id: `m${i}`,
    name: `m${i % 7}`,
    ...(age === undefined ? {} : { read: from - age * DAY }),
  }));

describe('the index', () => {
  test('finds what going through all of them would find', () => {
    const moments = fc.constantFrom(
      at('2026-03-27', '13:00'),
      ...[now, at('2026-03-28', '20:00'), at('2026-03-29', '03:00'), at('2026-10-25', '02:30') + 1],
      ...[
        wall('America/Nuuk').firstShown('2026-03-29', '00:00'),
        at('2026-12-23', '22:13') + 7,
        now + 30_000,
      ],
    );
    const wishes = fc.record({
      from: moments,
      wants: fc.subarray([...wantable]),
      fellowships: fc.constantFrom([], ['NA']),
      discharge: fc.constantFrom(null, -30, -1, 0.2, 2, 13, 16),
      understands: fc.constantFrom(undefined, ['nb']),
      avoid: fc.constantFrom([], ['m1']),
      shown: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(anyMeeting, { maxLength: 60, size: 'max' }),
        wishes,
        (loose, { discharge, shown, understands, ...rest }) => {
          const list = numbered(loose, rest.from);
          const index = new MeetingIndex(list);
          const asked: Wish = { near: centre, zone, ...rest, ...(understands ? { understands } : {}) };
          if (discharge !== null) asked.discharge = rest.from + discharge * DAY;
          if (shown) asked.exclude = index.find(asked, 3).best.map(({ id }) => id);
          const badly = new Set(list.filter(({ id }) => asked.avoid?.includes(id)).map(groupOf));
          const all = list
            .filter((one) => asked.fellowships.length === 0 || asked.fellowships.includes(one.fellowship))
            .filter((one) => !one.marks.includes('women') || asked.wants?.includes('women'))
            .filter((one) => one.read === undefined || asked.from - one.read <= 14 * DAY)
            .filter((one) => !badly.has(groupOf(one)))
            .flatMap((one) => candidate(one, asked) ?? [])
            .sort((a, b) => a.cost - b.cost || (a.id < b.id ? -1 : 1));
          const ids = (found: { id: string }[]) => found.map(({ id }) => id);
          expect(ids(index.find(asked, 3).best)).toEqual(ids(all.slice(0, 3)));
          expect(ids(index.find(asked, 2, 'online').best)).toEqual(
            ids(all.filter(({ km }) => km === null).slice(0, 2)),
          );
          const near = all.filter(({ km }) => km !== null && km <= 60);
          expect(ids(index.find(asked, 2, 'nearby').best)).toEqual(ids(near.slice(0, 2)));
          expect(suggest(new MeetingIndex(list.toReversed()), asked)).toEqual(suggest(index, asked));
        },
      ),
      { numRuns: 600 },
    );
  });

  test.each(zones)('is not led astray by a change of clocks in %s', (there) => {
    const times = ['00:00', '00:40', '01:30', '02:10', '02:30', '03:00', '03:20', '12:00', '23:20'];
    const list = [there, 'UTC'].flatMap((each) =>
      ([1, 5, 6, 7] as const).flatMap((weekday) =>
        times.map((time, i) => meeting(`${(i * 7) % 9}-${weekday}-${each}`, { zone: each, weekday, time })),
      ),
    );
    const index = new MeetingIndex(list);
    for (const change of wall(there).changes) {
      for (const minutes of [-3000, -1500, -700, -95, -61, -30, -29, -5, 0, 10, 31, 90]) {
        const asked = { ...wish, from: change + minutes * 60_000 };
        const all = list.flatMap((one) => candidate(one, asked) ?? []);
        all.sort((a, b) => a.cost - b.cost || (a.id < b.id ? -1 : 1));
        const best = (count: number) => index.find(asked, count).best.map(({ id }) => id);
        for (const count of [1, 3]) expect(best(count)).toEqual(all.slice(0, count).map(({ id }) => id));
      }
    }
  });

  test('works out few of thirty-five thousand exactly', () => {
    let seed = 1;
    const chance = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const list = Array.from({ length: 35_000 }, (_, i) => {
      const place = { ...meeting('x').place!, lat: 58 + chance() * 13, lon: 5 + chance() * 20 };
      const hour = 7 + Math.floor(chance() * 15);
      return meeting(`m${i}`, {
        weekday: (1 + Math.floor(chance() * 7)) as Meeting['weekday'],
        time: `${hour}`.padStart(2, '0') + (chance() < 0.5 ? ':00' : ':30'),
        ...(chance() < 0.2 ? { place: null, online: 'https://example.org/x' } : { place }),
        ...(chance() < 0.05 ? { weeks: [1] as const } : {}),
      });
    });
    const index = new MeetingIndex(list);
    for (const near of [centre, { lat: 69.6, lon: 18.9 }, { lat: 0, lon: 0 }]) {
      const { best, examined } = index.find({ ...wish, near }, 3);
      expect(best).toHaveLength(3);
      expect(examined).toBeLessThanOrEqual(20);
    }
  });

  test('of nothing, or for nothing, finds nothing', () => {
    expect(choose([])).toEqual([]);
    expect(choose([meeting('a')], {}, 0)).toEqual([]);
    expect(new MeetingIndex([meeting('a')]).get('a')?.id).toBe('a');
    expect(new MeetingIndex([]).get('a')).toBeUndefined();
  });
});

describe('from what a person said to what they are shown', () => {
  const clinic: Clinic = { v: 1, id: 'clinic', name: 'Oppdiktet klinikk', reads: null, zone };
  const chat = { channel: 'telegram', address: '1' };
  const place = { label: '0184 Oslo', postcode: '0184', ...centre };

  function shown(
    list: KnownMeeting[],
    change: Partial<Person>,
    discharge: string | null = null,
    then?: string,
  ): string {
    const person: Person = {
      ...newcomer('person', 'clinic', 'invitation', chat, zone, 'nb', now),
      ...{ place, consents: { channel: { given: true, at: now } }, ...change },
    };
    const invitation: Invitation = {
      ...{ v: 1, id: 'invitation', clinic: 'clinic', alias: null, discharge, young: false },
      ...{ made: now, expires: now + DAY, taken: 'person' },
    };
    const arrival = { person: 'person', clinic: 'clinic', invitation: 'invitation', chat, language: 'nb' };
    const world = {
      person,
      arrival,
      clinic,
      invitation,
      knowledge: null,
      reference: { ...reference, meetings: new MeetingIndex(list) },
    };
    const open = decide(world, { id: '1', at: now, seed: '0000000000', kind: 'said', text: 'meny' });
    const [menu] = open.person!.frames;
    const event = {
      id: '2',
      at: now,
      seed: '0000000001',
      kind: 'tapped',
      wait: menu!.wait,
      choice: 'meeting',
    } as const;
    const offered = decide({ ...world, person: open.person! }, event);
    const answer = { id: '3', at: now, seed: '0000000002', kind: 'said', text: then ?? '' } as const;
    return (then === undefined ? offered : decide({ ...world, person: offered.person! }, answer)).said
      .map(({ text }) => text)
      .join('\n');
  }

  test('wishes, LAR, the language and an old list are told as they are', () => {
    const vouched = meeting('vouched', {
      openness: 'open',
      vouched: { lar: '2026-11-03' },
      read: now - 3 * DAY,
      languages: ['pl'],
    });
    const said = shown([vouched], {
      wishes: ['open', 'quiet'],
      situation: { lar: true, medication: null, opioids: null, before: null, young: null },
    });
    expect(said).toContain(
      'det er åpent, som du ønsket deg, gruppen er LAR-vennlig, bekreftet tirsdag 3. november',
    );
    expect(said).not.toContain('rolig');
    expect(said).not.toContain('Ingen av gruppene her er merket');
    expect(said).toContain('Møtet går på polsk.');
    expect(said).toContain('Lista er noen dager gammel');
    const lar = { lar: true, medication: null, opioids: null, before: null, young: null };
    expect(shown([meeting('plain')], { situation: lar })).toContain('Ingen av gruppene her er merket');
  });

  test('what fitted badly is not shown again, and the first days after discharge come first', () => {
    const list = [meeting('first'), meeting('second', { weekday: 6 })];
    expect(shown(list, { unfit: ['first'] })).not.toContain('first');
    expect(shown(list, {})).toContain('1. first');
    expect(shown(list, {}, '2026-11-27')).toMatch(
      /1\. second.*\n.*\n.*det er de første dagene etter at du kommer ut/,
    );
  });

  test('a plan for a meeting far away that one joins from home has no address to go to', () => {
    const link = { online: 'https://example.org/x' };
    const picked = (km: number) => shown([meeting('a', { km, ...link })], {}, null, '1');
    expect(picked(90)).toMatch(/^a \(AA\)\nI morgen kl. 19.00\nPå nett\n/);
    expect(picked(50)).toContain('Sal, Eksempelgata 1, 0184 Oslo');
  });

  test('a bad fit is noted by the meeting that the talk is about, once', () => {
    const person = newcomer('person', 'clinic', 'invitation', chat, zone, 'nb', now);
    const note = (plan?: string) =>
      vocabulary.actions['note-bad-fit']!.act({ person } as Turn, { vars: plan ? { plan } : {} } as Frame);
    for (const plan of ['a@2026-11-24', 'b@2026-11-25', 'a@2026-12-01', undefined])
      expect(note(plan)).toBe('done');
    expect(person.unfit).toEqual(['a', 'b']);
  });

  test('one to take part in by telephone is offered as such', () => {
    const said = shown([meeting('phone', { place: null, phone: '+47 22 00 00 00' })], {});
    expect(said).toContain('På telefon.');
    expect(said).toContain('du kan være med hjemmefra');
  });

  test('with nothing near that is said, and with nothing at all there are telephones', () => {
    const far = shown([meeting('far', { km: 90 }), online('online')], {});
    expect(far).toContain('Ingen av disse er i nærheten av deg.');
    expect(far).toContain('kan være en bru');
    expect(shown([meeting('far', { km: 90 })], {})).not.toContain('kan være en bru');
    expect(shown([meeting('near')], {})).not.toContain('i nærheten av deg. ');
    expect(shown([meeting('near'), online('online')], {})).not.toContain('kan være en bru');
    const none = shown([], { fellowships: ['NA'] });
    expect(none).toContain('905 29 359');
    expect(none).not.toContain('911 77 770');
    expect(shown([], {})).toContain('911 77 770');
  });
});
