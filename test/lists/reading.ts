/**
 * What the tests of the list readers share: the slices of real lists, the options, and what must be true of every account. It looks at readings
 * through the one public door only.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Meeting } from '../../src/core/meeting.ts';
import type { Reading } from '../../src/sources/lists/list.ts';
import { type ReadOptions, readList } from '../../src/sources/lists/read.ts';
import { loadPlaces } from '../../src/sources/places.ts';

export const places = loadPlaces(join(import.meta.dirname, '../../content/places'));
export const slice = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export function options(format: ReadOptions['format'], more: Partial<ReadOptions> = {}): ReadOptions {
  return {
    source: 'liste',
    fellowship: 'AA',
    zone: 'Europe/Oslo',
    today: '2026-11-22',
    places,
    format,
    ...more,
  };
}

/** Reads and proves what must hold for any bytes. */
export function read(list: string | Uint8Array, how: ReadOptions): Reading {
  const reading = readList(typeof list === 'string' ? bytes(list) : list, how);
  holds(reading, how.source);
  return reading;
}

export function holds(reading: Reading, source: string): void {
  const { rows, accepted, merged, rejected, warnings } = reading;
  expect(accepted.length + merged.length + rejected.length).toBe(rows);
  const ids = accepted.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { into } of merged) expect(ids).toContain(into);
  for (const { faults } of rejected) expect(faults.length).toBeGreaterThan(0);
  for (const meeting of accepted) sound(meeting, source);
  // Accounts are printed and logged.
  expect(JSON.stringify([merged, rejected, warnings])).not.toMatch(/\w@\w+\.\w/);
}

function sound(meeting: Meeting, source: string): void {
  expect(meeting.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  expect(meeting.id.startsWith(`${source}-`)).toBe(true);
  expect(meeting.name.trim()).not.toBe('');
  expect([1, 2, 3, 4, 5, 6, 7]).toContain(meeting.weekday);
  expect(meeting.time).toMatch(/^([01]\d|2[0-3]):[0-5]\d$/);
  expect(meeting.minutes).toSatisfy((n: number) => Number.isInteger(n) && n >= 10 && n <= 360);
  expect(() => new Intl.DateTimeFormat('en', { timeZone: meeting.zone })).not.toThrow();
  expect(meeting.place !== null || meeting.online !== null || meeting.phone !== undefined).toBe(true);
  if (meeting.online !== null) expect(new URL(meeting.online).protocol).toBe('https:');
  if (meeting.place) {
    expect(Math.abs(meeting.place.lat)).toBeLessThanOrEqual(90);
    expect(Math.abs(meeting.place.lon)).toBeLessThanOrEqual(180);
    expect(meeting.place.name + meeting.place.address).not.toBe('');
  }
  expect(Temporal.PlainDate.from(meeting.confirmed).toString()).toBe(meeting.confirmed);
  for (const { from, to } of meeting.pauses ?? []) expect(from <= to).toBe(true);
  for (const note of Object.values(meeting.notes)) expect(note).not.toMatch(/[\p{L}\d]@[\p{L}\d-]+\.\w/u);
}

/** The first reasons of the refused rows, by row. */
export const refused = (reading: Reading): Record<number, string> =>
  Object.fromEntries(reading.rejected.map(({ row, faults }) => [row, faults[0]!.reason]));

export const warned = (reading: Reading): string[] => reading.warnings.map(({ reason }) => reason);
