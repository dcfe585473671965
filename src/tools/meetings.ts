/**
 * Prints which meetings are on near a place, from the lists of this program or another one: for whoever looks after a list and wants to
 * see what people would be told. It touches nobody's records.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { agenda, type Listed } from '../core/agenda.ts';
import { holiday } from '../core/holidays.ts';
import type { KnownMeeting } from '../core/meeting.ts';
import { findPlace, type Place } from '../core/places.ts';
import { atLocal, type Millis, toLocal } from '../core/time.ts';
import { CannotStart, loadReference, openProgram, root } from '../engine/program.ts';
import { silentLog } from '../log.ts';
import { loadMeetings } from '../sources/meetings.ts';
import { loadPlaces } from '../sources/places.ts';

type Wish = { near: string; limit: number; at?: string; list?: string; json?: boolean };

/** @throws CannotStart when the place or the time is none; FileFaults when the list has faults */
export async function meetings(wish: Wish): Promise<void> {
  const config = readConfig();
  const { clinic } = config;
  const at = wish.at === undefined ? Date.now() : momentOf(wish.at, clinic.zone);
  const near = placeOf(wish.near);
  const list = wish.list ? loadMeetings(resolve(wish.list)) : await shown(config);
  const { listed, within } = agenda(list, near, at, wish.limit);
  if (wish.json) {
    const said = { near, at: instant(at), zone: clinic.zone, within, meetings: listed.map(row) };
    process.stdout.write(`${JSON.stringify(said, null, 2)}\n`);
    return;
  }
  const lines = [headline(near, within, listed.length > 0)];
  if (listed.length > 0) lines.push('', ...table(listed.map(cells)));
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** The meetings that people are shown, with those of the lists that were taken in. */
async function shown(config: Config): Promise<readonly KnownMeeting[]> {
  // Looking must not make a store.
  if (!existsSync(config.dataDir)) return loadReference(config.clinic.meetingsFile).meetings.all;
  const { reference, store } = await openProgram(config, silentLog);
  await store.close();
  return reference.meetings.all;
}

function headline({ label }: Place, within: number | null, some: boolean): string {
  if (within !== null) return `Within ${within} km as the crow flies of ${label}:`;
  return `Nothing to go to near ${label}${some ? '; online instead:' : ', and nothing online.'}`;
}

/** What a machine may want to know of one; `date` and `time` are what the wall at the meeting shows when it starts. */
function row({ meeting, date, starts, km }: Listed) {
  const { id, name, fellowship, minutes, zone, place, online, openness, marks, notes } = meeting;
  return {
    ...{ id, name, fellowship, date, time: toLocal(starts, zone).time, zone, minutes },
    ...{
      starts: instant(starts),
      ends: instant(starts + minutes * 60_000),
      km,
      place,
      online,
      openness,
      marks,
    },
    ...{ languages: meeting.languages ?? null, holiday: holiday(date), confirmed: meeting.confirmed, notes },
    demo: meeting.demo === true,
  };
}

function cells({ meeting, date, starts, km }: Listed): string[] {
  const { zone, place, name, fellowship, openness } = meeting;
  const day = holiday(date);
  return [
    `${new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: zone }).format(starts)} ${date}`,
    toLocal(starts, zone).time,
    km === null ? 'online' : `${km.toFixed(1)} km`,
    `${name} (${fellowship}, ${openness})`,
    place && km !== null ? [place.name, place.town].filter(Boolean).join(', ') : '',
    day ? `holiday: ${day}` : '',
  ];
}

function table(rows: readonly string[][]): string[] {
  const width = (column: number) => Math.max(0, ...rows.map((cell) => cell[column]?.length ?? 0));
  return rows.map((cell) =>
    cell
      .map((text, column) => text.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  );
}

/** A moment given as a local time, such as 2026-03-28T20:00, or with its offset from UTC or a Z. */
function momentOf(text: string, zone: string): Millis {
  try {
    if (/(Z|[+-]\d\d:?\d\d)$/i.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
    const local = Temporal.PlainDateTime.from(text);
    return atLocal(local.toPlainDate().toString(), local.toPlainTime().toString(), zone);
  } catch {
    throw new CannotStart(`--at: ${text} is no time; write it as 2026-03-28T20:00`);
  }
}

function placeOf(text: string): Place {
  const found = findPlace(loadPlaces(join(root, 'content/places')), text);
  if (found.kind === 'found') return found.place;
  const places = found.kind === 'several' ? found.places : found.suggestions;
  const labels = places.map(({ label }) => label).join('; ');
  const what = found.kind === 'several' ? 'may mean several places' : 'was not found';
  throw new CannotStart(
    `--near: ${text} ${what}${labels ? `; choose one of: ${labels}` : '; try a postcode'}`,
  );
}

const instant = (at: Millis): string => Temporal.Instant.fromEpochMilliseconds(at).toString();
