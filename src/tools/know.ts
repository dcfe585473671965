/**
 * What the clinic and volunteers know of a meeting that no list tells: noted here with who and when, and shown with
 * what was reported and what should be asked again.
 */
import { readConfig } from '../config.ts';
import {
  type MeetingKnowledge,
  onHold,
  toAskAgain,
  withConfirmation,
  withHolidays,
  withLook,
  withMark,
  withoutPast,
  withPause,
  withWeeks,
} from '../core/knowledge.ts';
import { type Meeting, type VouchedMark, vouchedMarks } from '../core/meeting.ts';
import { isDate, toLocal } from '../core/time.ts';
import { CannotStart, openProgram } from '../engine/program.ts';
import { silentLog } from '../log.ts';

export type Knowing = {
  mark?: string;
  not?: boolean;
  confirmed?: boolean;
  looked?: boolean;
  pause?: string;
  weeks?: string;
  holidays?: string;
  by: string;
  json?: boolean;
};

type Word = { by: string; at: number };
type Learn = (known: MeetingKnowledge) => MeetingKnowledge;

export async function know(meeting: string | undefined, wish: Knowing): Promise<void> {
  const config = readConfig();
  const learning = (word: Word) => learns(wish, word);
  if (meeting !== undefined && learning({ by: '', at: 0 }).length === 0)
    throw new CannotStart(
      'know: say what is known: --mark, --confirmed, --looked, --pause, --weeks or --holidays',
    );
  const { lists, store, clock } = await openProgram(config, silentLog);
  try {
    const now = clock.now();
    if (meeting === undefined) return print(await lists.known(), now, wish.json === true);
    const word = { by: wish.by, at: now };
    const today = toLocal(now, config.clinic.zone).date;
    const learnt = await lists.learn(meeting, (known) =>
      withoutPast(
        learning(word).reduce((sofar, learn) => learn(sofar), known),
        today,
      ),
    );
    if (!learnt)
      throw new CannotStart(`know: no list has a meeting ${meeting}; blimed meetings --json tells ids`);
    process.stdout.write('Noted.\n');
  } finally {
    await store.close();
  }
}

/** Everything the options say. @throws CannotStart */
function learns(wish: Knowing, word: Word): Learn[] {
  const holds = wish.not !== true;
  return [
    ...(wish.mark === undefined ? [] : [marked(wish.mark, { ...word, holds })]),
    ...(wish.confirmed ? [(known: MeetingKnowledge) => withConfirmation(known, word)] : []),
    ...(wish.looked ? [(known: MeetingKnowledge) => withLook(known, word)] : []),
    ...(wish.pause === undefined ? [] : [paused(wish.pause, word)]),
    ...(wish.weeks === undefined ? [] : [inWeeks(wish.weeks, word)]),
    ...(wish.holidays === undefined ? [] : [onHolidays(wish.holidays, word)]),
  ];
}

function marked(mark: string, word: Word & { holds: boolean }): Learn {
  if (!(vouchedMarks as readonly string[]).includes(mark))
    throw new CannotStart(`--mark: expected ${vouchedMarks.join(', ')}`);
  return (known) => withMark(known, mark as VouchedMark, word);
}

function paused(text: string, word: Word): Learn {
  const [from = '', to = from] = text.split('..');
  if (!isDate(from) || !isDate(to) || to < from)
    throw new CannotStart('--pause: expected a date, or two as 2026-06-22..2026-08-14');
  return (known) => withPause(known, { ...word, from, to });
}

function inWeeks(text: string, word: Word): Learn {
  const weeks = text === 'every' ? null : text.split(',').map(Number);
  if (weeks?.some((week) => ![1, 2, 3, 4, 5, -1].includes(week)))
    throw new CannotStart('--weeks: expected every, or some of 1,2,3,4,5,-1 (-1 is the last of the month)');
  return (known) => withWeeks(known, weeks && { ...word, weeks: weeks as NonNullable<Meeting['weeks']> });
}

function onHolidays(text: string, word: Word): Learn {
  if (text !== 'closed' && text !== 'open') throw new CannotStart('--holidays: expected closed or open');
  return (known) => withHolidays(known, { ...word, holds: text === 'closed' });
}

function print(all: readonly MeetingKnowledge[], now: number, json: boolean): void {
  const shown = all.map((known) => ({ ...known, hold: onHold(known), askAgain: toAskAgain(known, now) }));
  if (json) {
    process.stdout.write(`${JSON.stringify(shown)}\n`);
    return;
  }
  const day = (at: number) => Temporal.Instant.fromEpochMilliseconds(at).toString().slice(0, 10);
  const lines = shown.flatMap(
    ({ meeting, hold, marks, confirmed, pauses, weeks, closedOnHolidays, reports, askAgain }) => [
      `${meeting}${hold ? '  ON HOLD: look into it, then --looked' : ''}`,
      ...Object.entries(marks).map(([mark, { holds, at }]) => `  ${holds ? '' : 'not '}${mark} (${day(at)})`),
      ...(confirmed ? [`  confirmed (${day(confirmed.at)})`] : []),
      ...pauses.map(({ from, to }) => `  does not run ${from === to ? from : `${from} to ${to}`}`),
      ...(weeks ? [`  weeks of the month: ${weeks.weeks.join(', ')}`] : []),
      ...(closedOnHolidays ? [`  ${closedOnHolidays.holds ? 'closed' : 'open'} on holidays`] : []),
      ...reports.map(({ kind, at }) => `  reported: ${kind} (${day(at)})`),
      ...(askAgain.length > 0 ? [`  ask again: ${askAgain.join(', ')}`] : []),
    ],
  );
  process.stdout.write(`${lines.length > 0 ? lines.join('\n') : 'Nothing is known beside the lists.'}\n`);
}
