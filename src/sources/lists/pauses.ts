/**
 * Reads between which dates a group does not meet: "sommerferie 22.6-14.8.2026", "20. desember – 3. januar". It exists because most
 * groups that close do so in July. What it cannot read it says, so that the words can be shown as they stand.
 */
import type { Meeting } from '../../core/meeting.ts';
import { addDays } from '../../core/time.ts';

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

/**
 * The pauses in a text. A date without a year is the next one that is not over on `today`.
 * @returns null when anything in it is not understood
 */
export function pausesOf(text: string, today: string): Pauses | null {
  const found: { from: string; to: string }[] = [];
  let wrong = false;
  const rest = text
    .replace(sharedMonth, (whole, first: string, second: string) => {
      const month = dayOf(second);
      return month ? `${first}.${month.month}.${month.year ?? ''} - ${second}` : whole;
    })
    .replace(spans, (whole, first: string, second: string | undefined) => {
      const span = spanOf(dayOf(first), second === undefined ? undefined : dayOf(second), today);
      if (span) found.push(span);
      else wrong = true;
      return span ? ' ' : whole;
    });
  const unread = rest.replace(words, '').replace(/[\s\p{P}]+/gu, '');
  return wrong || found.length === 0 || unread !== '' ? null : found;
}

function spanOf(
  first: Day | null,
  second: Day | null | undefined,
  today: string,
): { from: string; to: string } | null {
  const last = second === undefined ? first : second;
  if (!first || !last) return null;
  const thisYear = Number(today.slice(0, 4));
  const turns = last.month < first.month || (last.month === first.month && last.day < first.day);
  const years = last.year ?? (first.year === null ? null : first.year + (turns ? 1 : 0));
  const candidates = years === null ? [thisYear, thisYear + 1] : [years];
  for (const year of candidates) {
    const to = iso({ ...last, year });
    const from = iso({ ...first, year: first.year ?? (turns ? year - 1 : year) });
    if (!to || !from || to < from || addDays(from, LONGEST_DAYS) < to) continue;
    if (years !== null || to >= today) return { from, to };
  }
  return null;
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
  const name = named?.[2]?.slice(0, 3) ?? '';
  const month = english[name] ?? months.indexOf(name) + 1;
  if (!named || month === 0) return null;
  return { day: Number(named[1]), month, year: named[3] === undefined ? null : Number(named[3]) };
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
