/**
 * What the clinic and volunteers know of a meeting that no list tells: whom it suits, when it does not run, and that it was not as
 * listed. It is kept beside the list under the meeting's id, so that reading the list again does not wash it away. It says who
 * knows something only as an opaque id, and no list, old word or single report may ever shut a meeting for good.
 */

import type { KnownMeeting, Meeting, VouchedMark } from './meeting.ts';
import type { Millis } from './time.ts';
import { toLocal } from './time.ts';

/** Who and when. `by` is an opaque id. */
type Word = { by: string; at: Millis };

/** What somebody who went there found. */
export const reportKinds = ['door-closed', 'moved', 'not-as-listed'] as const;
export type ReportKind = (typeof reportKinds)[number];
export type Report = Word & { kind: ReportKind };

export type MeetingKnowledge = {
  v: 1;
  /** The meeting's id. */
  meeting: string;
  /** The newest word on each mark. `holds` false: somebody has taken it back. */
  marks: Readonly<Partial<Record<VouchedMark, Word & { holds: boolean }>>>;
  /** When somebody last made sure that it is as listed. */
  confirmed: Word | null;
  /** Local dates on which it does not run, both ends included; a single cancelled date begins and ends on that day. */
  pauses: readonly (Word & { from: string; to: string })[];
  /** Takes the place of the list's own pattern; null: as listed. */
  weeks: (Word & { weeks: NonNullable<Meeting['weeks']> }) | null;
  closedOnHolidays: (Word & { holds: boolean }) | null;
  /** What was found since somebody last made sure. */
  reports: readonly Report[];
  /** When the clinic last looked into the reports and found that the meeting runs. */
  looked: Word | null;
};

/** Everything a clinic knows, by meeting id. */
export type ClinicKnowledge = { v: 1; meetings: Readonly<Record<string, MeetingKnowledge>> };

/** A mark or a confirmation older than this is asked for again, and not used until then. */
export const FADES_AFTER: Millis = 90 * 24 * 3_600_000;

/** So many different people must have found it otherwise before it is held back. */
export const REPORTS_TO_HOLD = 2;

export const nothingKnown = (meeting: string): MeetingKnowledge => ({
  ...{ v: 1, meeting, marks: {}, confirmed: null, pauses: [], weeks: null, closedOnHolidays: null },
  ...{ reports: [], looked: null },
});

/** Ids of the meetings that somebody found otherwise: whatever others found, that one need not be sent there again. */
export const reportedBy = (all: ClinicKnowledge | null, by: string): string[] =>
  Object.values(all?.meetings ?? {})
    .filter(({ reports }) => reports.some((report) => report.by === by))
    .map(({ meeting }) => meeting);

/** What a clinic knows after it learned something about one meeting. */
export function learned(
  all: ClinicKnowledge | null,
  meeting: string,
  learn: (known: MeetingKnowledge) => MeetingKnowledge,
): ClinicKnowledge {
  const known = learn(all?.meetings[meeting] ?? nothingKnown(meeting));
  return { v: 1, meetings: { ...all?.meetings, [meeting]: known } };
}

/** Whether a word has grown so old that it must be asked for again. */
export const faded = ({ at }: Word, now: Millis): boolean => now - at > FADES_AFTER;

/**
 * The meeting as it may be offered: the list's own facts with what is known beside them.
 * @param read when the meeting's list was last read successfully; left out for one kept by hand
 * @returns null while it is on hold
 */
