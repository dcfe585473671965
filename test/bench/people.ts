/**
 * Generated people, enrolled before a benchmark begins, as many as it wants.
 */
import { readConfig } from '../../src/config.ts';
import { moments } from '../../src/core/rules/reminders.ts';
import type { Millis } from '../../src/core/time.ts';
import { notes, openProgram } from '../../src/engine/program.ts';
import { silentLog } from '../../src/log.ts';
import { enrolled, planAfter, seat } from '../enrolled.ts';

const day: Millis = 24 * 3_600_000;
const longAgo: Millis = 30 * day;
const atOnce = 64;

export type Enrolment = {
  from: number;
  count: number;
  /** All of them are going to the same meeting, and are to be reminded of it at the same moment. */
  planning?: true;
};

/** Chats from 1 on. */
export const chatOf = (n: number): number => 100_000 + n;

/**
 * Enrols so many people whose chats are `chatOf(from)` and following. Where they are planning, the program's clock is put to the moment
 * at which their first reminder is due.
 */
export async function enrol(
  settings: Record<string, string>,
  { from, count, planning }: Enrolment,
): Promise<void> {
  const program = await openProgram(readConfig(settings), silentLog);
  const { store, reference, clock } = program;
  const began = clock.now();
  const plan = planning && planAfter(reference.meetings, began + 2 * day, began);
  let due: Millis | undefined;
  let next = from;
  const enroller = async () => {
    while (next < from + count) {
      const person = enrolled(String(chatOf(next++)), began - longAgo);
      if (plan) {
        due ??= moments(plan, person)[0]?.at ?? began;
        Object.assign(person, { plans: [plan], timers: { plan: due } });
      }
      await seat(program, person);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, enroller));
  if (due !== undefined) await store.setNote(notes.offset, String(clock.offset + due + 1 - clock.now()));
  await store.close();
}
