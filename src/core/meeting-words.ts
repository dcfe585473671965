/**
 * How a suggestion and a plan are said: what, when, where, how far as the crow flies, and why this one. It exists so that all rules
 * say it alike. It never says more than the list or somebody's own word tells.
 */
import { holiday } from './holidays.ts';
import { freshness, type KnownMeeting, sayPlace } from './meeting.ts';
import type { Occurrence } from './occurrence.ts';
import type { Plan } from './plan.ts';
import type { ReasonId } from './suggest.ts';
import { atLocal, type Millis, sayDay, sayTime } from './time.ts';
import type { Turn } from './turn.ts';

/** One suggestion as it is kept while it is offered. */
export type Offer = { occurrence: Occurrence; km: number | null; reasons: ReasonId[] };

/** Day and time of a moment in the person's own words: "i morgen kl. 19.00". */
export function when(turn: Turn, at: Millis): string {
  const { zone, language } = turn.person;
  return `${sayDay(at, turn.now, zone, language)} ${sayTime(at, zone, language)}`;
}

/** One suggestion in words: what, when, where, how far, and why this one; then what one had better know. */
export function describe(turn: Turn, number: number, { occurrence, km, reasons }: Offer): string {
  const { meeting, starts } = occurrence;
  const where =
    meeting.place && km !== null
      ? [meeting.place.name, meeting.place.town].filter(Boolean).join(', ')
      : turn.phrase(meeting.online ? 'online' : 'on-the-phone');
  const distance = km === null ? '' : ` ${turn.phrase('distance', () => sayKm(km, turn.person.language))}`;
  const because = reasons.map((reason) =>
    turn.phrase(`reason-${reason}`, () => vouchedOn(turn, meeting, reason)),
  );
  return [
    `${number}. ${meeting.name} (${meeting.fellowship})`,
    `${capital(when(turn, starts))}. ${where}.${distance}`,
    ...(because.length > 0 ? [turn.phrase('why', () => because.join(', '))] : []),
    ...only(turn, meeting, reasons),
    ...spokenIn(turn, meeting),
    ...(freshness(meeting.read, turn.now) === 'fresh' ? [] : [turn.phrase('stale-list')]),
  ].join('\n');
}

/** A plan in words, a line each. */
export function details(turn: Turn, plan: Plan): string {
  return [
    `${plan.name} (${plan.fellowship})`,
    capital(when(turn, plan.starts)),
    whereabouts(turn, plan),
    turn.phrase(`openness-${plan.openness}`),
    ...holidayLine(turn, plan),
  ].join('\n');
}

/** On a day on which doors may be locked although the list says otherwise, a word of it. */
export function holidayLine(turn: Turn, plan: Plan): string[] {
  const day = holiday(plan.date);
  return day ? [turn.phrase('on-holiday', () => turn.phrase(`holiday-${day}`))] : [];
}

export function whereabouts(turn: Turn, { where, online, phone }: Plan): string {
  if (where) return sayPlace(where);
  return [
    ...(online || !phone ? [turn.phrase('online')] : []),
    ...(phone ? [turn.phrase('by-phone', () => phone)] : []),
  ].join('\n');
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The day on which somebody vouched for what a reason says, in the person's own words. */
function vouchedOn(turn: Turn, { vouched, zone }: KnownMeeting, reason: ReasonId): string {
  const date = reason === 'lar' || reason === 'medication' ? vouched?.[reason] : undefined;
  const { person, now } = turn;
  return date ? sayDay(atLocal(date, '12:00', zone), now, person.zone, person.language) : '';
}

/** To anyone else it is a closed door. */
const only = (turn: Turn, { marks }: KnownMeeting, reasons: readonly ReasonId[]): string[] =>
  (['women', 'men'] as const)
    .filter((group) => marks.includes(group) && !reasons.includes(`wish-${group}`))
    .map((group) => turn.phrase(`only-${group}`));

/** In which languages, where the list names some and none of them is Norwegian. */
function spokenIn(turn: Turn, { languages }: KnownMeeting): string[] {
  if (!languages || languages.some((code) => ['nb', 'nn', 'no'].includes(code))) return [];
  const { language } = turn.person;
  const names = new Intl.DisplayNames([language], { type: 'language' });
  const said = languages.map((code) => names.of(code) ?? code);
  return [turn.phrase('held-in', () => new Intl.ListFormat(language, { type: 'disjunction' }).format(said))];
}

const sayKm = (km: number, language: string): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: km < 10 ? 1 : 0 }).format(km);
