/**
 * What is on near a place, as the command line prints it: right in winter and summer, on the nights when the clocks change, in other
 * zones and on holidays. Expected moments are written down in UTC.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { agenda } from '../src/core/agenda.ts';
import { CannotStart } from '../src/engine/program.ts';
import { loadMeetings } from '../src/sources/meetings.ts';
import { meetings } from '../src/tools/meetings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'listing-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const kristiansand = 'lat: 58.1458, lon: 7.9938';
const row = (id: string, weekday: number, time: string, where = kristiansand, more = '') => `
- { id: ${id}, name: ${id}, fellowship: AA, weekday: ${weekday}, time: '${time}', minutes: 60, zone: Europe/Oslo,
    place: { name: Sal, address: Eksempelgata 1, postcode: '4611', town: Kristiansand, ${where} },
    online: null, openness: open, marks: [], confirmed: '2026-01-01', notes: {} ${more} }`;
const online = (id: string, zone: string) =>
  row(id, 7, '02:30')
    .replace(/place: .*,\n/, 'place: null,\n')
    .replace('online: null', 'online: https://example.org/x')
    .replace('Europe/Oslo', zone);

async function printed(wish: Partial<Parameters<typeof meetings>[0]>, ...rows: string[]): Promise<string> {
  const list = join(folder, 'list.yaml');
  writeFileSync(list, rows.join(''));
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await meetings({ near: '4616', limit: 5, ...(rows.length > 0 ? { list } : {}), ...wish });
  const text = write.mock.calls.map(([part]) => String(part)).join('');
  write.mockRestore();
  return text;
}
async function starts(at: string, ...rows: string[]): Promise<[string, string, string][]> {
  const said = JSON.parse(await printed({ at, json: true }, ...rows)) as {
    meetings: { id: string; starts: string; time: string }[];
  };
  return said.meetings.map((each) => [each.id, each.starts, each.time]);
}

describe('what is on near a place', () => {
  test('is at the same time on the wall in winter and in summer', async () => {
    const sunday = row('sunday', 7, '19:00');
    expect(await starts('2026-01-10T12:00', sunday)).toEqual([['sunday', '2026-01-11T18:00:00Z', '19:00']]);
    expect(await starts('2026-07-11T12:00', sunday)).toEqual([['sunday', '2026-07-12T17:00:00Z', '19:00']]);
    expect(await starts('2026-03-28T20:00', sunday)).toEqual([['sunday', '2026-03-29T17:00:00Z', '19:00']]);
    expect(await starts('2026-10-24T20:00', sunday)).toEqual([['sunday', '2026-10-25T18:00:00Z', '19:00']]);
  });

  test('on the night when the clocks go forward half past two is three; when they go back it is the first', async () => {
    const night = row('night', 7, '02:30');
    expect(await starts('2026-03-28T20:00', night)).toEqual([['night', '2026-03-29T01:00:00Z', '03:00']]);
    expect(await starts('2026-10-24T20:00', night)).toEqual([['night', '2026-10-25T00:30:00Z', '02:30']]);
    // The second half past two is an hour too late; its own moment can be asked for by its offset.
    expect(await starts('2026-10-25T02:30+01:00', night)).toEqual([
      ['night', '2026-11-01T01:30:00Z', '02:30'],
    ]);
    expect(await starts('2026-10-25T02:30', night)).toEqual([['night', '2026-10-25T00:30:00Z', '02:30']]);
  });

  test('comes in the order of time, then of distance; one that began ten minutes ago still counts', async () => {
    const rows = [
      ...[
        row('later', 6, '21:00'),
        row('begun', 6, '19:50'),
        row('over', 6, '19:49'),
        row('now', 6, '20:00'),
      ],
      ...[
        row('a-vennesla', 6, '21:00', 'lat: 58.2694, lon: 7.9741'),
        row('monthly', 6, '20:30', kristiansand, ', weeks: [1]'),
      ],
    ];
    expect((await starts('2026-03-28T20:00', ...rows)).map(([id]) => id)).toEqual([
      'begun',
      'now',
      'later',
      'a-vennesla',
      'over',
    ]);
    expect((await starts('2026-04-04T20:00', ...rows)).map(([id]) => id)).toEqual([
      'begun',
      'now',
      'monthly',
      'later',
      'a-vennesla',
    ]);
  });

  test('is farther away where nothing is near, and online where nothing is there at all', async () => {
    const oslo = row('oslo', 7, '19:00', 'lat: 59.91, lon: 10.75');
    const egersund = row('west', 7, '19:00', 'lat: 58.45, lon: 6.0');
    const at = '2026-03-28T20:00';
    expect(await printed({ at }, oslo, egersund)).toMatch(
      /^Within 150 km as the crow flies of 4616 Kristiansand S:\n\nSun 2026-03-29 {2}19:00 {2}12\d\.\d km {2}west \(AA, open\) {2}Sal, Kristiansand\n$/,
    );
    expect(await printed({ at }, oslo)).toBe(
      'Nothing to go to near 4616 Kristiansand S, and nothing online.\n',
    );
    const rows = [online('ny', 'America/New_York'), online('home', 'Europe/Oslo'), oslo];
    expect(await starts('2026-03-28T20:00', ...rows)).toEqual([
      ['home', '2026-03-29T01:00:00Z', '03:00'],
      ['ny', '2026-03-29T06:30:00Z', '02:30'],
    ]);
  });

  test('a table tells of holidays, and the list of the program is used where no other is named', async () => {
    const text = await printed({ at: '2026-03-28T20:00' });
    const lines = text.split('\n').filter((line) => /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) 2026-/.test(line));
    expect(lines).toHaveLength(5);
    expect(lines.find((line) => line.startsWith('Thu 2026-04-02'))).toContain('holiday: maundy-thursday');
    expect(text).toMatch(/oppdiktet/);
  });

  test('what is wrong is said in plain words', async () => {
    await expect(printed({ near: 'Vik' })).rejects.toThrow(/several places; choose one of: Vik, Nordland/);
    await expect(printed({ near: 'Qqqq' })).rejects.toThrow(/Qqqq was not found; try a postcode/);
    await expect(printed({ at: 'tomorrow' })).rejects.toThrow(CannotStart);
  });

  test('holds nothing from a list that has expired', () => {
    const list = join(folder, 'expired.yaml');
    writeFileSync(list, row('a', 7, '19:00'));
    const [a] = loadMeetings(list);
    const now = Date.UTC(2026, 2, 28);
    const read = (days: number) =>
      agenda([{ ...a!, read: now - days * 86_400_000 }], a!.place!, now, 5).listed.length;
    expect([read(14), read(14.01)]).toEqual([1, 0]);
  });
});