export function withKnowledge(
  meeting: Meeting,
  knowledge: MeetingKnowledge | undefined,
  now: Millis,
  read?: Millis,
): KnownMeeting | null {
  const listed: KnownMeeting = read === undefined ? meeting : { ...meeting, read };
  if (!knowledge) return listed;
  if (onHold(knowledge)) return null;
  const day = (at: Millis) => toLocal(at, meeting.zone).date;
  const vouched = Object.entries(knowledge.marks)
    .filter(([, word]) => word.holds && !faded(word, now))
    .map(([mark, { at }]) => [mark, day(at)] as const);
  const pauses = [...(meeting.pauses ?? []), ...knowledge.pauses.map(({ from, to }) => ({ from, to }))];
  const { closedOnHolidays: listedAsClosing, ...rest } = listed;
  const closes = knowledge.closedOnHolidays ? knowledge.closedOnHolidays.holds : listedAsClosing === true;
  const sure = knowledge.confirmed;
  const confirmed = sure && !faded(sure, now) ? day(sure.at) : '';
  return {
    ...rest,
    ...(vouched.length > 0 ? { vouched: Object.fromEntries(vouched) } : {}),
    ...(pauses.length > 0 ? { pauses } : {}),
    ...(knowledge.weeks ? { weeks: knowledge.weeks.weeks } : {}),
    ...(closes ? { closedOnHolidays: true as const } : {}),
    confirmed: confirmed > meeting.confirmed ? confirmed : meeting.confirmed,
  };
}

/**
 * Whether two different people have found it otherwise since it was last made sure of. Then it is not offered, and nobody is
 * reminded of it, until the clinic has looked; another person's word does not lift it.
 */
export const onHold = ({ reports }: MeetingKnowledge): boolean =>
  new Set(reports.map(({ by }) => by)).size >= REPORTS_TO_HOLD;

/** Somebody made sure that it is as listed. What was reported before is answered with that, unless the meeting is on hold. */
export function withConfirmation(knowledge: MeetingKnowledge, word: Word): MeetingKnowledge {
  const reports = onHold(knowledge) ? knowledge.reports : knowledge.reports.filter(({ at }) => at > word.at);
  return { ...knowledge, confirmed: word, reports };
}

/** The clinic has looked into what was reported, and the meeting runs. */
export const withLook = (knowledge: MeetingKnowledge, word: Word): MeetingKnowledge => ({
  ...knowledge,
  looked: word,
  reports: knowledge.reports.filter(({ at }) => at > word.at),
});

/** Adds what somebody found. The same person saying the same again only makes it newer. */
export function withReport(knowledge: MeetingKnowledge, report: Report): MeetingKnowledge {
  const others = knowledge.reports.filter(({ by, kind }) => by !== report.by || kind !== report.kind);
  return { ...knowledge, reports: [...others, report] };
}

/** Adds somebody's word on a mark; `holds` false takes it back. */
export const withMark = (
  knowledge: MeetingKnowledge,
  mark: VouchedMark,
  word: Word & { holds: boolean },
): MeetingKnowledge => ({ ...knowledge, marks: { ...knowledge.marks, [mark]: word } });

/** Adds a stretch of local dates on which it does not run, both ends included. */
export const withPause = (
  knowledge: MeetingKnowledge,
  pause: Word & { from: string; to: string },
): MeetingKnowledge => ({ ...knowledge, pauses: [...knowledge.pauses, pause] });

/** Puts another pattern in the place of the list's own; null gives the list its say again. */
export const withWeeks = (
  knowledge: MeetingKnowledge,
  weeks: MeetingKnowledge['weeks'],
): MeetingKnowledge => ({ ...knowledge, weeks });

export const withHolidays = (
  knowledge: MeetingKnowledge,
  closedOnHolidays: NonNullable<MeetingKnowledge['closedOnHolidays']>,
): MeetingKnowledge => ({ ...knowledge, closedOnHolidays });

/** What should be asked again, since the last word on it has faded: marks that held, and whether the meeting is as listed. */
export function toAskAgain(knowledge: MeetingKnowledge, now: Millis): (VouchedMark | 'confirmed')[] {
  const marks = Object.entries(knowledge.marks)
    .filter(([, word]) => word.holds && faded(word, now))
    .map(([mark]) => mark as VouchedMark);
  return knowledge.confirmed && faded(knowledge.confirmed, now) ? [...marks, 'confirmed'] : marks;
}

/** Pauses that lie behind say nothing any more; `today` is the local date in the meeting's zone. */
export const withoutPast = (knowledge: MeetingKnowledge, today: string): MeetingKnowledge => ({
  ...knowledge,
  pauses: knowledge.pauses.filter(({ to }) => to >= today),
});
