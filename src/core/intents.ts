/**
 * The simple things that people write: yes and no, help, stop, menu, a day, a time, a number, a place. It exists so that words are as
 * good as buttons. It only reads what stands there: which date "on Tuesday" is, and whether it suits, is for others to say.
 */
import type { Commands } from './commands.ts';
import { fold } from './fold.ts';
import { findPlace, type Gazetteer } from './places.ts';

/** ISO weekday 1-7 (`next`: not the coming one but the one after), days from today, or a date whose year may be left out. */
export type Day =
  | { weekday: number; next: boolean }
  | { in: number }
  | { day: number; month: number; year: number | null };

export type Intent =
  | { is: 'yes' | 'no' | 'help' | 'stop' | 'menu' }
  | { is: 'day'; day: Day }
  /** HH:MM, as written: "half past seven" is 07:30 unless the evening is named. */
  | { is: 'time'; time: string }
  | { is: 'number'; number: number }
  /** The places it may mean, as `findPlace` calls them. */
  | { is: 'place'; places: string[] };

export type IntentLists = 'weekdays' | 'months' | 'numbers' | 'numbersEnglish';

/** Lower-case words and phrases; see content/understanding/intents.yaml. Lists of lists are in order: Monday, January or zero first. */
export type IntentWords = Record<
  | 'yes'
  | 'no'
  | 'around'
  | 'today'
  | 'tomorrow'
  | 'afterTomorrow'
  | 'next'
  | 'clock'
  | 'half'
  | 'halfPast'
  | 'quarterPast'
  | 'quarterTo'
  | 'evening'
  | 'morning'
  | 'noon'
  | 'midnight'
  | 'outOf'
  | 'before-place',
  readonly string[]
> &
  Record<IntentLists, readonly (readonly string[])[]>;

/** Whoever writes more than this says more than a simple thing. */
const longestText = 300;
const mostAround = 5;
const longestPlace = 3;

/** `language`: that of the chat, which decides what numbers are called; all else is heard in every language. */
export type IntentReader = (text: string, language: string) => Intent[];

export function intentReader(words: IntentWords, commands: Commands, gazetteer: Gazetteer): IntentReader {
  const { numbers, numbersEnglish } = words;
  const english = reader({ ...words, numbers: numbersEnglish }, commands, gazetteer);
  const both = numbers.map((ways, i) => [...ways, ...(numbersEnglish[i] ?? [])]);
  const norwegian = reader({ ...words, numbers: both }, commands, gazetteer);
  return (text, language) => (language === 'en' ? english : norwegian)(text);
}

