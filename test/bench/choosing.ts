/** How long it takes to find the best three of 35,000 invented meetings. That few are examined is what the tests hold. */
import type { KnownMeeting } from '../../src/core/meeting.ts';
import { MeetingIndex } from '../../src/core/meeting-index.ts';
import type { Wish } from '../../src/core/ranking.ts';
import { suggest } from '../../src/core/suggest.ts';
import type { Weekday } from '../../src/core/time.ts';
import { spreadOf } from './load.ts';
import type { Report } from './report.ts';

let seed = 1;
const chance = (): number => {
  seed = (seed * 16_807) % 2_147_483_647;
  return seed / 2_147_483_647;
};
const between = (from: number, to: number): number => from + chance() * (to - from);
const zones = Intl.supportedValuesOf('timeZone');
const place = { name: 'Sal', address: '', postcode: '', town: '' };

const spreads: Record<string, () => { lat: number; lon: number; zone: string }> = {
  'all over Norway': () => ({ lat: between(58, 71), lon: between(5, 25), zone: 'Europe/Oslo' }),
  'all in one town': () => ({ lat: between(59.7, 60.2), lon: between(10.3, 11.3), zone: 'Europe/Oslo' }),
  'all over the world': () => ({
    ...{ lat: between(-50, 60), lon: between(-180, 180) },
    zone: zones[Math.floor(between(0, 120))] ?? 'UTC',
  }),
};

function invented(id: number, { lat, lon, zone }: { lat: number; lon: number; zone: string }): KnownMeeting {
  const online = chance() < 0.2;
  const time = `${`${Math.floor(between(7, 22))}`.padStart(2, '0')}:${chance() < 0.5 ? '00' : '30'}`;
  return {
    ...{
      id: `m${id}`,
      name: `Gruppe ${id}`,
      fellowship: chance() < 0.5 ? 'AA' : 'NA',
      minutes: 60,
      zone,
      time,
    },
    weekday: Math.floor(between(1, 8)) as Weekday,
    place: online ? null : { ...place, lat, lon },
    online: online ? 'https://example.org/x' : null,
    ...{ openness: chance() < 0.5 ? 'open' : 'closed', notes: {}, confirmed: '2026-11-01' },
    marks: chance() < 0.1 ? ['beginners'] : [],
    ...(chance() < 0.05 ? { weeks: [-1] as const } : {}),
    demo: true,
  };
}

const from = Date.parse('2026-11-23T12:00Z');
const plain: Wish = { near: { lat: 59.91, lon: 10.75 }, fellowships: [], from, zone: 'Europe/Oslo' };
const asked: Record<string, Partial<Wish>> = {
  'no wishes': {},
  'four wishes, discharge in two days': {
    wants: ['open', 'young', 'quiet', 'lar'],
    discharge: from + 2 * 24 * 3_600_000,
  },
};
export function choosingBench(): Report {
  const rows: Report['rows'] = [];
  for (const [where, spread] of Object.entries(spreads)) {
    const list = Array.from({ length: 35_000 }, (_, id) => invented(id, spread()));
    const began = performance.now();
    const index = new MeetingIndex(list);
    const built = performance.now() - began;
    for (const [what, more] of Object.entries(asked)) {
      const took: number[] = [];
      let examined = 0;
      for (let n = 0; n < 220; n++) {
        const wish = {
          ...plain,
          ...more,
          from: from + n * 3_700_000,
          near: { lat: 59.91 + (n % 5) / 50, lon: 10.75 },
        };
        const start = performance.now();
        suggest(index, wish);
        if (n >= 20) took.push(performance.now() - start);
        examined = Math.max(examined, index.find(wish, 3).examined);
      }
      const { p50, p99 } = spreadOf(took);
      rows.push({ name: `${where}, ${what}`, cells: [p50, p99, examined, built] });
    }
  }
  return {
    id: 'choosing',
    title: 'Choosing meetings',
    about: 'The best three of 35,000 invented meetings, 200 times from different moments and places.',
    columns: ['p50 ms', 'p99 ms', 'worked out exactly, at most', 'index built in ms'],
    rows,
    aims: [],
  };
}
