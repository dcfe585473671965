/**
 * Reads between which dates a group does not meet: "sommerferie 22.6-14.8.2026", "20. desember – 3. januar". It exists because most
 * groups that close do so in July. What it cannot read it says, so that the words can be shown as they stand.
 */
import type { Meeting } from '../../core/meeting.ts';
import { addDays, weekdayOf } from '../../core/time.ts';

export type Pauses = NonNullable<Meeting['pauses']>;

type Day = { day: number; month: number; year: number | null };

const months = ['jan', 'feb', 'mar', 'apr', 'mai', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'des'];
const english: Readonly<Record<string, number>> = { may: 5, oct: 10, dec: 12 };
/** A longer pause than this is a group that has ended, or a slip in the year. */
const LONGEST_DAYS = 200;

const date =
  '(\\d{4}-\\d{1,2}-\\d{1,2}|\\d{1,2}\\s*[./]\\s*\\d{1,2}(?:\\s*[./]\\s*(?:\\d{4}|\\d{2}))?\\.?|\\d{1,2}\\.?\\s*[a-z]{3,9}\\.?(?:\\s+\\d{4})?)';
const spans = new RegExp(
  `${date}(?:\\s*(?:-|–|—|til(?:\\s+og\\s+med)?|t\\.?o\\.?m\\.?|to|until)\\s*${date})?`,
  'gi',
);
/** "22.-26. juni" leaves the first month out. */
const sharedMonth = /(\d{1,2})\.?\s*[-–—]\s*(\d{1,2}\.?\s*[a-z]{3,9}\.?(?:\s+\d{4})?)/gi;
const words =
  /\b(?:sommer|jule|paske|påske|host|høst|vinter|fellesferie)\p{L}*|\b(?:ferie|pause|stengt|lukket|fri|fra|from|og|and|i|summer|christmas|easter|break|closed|holiday|møtefri|ingen|møte|møter)\b/giu;

const weeks =
  /\buke(?:ne|r)?\s*(\d{1,2})(?:\s*(?:-|–|—|til)\s*(?:uke\s*)?(\d{1,2}))?(?!\d)(?:,?\s*(\d{4}))?/gi;
const month =
  '(januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember|january|february|march|may|june|july|october|december)';
const wholeMonths = new RegExp(
  `\\b${month}\\b(?:\\s*(?:-|–|—|til|to)\\s*${month}\\b)?(?:\\s+(\\d{4}))?`,
  'gi',
);

type Span = { from: string; to: string };

/**
 * The pauses in a text: dates, whole months, or weeks by their number in the calendar. What has no year is the next one that is not over
 * on `today`.
 * @returns null when anything in it is not understood
 */
export function pausesOf(text: string, today: string): Pauses | null {
  const found: Span[] = [];
  let wrong = false;
  const take = (span: Span | null): string => {
    if (span) found.push(span);
    else wrong = true;
    return ' ';
  };
  const rest = text
    .replace(weeks, (_, first: string, last: string | undefined, year: string | undefined) =>
      take(weekSpan(Number(first), Number(last ?? first), year, today)),
    )
    .replace(sharedMonth, (whole, first: string, second: string) => {
      const end = dayOf(second);
      return end ? `${first}.${end.month}.${end.year ?? ''} - ${second}` : whole;
    })
    .replace(spans, (_, first: string, second: string | undefined) =>
      take(daySpan(dayOf(first), second === undefined ? undefined : dayOf(second), today)),
    )
    .replace(wholeMonths, (_, first: string, last: string | undefined, year: string | undefined) =>
      take(monthSpan(monthNamed(first), monthNamed(last ?? first), year, today)),
    );
  const unread = rest.replace(words, '').replace(/[\s\p{P}]+/gu, '');
  return wrong || found.length === 0 || unread !== ''
    ? null
    : found.toSorted((a, b) => (a.from < b.from ? -1 : 1));
}

function daySpan(first: Day | null, second: Day | null | undefined, today: string): Span | null {
  const last = second === undefined ? first : second;
  if (!first || !last) return null;
  const turns = last.month < first.month || (last.month === first.month && last.day < first.day);
  const year = last.year ?? (first.year === null ? null : first.year + (turns ? 1 : 0));
  return spanIn(year, today, (ends) => ({
    from: iso({ ...first, year: first.year ?? (turns ? ends - 1 : ends) }),
    to: iso({ ...last, year: ends }),
  }));
}

function monthSpan(first: number, last: number, year: string | undefined, today: string): Span | null {
  return spanIn(year === undefined ? null : Number(year), today, (ends) => ({
    from: iso({ year: last < first ? ends - 1 : ends, month: first, day: 1 }),
    to: Temporal.PlainDate.from({ year: ends, month: last, day: 31 }, { overflow: 'constrain' }).toString(),
  }));
}

/** From Monday to Sunday; week 1 is the one with 4 January. */
function weekSpan(first: number, last: number, year: string | undefined, today: string): Span | null {
  if (first < 1 || last < 1 || first > 53 || last > 53) return null;
  const monday = (of: number, week: number): string => {
    const fourth = `${of}-01-04`;
    return addDays(fourth, 1 - weekdayOf(fourth) + 7 * (week - 1));
  };
  return spanIn(year === undefined ? null : Number(year), today, (ends) => ({
    from: monday(last < first ? ends - 1 : ends, first),
    to: addDays(monday(ends, last), 6),
  }));
}

/** The span in the year it ends in: the one given, else the first in which it is not over. */
function spanIn(
  year: number | null,
  today: string,
  build: (ends: number) => { from: string | null; to: string | null },
): Span | null {
  const thisYear = Number(today.slice(0, 4));
  for (const ends of year === null ? [thisYear, thisYear + 1] : [year]) {
    const { from, to } = build(ends);
    if (from === null || to === null || to < from || addDays(from, LONGEST_DAYS) < to) continue;
    if (year !== null || to >= today) return { from, to };
  }
  return null;
}

function monthNamed(name: string): number {
  const short = name.toLowerCase().slice(0, 3);
  return english[short] ?? months.indexOf(short) + 1;
}

function dayOf(text: string): Day | null {
  const plain = text.trim().toLowerCase();
  const whole = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(plain);
  if (whole) return { year: Number(whole[1]), month: Number(whole[2]), day: Number(whole[3]) };
  const figures = /^(\d{1,2})\s*[./]\s*(\d{1,2})(?:\s*[./]\s*(\d{4}|\d{2}))?\.?$/.exec(plain);
  if (figures) {
    const [, day, month, year] = figures;
    const full = year === undefined ? null : Number(year) + (year.length === 2 ? 2000 : 0);
    return { day: Number(day), month: Number(month), year: full };
  }
  const named = /^(\d{1,2})\.?\s*([a-z]{3,9})\.?(?:\s+(\d{4}))?$/.exec(plain);
  const found = named ? monthNamed(named[2]!) : 0;
  if (!named || found === 0) return null;
  return { day: Number(named[1]), month: found, year: named[3] === undefined ? null : Number(named[3]) };
}

function iso({ year, month, day }: { year: number; month: number; day: number }): string | null {
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' }).toString();
  } catch {
    return null;
  }
}

/** A day written in figures or with the month's name, such as "1.11.2026"; null when it is none or lacks its year. */
export function dateOf(text: string): string | null {
  const day = dayOf(/^\d{4}-\d{2}-\d{2}/.exec(text.trim())?.[0] ?? text);
  return day && day.year !== null ? iso({ ...day, year: day.year }) : null;
}
