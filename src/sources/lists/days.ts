/**
 * Reads on which days and in which weeks of the month a group meets: "tirsdager", "man-fre", "1. og 3. torsdag", "siste fredag i
 * måneden". It knows every word of what it accepts: with one it does not know ("annenhver", "unntatt"), a meeting could be shown in a
 * week in which the door is locked.
 */
import type { Meeting } from '../../core/meeting.ts';
import type { Weekday } from '../../core/time.ts';

export type Weeks = NonNullable<Meeting['weeks']>;
/** `weeks` null: every week. */
export type DayPattern = { days: readonly { weekday: Weekday; weeks: Weeks | null }[]; weeks: Weeks | null };
export type DayFault = {
  fault: 'every-second-week' | 'day-number' | 'day-unknown' | 'day-unclear';
  value: string;
};

type Week = Weeks[number];

/** No day takes more letters to name. */
const LONGEST = 200;

/** Bokmål, nynorsk, Swedish, Danish and English, after `fold`. */
const dayNames: readonly [Weekday, RegExp][] = [
  [1, /^(?:ma|man|mand|mandag|mon|monday)$/],
  [2, /^(?:ti|tir|tirs|tirsdag|ty|tys|tysdag|tis|tisdag|tu|tue|tues|tuesday)$/],
  [3, /^(?:on|ons|onsdag|we|wed|weds|wednesday)$/],
  [4, /^(?:to|tor|tors|torsdag|th|thu|thur|thurs|thursday)$/],
  [5, /^(?:fr|fre|fred|fredag|fri|friday)$/],
  [6, /^(?:lo|lor|lordag|lau|laur|laurdag|la|sa|sat|saturday)$/],
  [7, /^(?:so|son|sondag|su|sun|sund|sundag|sunday)$/],
];
const plural = /(?<=dag|day)(?:er|ar|ane|ene|arna|arne|en|s)$/;
const ordinals: readonly [Week, RegExp][] = [
  [1, /^(?:1|1st|forste|fyrste|forsta|first)$/],
  [2, /^(?:2|2nd|andre|annen|anna|andra|second)$/],
  [3, /^(?:3|3rd|tredje|third)$/],
  [4, /^(?:4|4th|fjerde|fjarde|fourth)$/],
  [5, /^(?:5|5th|femte|fifth)$/],
  [-1, /^(?:siste|sista|last)$/],
];
const allDays = [1, 2, 3, 4, 5, 6, 7] as const;
const everyDay =
  /(?:^| )(?:daglig|dagleg|daily)$|^(?:hver|kvar) dag$|^alle da(?:g|ga)er$|^alle dagar$|^every day$/;
const filler =
  /^(?:og|and|i|pa|den|the|of|in|a|av|hver|kvar|every|each|alle|maned|maneden|manaden|manad|mnd|month|uke|uken|uka|uker|veke|veka|veker|week|weeks|ukentlig|vekentleg|weekly|mote|moter|meets|kun|bare|only|fra|from|dag|dager|dagar|day|days)$/;
const fortnight =
  /\b(?:annenhver|annankvar|annahvar|annan ?hver|hveranna|every other|oddetall\w*|partall\w*|like uker|ulike uker|odde|even|odd|biweekly|fortnight\w*|14\.? dag\w*)\b|\b(?:hver|kvar|every) \w+\.? (?:uke|veke|week)\b/;
/** "Hver 2. tirsdag" is every other one, "hver 2. tirsdag i måneden" and "hver 2. og 4. tirsdag" are of the month. */
const everySecond = /\b(?:hver|kvar|every) (?:andre|annen|anna|2|second)\.? (?!og\b|and\b|&)/;
const ofTheMonth = /\b(?:maned|manad|mnd|month)/;
const englishDay = /^(?:mon|tue|wed|thu|fri|sat|sun)/;

/** A weekday by its name in full, shortened or in the plural; null when it is none. */
export function weekdayNamed(name: string): Weekday | null {
  const plain = fold(name)
    .replace(/[.:]+$/, '')
    .replace(plural, '');
  return dayNames.find(([, pattern]) => pattern.test(plain))?.[0] ?? null;
}

/**
 * What a text says of days and weeks; either may be missing, since lists have them in one column or in two.
 */
