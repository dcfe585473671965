/**
 * Reads the hours of a day and the lengths of meetings as people write them: "19:00", "kl 19", "19.00-20.30", "7:30 pm", "noon",
 * "halvannen time". It exists because an hour read wrong sends somebody to a locked door: what can be read in two ways is not guessed.
 */

import { zone } from '../../shapes.ts';
import type { Remarks } from './list.ts';

/** 'HH:MM' on the wall; `bare`: only an hour was written, so that evening may have been meant. */
export type Hours = { start: string; end: string | null; bare: boolean };

/** What a meeting lasts when its list does not say. */
const USUAL_MINUTES = 60;
const SHORTEST = 10;
const LONGEST = 360;
const DAY = 24 * 60;
/** No hour takes more letters to write, with its day beside it. */
const LONGEST_TEXT = 200;

const one =
  '(?:kl(?:okk[ae]n?)?\\.?\\s*)?(noon|midnight|midnatt|12\\s*noon|12\\s*midnight|\\d{1,2}(?:\\s*[:.,h]\\s*\\d{2}(?:[:.]\\d{2})?)?|\\d{3,4})\\s*([ap]\\.?\\s*m\\.?)?';
const written = new RegExp(`^(?:fra\\s+|from\\s+)?${one}(?:\\s*(?:-|–|—|til|to)\\s*${one})?$`, 'i');
/** Where hours stand in a sentence: with minutes, after "kl", or as the only number. */
const inSentence =
  /(?:\b\d{1,2}(?=\s*[-–]\s*\d{1,2}[:.]\d{2})|\bkl(?:okk[ae]n?)?\.?\s*\d{1,4}(?:[:.]\d{2})?|\b\d{1,2}[:.]\d{2})(?:\s*(?:-|–|—|til)\s*(?:kl\.?\s*)?\d{1,2}(?:[:.]\d{2})?)?/i;

/** Null when it is no time of day. */
export function hoursOf(text: string): Hours | null {
  if (text.length > LONGEST_TEXT) return null;
  const found = written.exec(text.trim().replace(/\s+/g, ' '));
  if (!found) return null;
  const [, from, half, to, otherHalf] = found;
  // "7-8 pm": both are in the evening.
  const start = clock(from ?? '', half ?? (to && /^\d/.test(from ?? '') ? otherHalf : undefined));
  if (start === null || start >= DAY) return null;
  const end = to === undefined ? null : clock(to, otherHalf);
  if (to !== undefined && end === null) return null;
  const bare = /^\d{1,2}$/.test(from ?? '') && !half && !otherHalf;
  return { start: shown(start), end: end === null ? null : shown(end % DAY), bare };
}

/** The hours in "Tirsdag kl. 19.00", and what is left without them. */
export function hoursWithin(text: string): { hours: Hours; rest: string } | null {
  const found = text.length > LONGEST_TEXT ? null : inSentence.exec(text);
  const hours = found && hoursOf(found[0]);
  if (!found || !hours) return null;
  return { hours, rest: `${text.slice(0, found.index)} ${text.slice(found.index + found[0].length)}` };
}

/** Minutes from a length such as "90", "1,5 time", "1 t 30 min", "01:30:00"; null when it is none. */
export function minutesOf(text: string): number | null {
  if (text.length > LONGEST_TEXT) return null;
  const plain = text.trim().toLowerCase().replace(',', '.');
  const clocked = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(plain);
  if (clocked) return Number(clocked[1]) * 60 + Number(clocked[2]);
  if (/^halvannen (?:time|t)$/.test(plain)) return 90;
  const spelled =
    /^(?:(\d{1,2}(?:\.\d+)?|en|ein|to) ?(?:t|h|timer?|timar?|hours?)\.?)? ?(?:og|and)? ?(?:(\d{1,3}) ?(?:m|min|minutt(?:er|ar)?|minutes?)?\.?)?$/.exec(
      plain,
    );
  if (!spelled || (spelled[1] === undefined && spelled[2] === undefined)) {
    // A small number with a part is hours: nobody meets for a minute and a half.
    const hours = /^(\d(?:\.\d+)?)$/.exec(plain);
    return hours ? Math.round(Number(hours[1]) * 60) : null;
  }
  const words: Record<string, number> = { en: 1, ein: 1, to: 2 };
  const hours = spelled[1] === undefined ? 0 : (words[spelled[1]] ?? Number(spelled[1]));
  const minutes = Number(spelled[2] ?? 0);
  return spelled[1] === undefined && minutes < SHORTEST ? minutes * 60 : Math.round(hours * 60) + minutes;
}

/** Minutes; the usual length where the list says nothing or nonsense, such as a meeting of 24 hours. */
export function lengthOf(written: string, column: string, remarks: Remarks): number {
  if (!/[\p{L}1-9]/u.test(written)) return USUAL_MINUTES;
  return usable(minutesOf(written), written, column, remarks);
}

/** Minutes from one time on the wall to another, over midnight where the second is the earlier; the usual length without an end. */
export function lengthUntil(start: string, end: string | null, column: string, remarks: Remarks): number {
  if (end === null || end === start) return USUAL_MINUTES;
  return usable((minuteOf(end) - minuteOf(start) + DAY) % DAY, `${start}–${end}`, column, remarks);
}

function usable(minutes: number | null, written: string, column: string, remarks: Remarks): number {
  if (minutes !== null && isLength(minutes)) return minutes;
  remarks.warn('odd-length', column, written);
  return USUAL_MINUTES;
}

/** The zone a row names, else that of the list. */
export function zoneOf(written: string, usual: string, column: string, remarks: Remarks): string {
  const name = written.trim();
  if (name === '') return usual;
  if (zone.schema.safeParse(name).success) {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  }
  remarks.warn('zone-unknown', column, name);
  return usual;
}

/** Whether a meeting can last that long. */
const isLength = (minutes: number): boolean => minutes >= SHORTEST && minutes <= LONGEST;

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

function clock(written: string, half: string | undefined): number | null {
  const plain = written.toLowerCase().replace(/\s/g, '');
  if (plain.endsWith('noon')) return DAY / 2;
  if (plain.endsWith('midnight') || plain === 'midnatt') return 0;
  // "0,75" is how spreadsheets count a day, not an hour.
  if (/^0+,/.test(plain)) return null;
  const parts = /^(\d{1,2})[:.,h](\d{2})(?:[:.]\d{2})?$/.exec(plain) ?? /^(\d{1,2}?)(\d{2})?$/.exec(plain);
  if (!parts) return null;
  // "19" alone is an hour, "930" and "1930" are hour and minutes.
  const short = plain.length <= 2;
  const hour = Number(short ? plain : parts[1]);
  const minute = short ? 0 : Number(parts[2] ?? 0);
  if (minute > 59) return null;
  if (half) {
    if (hour < 1 || hour > 12) return hour > 12 && hour < 24 && /^p/i.test(half) ? hour * 60 + minute : null;
    return ((hour % 12) + (/^p/i.test(half) ? 12 : 0)) * 60 + minute;
  }
  const total = hour * 60 + minute;
  return total <= DAY ? total : null;
}

function shown(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
