/**
 * Wall-clock time in named zones: local dates and times to instants and back, quiet hours, and how a day or a time is said.
 * It exists so that daylight saving is handled in one place. It never asks what time it is: every moment comes as an argument.
 */

/** Milliseconds since 1970-01-01T00:00Z. */
export type Millis = number;

/** ISO weekday: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A daily stretch of local time, `to` not included. It may cross midnight; `from` equal to `to` means no quiet hours. */
export type Quiet = { from: string; to: string };

const HALF_YEAR_IN_DAYS = 183;

/**
 * What a clock and a calendar on the wall in `zone` show at a moment.
 * @returns date 'YYYY-MM-DD', time 'HH:MM' (seconds are cut off), ISO weekday
 * @throws RangeError when the zone is not an IANA name
 */
export function toLocal(at: Millis, zone: string): { date: string; time: string; weekday: Weekday } {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return {
    date: local.toPlainDate().toString(),
    time: local.toPlainTime().toString({ smallestUnit: 'minute', roundingMode: 'trunc' }),
    weekday: local.dayOfWeek as Weekday,
  };
}

/**
 * The moment a clock in `zone` first shows this date and time. A time that does not exist there (the clocks skip it) becomes the
 * first moment after the skip, so 02:30 on the Norwegian spring night is 03:00; one that comes twice is the first of the two.
 * @param date 'YYYY-MM-DD'
 * @param time 'HH:MM'
 * @throws RangeError when date, time or zone is none
 */
export function atLocal(date: string, time: string, zone: string): Millis {
  const wanted = Temporal.PlainDate.from(date).toPlainDateTime(Temporal.PlainTime.from(time));
  const earlier = wanted.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (earlier.toPlainDateTime().equals(wanted)) return earlier.epochMilliseconds;
  // Temporal moves a skipped time by the length of the skip (to 03:30, or back to 01:30); nobody means that, so we look up the edge.
  const edge = earlier.getTimeZoneTransition('next');
  return (edge ?? earlier).epochMilliseconds;
}

/** The local date `n` days later (earlier when negative); both 'YYYY-MM-DD'. */
/** Whether this is a local date as it is written here: 'YYYY-MM-DD'. */
export function isDate(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}

export function addDays(date: string, n: number): string {
  return Temporal.PlainDate.from(date).add({ days: n }).toString();
}

/** The ISO weekday of a local date 'YYYY-MM-DD'. */
export function weekdayOf(date: string): Weekday {
  return Temporal.PlainDate.from(date).dayOfWeek as Weekday;
}

/** Whether a moment lies in the quiet hours. One quiet period runs from the first `from` on the clock to the first `to` after it. */
export function isQuiet(at: Millis, quiet: Quiet, zone: string): boolean {
  return quietPeriod(at, quiet, zone) !== null;
}

/** The first moment at or after `at` that is not quiet: `at` itself when it is not. */
export function quietEnds(at: Millis, quiet: Quiet, zone: string): Millis {
  let free = at;
  // A skipped hour can make one period end exactly where the next begins, hence a loop and not one step.
  for (let period = quietPeriod(free, quiet, zone); period; period = quietPeriod(free, quiet, zone)) {
    free = period.ends;
  }
  return free;
}

/**
 * When the quiet period around `at` began.
 * @throws RangeError when `at` is not quiet
 */
export function quietBegan(at: Millis, quiet: Quiet, zone: string): Millis {
  const around = quietPeriod(at, quiet, zone);
  if (!around)
    throw new RangeError('quietBegan was asked about a moment outside the quiet hours; ask isQuiet first');
  let began = around.began;
  for (
    let before = quietPeriod(began - 1, quiet, zone);
    before;
    before = quietPeriod(began - 1, quiet, zone)
  ) {
    began = before.began;
  }
  return began;
}

/**
 * A day as one says it: "i dag", "i morgen", "i går", else "onsdag 25. mars" ("today", "Wednesday 25 March"); with the year when
 * it is more than half a year away. Written to stand inside a sentence.
 * @param language a language code such as 'nb' or 'en'; one the program has no words for is said in Norwegian
 */
export function sayDay(at: Millis, now: Millis, zone: string, language: string): string {
  const day = Temporal.PlainDate.from(toLocal(at, zone).date);
  const away = Temporal.PlainDate.from(toLocal(now, zone).date).until(day, { largestUnit: 'day' }).days;
  if (Math.abs(away) <= 1) {
    return new Intl.RelativeTimeFormat(locales(language), { numeric: 'auto' }).format(away, 'day');
  }
  return new Intl.DateTimeFormat(locales(language), {
    timeZone: zone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(Math.abs(away) > HALF_YEAR_IN_DAYS ? { year: 'numeric' } : {}),
  }).format(at);
}

/** A time as one says it inside a sentence: "kl. 19.00" in both kinds of Norwegian, "at 19:00"; in other languages the bare "19:00". Always 24 hours. */
export function sayTime(at: Millis, zone: string, language: string): string {
  const { time } = toLocal(at, zone);
  if (language === 'en') return `at ${time}`;
  const [locale = ''] = locales(language);
  return ['nb', 'nn'].includes(locale) ? `kl. ${time.replace(':', '.')}` : time;
}

/** British English because it puts the day before the month, as everything else here does. */
function locales(language: string): string[] {
  if (language === 'en') return ['en-GB'];
  const known =
    /^[a-z]{2,3}$/.test(language) && Intl.DateTimeFormat.supportedLocalesOf([language]).length > 0;
  return [known ? language : 'nb'];
}

function quietPeriod(at: Millis, quiet: Quiet, zone: string): { began: Millis; ends: Millis } | null {
  if (quiet.from === quiet.to) return null;
  const today = toLocal(at, zone).date;
  for (const date of [addDays(today, -1), today]) {
    const began = atLocal(date, quiet.from, zone);
    const ends = atLocal(quiet.to > quiet.from ? date : addDays(date, 1), quiet.to, zone);
    if (began <= at && at < ends) return { began, ends };
  }
  return null;
}