export function dayPattern(text: string): DayPattern | DayFault {
  if (text.length > LONGEST) return { fault: 'day-unknown', value: text };
  const plain = fold(text);
  if (fortnight.test(plain) || (everySecond.test(plain) && !ofTheMonth.test(plain)))
    return { fault: 'every-second-week', value: text };
  const words = plain
    .replace(/(?<=[a-z])\s*[-–—]\s*(?=[a-z])/g, ' til ')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const days: { weekday: Weekday; weeks: Week[] }[] = [];
  let waiting: Week[] = [];
  let until = false;
  for (const [at, word] of words.entries()) {
    const [before = '', next = ''] = [words[at - 1], words[at + 1]];
    const weekday = weekdayNamed(word);
    const week = ordinals.find(([, pattern]) => pattern.test(word))?.[0];
    if (word === 'til' || (word === 'to' && englishDay.test(before) && englishDay.test(next))) until = true;
    // "On Tuesdays": here the word is no Wednesday.
    else if (word === 'on' && englishDay.test(next)) continue;
    else if (everyDay.test(`${before} ${word}`)) {
      days.push(...allDays.map((each) => ({ weekday: each, weeks: [] })));
    } else if (weekday !== null) {
      if (until) days.push(...between(days.at(-1)?.weekday ?? weekday, weekday));
      days.push({ weekday, weeks: waiting });
      waiting = [];
      until = false;
    } else if (week !== undefined) waiting.push(week);
    else if (!filler.test(word)) return { fault: 'day-unknown', value: text };
  }
  return settled(days, waiting, text);
}

/** The days after one and before another. */
function between(first: Weekday, last: Weekday): { weekday: Weekday; weeks: Week[] }[] {
  const count = (last - first + 6) % 7;
  return Array.from({ length: count }, (_, i) => ({
    weekday: (((first + i) % 7) + 1) as Weekday,
    weeks: [],
  }));
}

/** Weeks named after the days ("tirsdag, 1. og 3.") hold for all of them; named before some only, they are clear for none. */
function settled(
  days: readonly { weekday: Weekday; weeks: Week[] }[],
  waiting: Week[],
  text: string,
): DayPattern | DayFault {
  const named = days.filter(({ weeks }) => weeks.length > 0);
  if (days.length === 0 && /^[\d\s.,]+$/.test(text)) return { fault: 'day-number', value: text };
  if (named.length > 0 && (named.length < days.length || waiting.length > 0))
    return { fault: 'day-unclear', value: text };
  const distinct = new Map(days.map((day) => [JSON.stringify(day), day]));
  return {
    days: [...distinct.values()].map(({ weekday, weeks }) => ({ weekday, weeks: weeksOf(weeks) })),
    weeks: weeksOf(waiting),
  };
}

/** What a column of its own says of weeks: "1. og 3.", "siste", "hver uke". */
export function weeksNamed(text: string): Weeks | null | DayFault {
  const pattern = dayPattern(`${text} mandag`);
  if ('fault' in pattern) return { ...pattern, value: text };
  return pattern.days[0]?.weeks ?? pattern.weeks;
}

function weeksOf(weeks: readonly Week[]): Weeks | null {
  return weeks.length === 0 ? null : [...new Set(weeks)].toSorted((a, b) => ((a + 6) % 6) - ((b + 6) % 6));
}

const inNotes =
  /\b(?:monthly|manedlig\w*|manadleg\w*)\b|\b(?:forste|fyrste|siste|sista|annenhver|annankvar|hver andre|kvar andre|partall|oddetall|first|second|third|last|every other|[1-4](?:st|nd|rd|th))\b.{0,24}\b(?:\w*dag(?:en|er)?|\w+day|uker?|veker?|weeks?|maned\w*|manad\w*|mnd|month)\b/;
const awayOnHolidays =
  /(?:stengt|lukket|lukka|ikke mote\w*|ikkje mote\w*|closed|no meetings?)\b.{0,20}\b(?:helligdag\w*|heilagdag\w*|rode dager|hoytid\w*|holidays?)/;

/** Whether name or notes speak of certain weeks only, which no column told. */
export const speaksOfWeeks = (...texts: string[]): boolean => inNotes.test(fold(texts.join('\n')));

/** Whether notes say that the group does not meet on public holidays. */
export const closedOnHolidays = (notes: string): boolean => awayOnHolidays.test(fold(notes));

/** Lower case without marks: å, ä -> a; ø, ö -> o; æ -> ae. */
export function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ø', 'o')
    .replaceAll('æ', 'ae')
    .replace(/\s+/g, ' ')
    .trim();
}
