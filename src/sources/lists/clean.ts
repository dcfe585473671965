/**
 * Makes plain text of what stands in a list: entities decoded, tags gone, spaces in order; and takes out e-mail addresses and telephone
 * numbers, which are members' own. It exists so that nobody's contact details are kept by accident; it must never take out the number
 * of an online meeting, a date or an hour.
 */
import { decode } from 'html-entities';
import type { Remarks } from './list.ts';

const LONGEST_TEXT = 2000;
/** What is longer than this is no text of a meeting, and its end is not looked at. */
const LONGEST_INPUT = 20_000;
const LONGEST_LINE = 200;
/** Stands where a contact was, so that the sentence around it does not come to mean something else. */
const TAKEN_OUT = '[…]';

const email =
  /[\p{L}\p{N}._%+-]{1,64}\s?(?:@|[([]\s?(?:at|krøllalfa|alfakrøll)\s?[)\]])\s?[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu;
/** Eight digits or more, with what people put between them. */
const number = /(?<![\p{L}\p{N}/#=])(?:\+|00)?\(?\d(?:[\s().\u2010-\u2013/-]{0,2}\d){6,14}(?![\p{L}\p{N}])/gu;
/** What stands before a number that belongs to the meeting and not to a person. */
const ofTheMeeting =
  /\b(?:id|møte-?id|kode|code|passcode|pin|rom|room)(?:\s?(?:nr|nummer|number))?[\s.:=#]*$/iu;
/** In an address, house numbers can look like a telephone number; so there it must be called one. */
const named = /(?:\b(?:tlf|telefon|mobil|mob|phone|tel|ring|call)\b[\s.:]*)(?:nr\.?\s*)?$/iu;
/** Dates, hours and years, of which several may stand in a row; and house numbers before a postcode. */
const dateOrHour =
  /^(?:(?:[01]?\d|2[0-4])\.[0-5]\d|(?:[0-2]?\d|3[01])[./](?:0?\d|1[0-2])(?:[./](?:20)?\d{2}|\.)?|20\d\d-\d{2}-\d{2}|(?:19|20)\d\d)$/;
const years = /^(?:19|20)\d\d\s?[-–]\s?(?:19|20)\d\d$/;
const houseAndPostcode = /^\d{1,3}-\d{1,3} \d{4}$/;
const label =
  /(?:\b(?:tlf|telefon|mobil|mob|phone|tel|e-?post|e-?mail|mail|epost)\b\.?(?:nr|nummer)?\s*[:.]?\s*)?\[…\]/giu;
const lastName =
  /(?i:\b(?:kontakt(?:person)?|contact|sekretær|secretary|leder|ansvarlig|ring(?:\s+til)?|call|spør\s+etter|ask\s+for)\b)[\s:,]+(?!\p{Lu}\p{Ll}+ (?:Office|Group|Service|Kontor|Intergroup))(?:\p{Lu}\p{Ll}+\s+){1,2}\p{Lu}\p{Ll}{2,}/u;

/** One line of text, such as a name. */
export function line(value: unknown, remarks?: Remarks, column?: string): string {
  return oneLine(value, false, remarks, column);
}

/** One line in which numbers are those of houses. */
export function addressLine(value: unknown, remarks?: Remarks, column?: string): string {
  return oneLine(value, true, remarks, column);
}

function oneLine(value: unknown, address: boolean, remarks?: Remarks, column?: string): string {
  return withoutContacts(plain(value).replace(/\s+/g, ' ').trim(), address, remarks, column)
    .replace(/^\[…\][\s,:-]*|[\s,:-]*\[…\]$/g, '')
    .slice(0, LONGEST_LINE)
    .toWellFormed();
}

/** Text of several lines, such as notes. */
export function text(value: unknown, remarks: Remarks, column: string): string {
  const lines = plain(value)
    .split(/\r\n|\r|\n/)
    .map((each) => each.replace(/\s+/g, ' ').trim());
  const kept = withoutContacts(
    lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    false,
    remarks,
    column,
  );
  if (lastName.test(kept)) remarks.warn('last-name', column);
  if (kept.length <= LONGEST_TEXT) return kept.toWellFormed();
  remarks.warn('long-text', column);
  return `${kept.slice(0, LONGEST_TEXT).toWellFormed()}…`;
}

/** The parts that say something, each once, a line each. */
export function lines(parts: readonly string[]): string {
  return [...new Set(parts.filter((part) => /[\p{L}\p{N}]/u.test(part)))].join('\n');
}

function plain(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  // Twice, since feeds carry "&amp;#8217;" too; and tags again after it, since they come as entities as well.
  return untagged(decode(decode(untagged(value.slice(0, LONGEST_INPUT)))))
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (mark) =>
      /[\n\r\t\u2028\u2029]/.test(mark) ? (mark === '\t' ? ' ' : '\n') : '',
    )
    .normalize('NFC');
}

function untagged(text: string): string {
  if (!text.includes('<')) return text;
  return text
    .replace(/<(script|style)\b[\s\S]{0,5000}?<\/\1>/gi, ' ')
    .replace(/<br\s*\/?>|<\/(?:p|div|li)>/gi, '\n')
    .replace(/<\/?[a-z!][^<>]*>/gi, '');
}

function withoutContacts(
  from: string,
  address: boolean,
  remarks: Remarks | undefined,
  column: string | undefined,
): string {
  const taken = from.replace(email, TAKEN_OUT).replace(number, (found, ...rest) => {
    const [at, whole] = rest.slice(-2) as [number, string];
    return isPhone(found, whole.slice(Math.max(0, at - 40), at), address) ? TAKEN_OUT : found;
  });
  if (taken === from) return from;
  remarks?.warn('contact-removed', column);
  return taken
    .replace(label, TAKEN_OUT)
    .replace(/\[…\](?:(?:[ ,;/]|og|or|eller|and)*\[…\])+/g, TAKEN_OUT)
    .replace(/[ \t]+$/gm, '')
    .trim();
}

function isPhone(found: string, before: string, address: boolean): boolean {
  const digits = found.replace(/\D/g, '').length;
  if (digits < 8 || isNoPhone(found.trim()) || ofTheMeeting.test(before)) return false;
  return !address || found.startsWith('+') || found.startsWith('00') || named.test(before);
}

function isNoPhone(found: string): boolean {
  if (years.test(found) || houseAndPostcode.test(found) || dateOrHour.test(found)) return true;
  return found.split(/[\s–]+|(?<=\.\d*)-/).every((part) => dateOrHour.test(part));
}