function reader(words: IntentWords, commands: Commands, gazetteer: Gazetteer): (text: string) => Intent[] {
  const around = byLength(words.around);
  const day = dayReader(words);
  const time = timeReader(words);
  const answers = new Map<string, 'yes' | 'no'>([
    ...words.yes.map((way) => [fold(way), 'yes'] as const),
    ...words.no.map((way) => [fold(way), 'no'] as const),
  ]);
  const wholly = (text: string) => {
    const command = commands.intent(text);
    if (
      command === 'yes' ||
      command === 'no' ||
      command === 'help' ||
      command === 'stop' ||
      command === 'menu'
    )
      return command;
    return answers.get(text) ?? null;
  };
  return (text) => {
    if (text.length > longestText) return [];
    const typed = text.normalize('NFC').toLowerCase().trim();
    const plain = fold(typed.replace(/['’]/g, ''));
    if (plain === '') return [];
    const found: Intent[] = [];
    const is =
      bared(plain, around)
        .map(wholly)
        .find((one) => one !== null) ?? answerAtStart(typed, wholly);
    if (is) found.push({ is });
    const number = numberIn(plain, words, around);
    // "6/10" answers a ruler; only a bare number is one, so that no day or time is lost.
    const named = number === null ? day(typed) : null;
    if (named) found.push({ is: 'day', day: named });
    const at = number === null ? time(typed) : null;
    if (at) found.push({ is: 'time', time: at });

    if (number !== null) found.push({ is: 'number', number });
    const places = is || number !== null ? [] : placesIn(text, words, gazetteer, named === null);
    if (places.length > 0) found.push({ is: 'place', places });
    return found;
  };
}

/** "yes, but ...": what stands before the first comma or full stop. */
function answerAtStart(typed: string, wholly: (text: string) => Intent['is'] | null): 'yes' | 'no' | null {
  const start = /^([^,.!?]{1,30})[,.!?]\s*\S/.exec(typed)?.[1];
  const is = start ? wholly(fold(start)) : null;
  return is === 'yes' || is === 'no' ? is : null;
}

/** The text, and what is left of it when words that change nothing are taken away, first those after it. */
function bared(plain: string, around: readonly string[]): string[] {
  const left = [plain];
  let rest = plain;
  for (let taken = 0; taken < mostAround; taken++) {
    const after = around.find((word) => rest.endsWith(` ${word}`));
    if (!after) break;
    rest = rest.slice(0, -after.length - 1);
    left.push(rest);
  }
  for (const start of [...left]) {
    rest = start;
    for (let taken = 0; taken < mostAround; taken++) {
      const before = around.find((word) => rest.startsWith(`${word} `));
      if (!before) break;
      rest = rest.slice(before.length + 1);
      left.push(rest);
    }
  }
  return left;
}

function numberIn(plain: string, words: IntentWords, around: readonly string[]): number | null {
  for (const rest of bared(
    plain.replace(/ (10|ti|ten)$/, (end) => (/^\d+ 10$/.test(plain) ? '' : end)),
    around,
  )) {
    const scale = byLength(words.outOf).find((way) => rest.endsWith(` ${way}`));
    const number = scale ? rest.slice(0, -scale.length - 1) : rest;
    if (/^\d{1,3}$/.test(number)) return Number(number);
    const value = words.numbers.findIndex((ways) => ways.some((way) => fold(way) === number));
    if (value >= 0) return value;
  }
  return null;
}

/** `codes`: whether four digits are a postcode, as they are where no date was named. */
function placesIn(text: string, words: IntentWords, gazetteer: Gazetteer, codes: boolean): string[] {
  const labels = (typed: string): string[] => {
    const found = findPlace(gazetteer, typed);
    const places = found.kind === 'found' ? [found.place] : found.kind === 'several' ? found.places : [];
    return places.map(({ label }) => label);
  };
  const whole = (name: string) => labels(name).filter((label) => fold(label).startsWith(fold(name)));
  if (codes && /(?<!\d)\d{4}(?!\d)/.test(text) && labels(text).some((label) => /^\d{4}/.test(label)))
    return labels(text);
  const written = text.split(/[^\p{L}\p{N}-]+/u).filter(Boolean);
  if (written.length <= longestPlace && fold(text).length > 1 && whole(text).length > 0) return whole(text);
  const before = byLength(words['before-place']);
  for (let at = 1; at < written.length; at++) {
    const lead = ` ${written.slice(0, at).join(' ').toLowerCase()}`;
    if (!before.some((word) => lead.endsWith(` ${word}`))) continue;
    for (let length = longestPlace; length > 0; length--) {
      const name = written.slice(at, at + length).join(' ');
      const certain =
        /^\p{Lu}/u.test(name) || (at + length >= written.length && /\b(bor|bur|live)\b/.test(lead));
      const found = certain && name.length > 2 ? whole(name) : [];
      if (found.length > 0) return found;
    }
  }
  return [];
}

function dayReader(words: IntentWords): (typed: string) => Day | null {
  const months = alternatives(words.months.flat());
  const monthOf = (name: string) => 1 + words.months.findIndex((ways) => ways.includes(name));
  const weekdays = alternatives(words.weekdays.flat());
  const date = (day: string | undefined, month: number, year: string | undefined): Day | null => {
    const valid = Number(day) >= 1 && Number(day) <= 31 && month >= 1 && month <= 12;
    return valid
      ? { day: Number(day), month, year: year ? Number(year) + (year.length === 2 ? 2000 : 0) : null }
      : null;
  };
  const dayMonth = new RegExp(
    `(?<![\\d.:])(\\d{1,2})(?:\\.|st|nd|rd|th)? ?(?:of )?(${months})\\.?(?: (\\d{4}))?(?!\\p{L})`,
    'u',
  );
  const monthDay = new RegExp(
    `(?<!\\p{L})(${months})\\.? (\\d{1,2})(?:st|nd|rd|th)?(?:,? (\\d{4}))?(?![\\d:.])`,
    'u',
  );
  const numeric = /(?<![\d.:/])(\d{1,2})(?:\.|\/)(\d{1,2})(?:(?:\.|\/)(\d{4}|\d{2})?)?(?![\d:/])/;
  const clock = new RegExp(`(?<!\\p{L})(?:${alternatives(words.clock)})\\.? ?$`, 'u');
  const weekday = new RegExp(`(?<!\\p{L})(?:(${alternatives(words.next)}) )?(${weekdays})(?!\\p{L})`, 'u');
  const says = (list: readonly string[]) => new RegExp(`(?<!\\p{L})(?:${alternatives(list)})(?!\\p{L})`, 'u');
  const relative = [
    [says(words.afterTomorrow), 2],
    [says(words.tomorrow), 1],
    [says(words.today), 0],
  ] as const;
  return (typed) => {
    const [, d1, m1, y1] = dayMonth.exec(typed) ?? [];
    if (m1) return date(d1, monthOf(m1), y1);
    const [, m2, d2, y2] = monthDay.exec(typed) ?? [];
    if (m2) return date(d2, monthOf(m2), y2);
    const digits = numeric.exec(typed);
    if (digits && !clock.test(typed.slice(0, digits.index))) {
      const found = date(digits[1], Number(digits[2]), digits[3]);
      if (found) return found;
    }
    const found = weekday.exec(typed);
    if (found) {
      const short = (found[2] ?? '').length <= 4 && fold(typed) !== found[2];
      const at = words.weekdays.findIndex((ways) => ways.includes(found[2] ?? ''));
      // "man" and "sun" are words of their own inside a sentence.
      if (!short) return { weekday: 1 + at, next: found[1] !== undefined };
    }
    const near = relative.find(([way]) => way.test(typed));
    return near ? { in: near[1] } : null;
  };
}

function timeReader(words: IntentWords): (typed: string) => string | null {
  const numbers = alternatives(words.numbers.slice(1).flat());
  const hourOf = (text: string) =>
    /^\d/.test(text) ? Number(text) : words.numbers.findIndex((ways) => ways.includes(text));
  const hour = `(\\d{1,2}|${numbers})`;
  const word = (list: readonly string[]) => `(?<!\\p{L})(?:${alternatives(list)})`;
  const says = (list: readonly string[]) => new RegExp(`(?<!\\p{L})(?:${alternatives(list)})(?!\\p{L})`, 'u');
  const end = '(?![\\p{L}\\d])';
  const shifted: readonly (readonly [RegExp, number])[] = [
    [new RegExp(`${word(words.quarterPast)} ${hour}${end}`, 'u'), 15],
    [new RegExp(`${word(words.quarterTo)} ${hour}${end}`, 'u'), -15],
    [new RegExp(`${word(words.halfPast)} ${hour}${end}`, 'u'), 30],
    [new RegExp(`${word(words.half)} ${hour}${end}`, 'u'), -30],
  ];
  const clocked = new RegExp(`${word(words.clock)}\\.? ?${hour}(?:[.:]?(\\d{2}))?(?![\\p{L}\\d/%])`, 'u');
  const ofDay = new RegExp(
    `(?<![\\p{L}\\d.:])${hour}(?:[.:](\\d{2}))? ?(?:${alternatives([...words.evening, ...words.morning])})(?!\\p{L})`,
    'u',
  );
  const bare = /(?<![\d.:/])(\d{1,2})(?::(\d{2})|\.([0-5]\d))(?![\d.:/])/;
  const certain = /(?<!\p{L})(?:kl|klokk\p{L}*)\.? ?\d/u;
  const evening = says(words.evening);
  const early = says(words.morning);
  const compact = /\d ?pm(?!\p{L})/u;
  const put = (typed: string, named: number, minutes: number): string | null => {
    const hours = named === 12 && (early.test(typed) || /\d ?am(?!\p{L})/u.test(typed)) ? 0 : named;
    const late = (evening.test(typed) || compact.test(typed)) && hours > 0 && hours < 12 ? 12 : 0;
    const all = (hours + late) * 60 + minutes;
    const inDay = ((all % 1440) + 1440) % 1440;
    if (named > 24 || Math.abs(minutes) > 59) return null;
    return `${String(Math.floor(inDay / 60)).padStart(2, '0')}:${String(inDay % 60).padStart(2, '0')}`;
  };
  return (typed) => {
    for (const [way, minutes] of shifted) {
      const found = way.exec(typed)?.[1];
      if (found) return put(typed, hourOf(found), minutes);
    }
    const stated = ofDay.exec(typed) ?? (certain.test(typed) ? clocked.exec(typed) : null);
    if (stated?.[1]) return put(typed, hourOf(stated[1]), Number(stated[2] ?? 0));
    const digits = bare.exec(typed);
    if (digits) {
      const minutes = digits[2] ?? digits[3] ?? '';
      // "19.12" may as well be a date.
      if (digits[2] || minutes === '00' || Number(minutes) > 12)
        return put(typed, Number(digits[1]), Number(minutes));
      return null;
    }
    const said = clocked.exec(typed);
    if (said?.[1] && said[1] !== 'to') return put(typed, hourOf(said[1]), Number(said[2] ?? 0));
    if (says(words.noon).test(typed)) return '12:00';
    return says(words.midnight).test(typed) ? '00:00' : null;
  };
}

const byLength = (list: readonly string[]): string[] => [...list].sort((a, b) => b.length - a.length);

/** For a regular expression; the words are data of the program and hold letters and spaces only. */
const alternatives = (list: readonly string[]): string => byLength(list).join('|');
