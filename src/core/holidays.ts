/**
 * The Norwegian days on which doors may be locked although the list says there is a meeting: public holidays (law of 24 February 1995
 * on holy days, law of 26 April 1947 on 1 and 17 May) and the eves that are kept like them. It gives ids, never words: what is said
 * about a day lies with the other words. It never claims that a meeting is cancelled.
 */

/** Ids are stable: words are looked up by them. */
export type HolidayId =
  | 'new-years-day'
  | 'maundy-thursday'
  | 'good-friday'
  | 'easter-eve'
  | 'easter-sunday'
  | 'easter-monday'
  | 'labour-day'
  | 'constitution-day'
  | 'ascension-day'
  | 'whit-sunday'
  | 'whit-monday'
  | 'christmas-eve'
  | 'christmas-day'
  | 'boxing-day'
  | 'new-years-eve';

const FIXED: Readonly<Record<string, HolidayId>> = {
  '01-01': 'new-years-day',
  '05-01': 'labour-day',
  '05-17': 'constitution-day',
  '12-24': 'christmas-eve',
  '12-25': 'christmas-day',
  '12-26': 'boxing-day',
  '12-31': 'new-years-eve',
};

/** Days after Easter Sunday. Easter Eve is no public holiday, but lies between days that are and is kept like the other eves. */
const MOVING: Readonly<Record<number, HolidayId>> = {
  [-3]: 'maundy-thursday',
  [-2]: 'good-friday',
  [-1]: 'easter-eve',
  0: 'easter-sunday',
  1: 'easter-monday',
  39: 'ascension-day',
  49: 'whit-sunday',
  50: 'whit-monday',
};

/**
 * The holiday on a date, or null on any other day. Where two fall together (Ascension Day on 17 May) the one with the fixed date is given.
 * @param date 'YYYY-MM-DD'
 * @throws RangeError when it is not a date
 */
export function holiday(date: string): HolidayId | null {
  const day = Temporal.PlainDate.from(date);
  const fixed = FIXED[date.slice(5)];
  if (fixed) return fixed;
  return MOVING[easterSunday(day.year).until(day, { largestUnit: 'day' }).days] ?? null;
}

/**
 * Easter Sunday of a Gregorian year: the first Sunday after the church's full moon on or after 21 March.
 * The full moon comes from the epact (the moon's age on 1 January), corrected for the leap days and the moon's drift by century.
 */
function easterSunday(year: number): Temporal.PlainDate {
  const golden = (year % 19) + 1;
  const century = Math.floor(year / 100) + 1;
  const droppedLeapDays = Math.floor((3 * century) / 4) - 12;
  const moonDrift = Math.floor((8 * century + 5) / 25) - 5;
  let epact = (((11 * golden + 20 + moonDrift - droppedLeapDays) % 30) + 30) % 30;
  // The church keeps two full moons of one cycle from falling on the same day.
  if ((epact === 25 && golden > 11) || epact === 24) epact += 1;
  const daysIntoMarch = epact <= 23 ? 44 - epact : 74 - epact;
  const fullMoon = Temporal.PlainDate.from({ year, month: 3, day: 1 }).add({ days: daysIntoMarch - 1 });
  return fullMoon.add({ days: 7 - (fullMoon.dayOfWeek % 7) });
}
