/**
 * Reads a YAML file of meetings written by hand. It exists so that a slip in such a file (a weekday 8, a postcode without quotes) is
 * found before the program starts, with its line, instead of by somebody before a locked door. It never repairs or drops a row.
 */

import { z } from 'zod';
import type { Meeting } from '../core/meeting.ts';
import { isDate } from '../core/time.ts';
import { loadYaml } from './yaml-file.ts';

const text = z.string().trim().min(1);
const date = z.string().refine(isDate, 'is no date; write it as 2026-11-01');
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "is no time of day; write it as '19:00'");
const zone = z.string().refine(isZone, 'is no time zone; write a name such as Europe/Oslo');

const place = z.strictObject({
  name: text,
  address: text,
  postcode: z.string({ error: "must stand in quotes, such as '0184'" }).regex(/^\d{4}$/, 'has four digits'),
  town: text,
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  approximate: z.literal(true).exactOptional(),
});

const meeting = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'may hold a-z, 0-9 and single hyphens'),
    name: text,
    fellowship: text,
    weekday: z.literal([1, 2, 3, 4, 5, 6, 7], { error: 'must be 1 (Monday) to 7 (Sunday)' }),
    time,
    minutes: z.int().min(10).max(360),
    zone,
    place: place.nullable(),
    online: z.url({ protocol: /^https$/, error: 'must be a link that begins with https://' }).nullable(),
    openness: z.enum(['open', 'closed', 'unknown']),
    notes: z.record(z.string().regex(/^[a-z]{2}$/, 'must be a language such as nb'), text),
    confirmed: date,
    marks: z.array(z.enum(['beginners', 'wheelchair', 'young', 'women', 'men', 'quiet'])),
    languages: z
      .array(z.string().regex(/^[a-z]{2,3}$/, 'must be a language such as en'))
      .min(1)
      .exactOptional(),
    weeks: z
      .array(z.literal([1, 2, 3, 4, 5, -1], { error: 'must be 1 to 5, or -1 for the last of the month' }))
      .min(1)
      .exactOptional(),
    pauses: z
      .array(
        z
          .strictObject({ from: date, to: date })
          .refine(({ from, to }) => from <= to, { error: 'ends before it begins' }),
      )
      .exactOptional(),
    closedOnHolidays: z.literal(true).exactOptional(),
    phone: z
      .string({ error: "must stand in quotes, such as '+47 22 00 00 00'" })
      .regex(/^\+?\d[\d ,*#]{4,}$/, 'is no telephone number')
      .exactOptional(),
    demo: z.literal(true).exactOptional(),
  })
  .refine((row) => row.place !== null || row.online !== null || row.phone !== undefined, {
    path: ['place'],
    error: 'is null and online is too: there is no way to take part',
  });

const list = z.array(meeting).min(1);

/**
 * Loads a list of meetings.
 * @throws FileFaults with all faults of the file, one per line, as `file:line: what is wrong`
 */
export const loadMeetings = (file: string): Meeting[] => loadYaml(file, list, doubles);

/** An id twice would mix up two plans; one gathering under two ids would be suggested twice. Looks at rows not yet checked. */
function doubles(rows: unknown, lineOf: (path: [number]) => number): { path: [number]; message: string }[] {
  if (!Array.isArray(rows)) return [];
  const first = new Map<string, number>();
  return rows.flatMap((row: unknown, index) => {
    const { id, weekday, time, weeks, name, place, online } = Object(row) as Partial<Meeting>;
    const gathering = JSON.stringify([weekday, time, weeks, name, place?.postcode, online]);
    return [
      { key: `id ${id}`, what: 'the same id as' },
      { key: gathering, what: 'the same weekday, time, name and place as' },
    ].flatMap(({ key, what }) => {
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, index);
      return earlier === undefined
        ? []
        : [{ path: [index] as [number], message: `${what} the meeting in line ${lineOf([earlier])}` }];
    });
  });
}

function isZone(name: string): boolean {
  try {
    // Plain offsets such as +01:00 pass as zones too, but know nothing of summer time.
    return /^[A-Z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}
