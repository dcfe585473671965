/**
 * Enrolled people put into a store as if they had long been there, sealed as all records are. They are numbers, not
 * personas: nothing about them is meant to be like anybody.
 */
import { readConfig } from '../../src/config.ts';
import type { KnownMeeting } from '../../src/core/meeting.ts';
import { nextOccurrence, occurrenceId } from '../../src/core/occurrence.ts';
import type { Plan } from '../../src/core/plan.ts';
import { newcomer, type Person, personKey } from '../../src/core/records.ts';
import { moments } from '../../src/core/rules/reminders.ts';
import type { Millis } from '../../src/core/time.ts';
import { notes, openProgram, ownClinic } from '../../src/engine/program.ts';
import { silentLog } from '../../src/log.ts';
import { emptyCommit } from '../../src/store/store.ts';

const day: Millis = 24 * 3_600_000;
const longAgo: Millis = 30 * day;
const atOnce = 64;
const zone = 'Europe/Oslo';
/** One that takes place in the demo's list. */
const meetingOfTheDemo = 'demo-kristiansand-fyrlykta';

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
  const { engine, vault, store, reference, clock } = await openProgram(readConfig(settings), silentLog);
  const partition = engine.directory.partitionOf(ownClinic);
  const since = clock.now() - longAgo;
  const yes = { given: true, at: since };
  const plan = planning && planFor(reference.meetings.get(meetingOfTheDemo) as KnownMeeting, clock.now());
  let next = from;
  const enroller = async () => {
    while (next < from + count) {
      const n = next++;
      const chat = { channel: 'telegram', address: String(chatOf(n)) };
      const id = `person-${n}`;
      const person: Person = {
        ...newcomer(id, ownClinic, 'seated', chat, zone, 'nb', since),
        consents: { channel: yes, reminders: yes },
        fellowships: ['AA'],
        discreet: false,
      };
      if (plan) Object.assign(person, { plans: [plan.plan], timers: { plan: plan.due } });
      const home = { partition, person: id, clinic: ownClinic, invitation: 'seated' };
      await store.claim(vault.chatClaim(chat), JSON.stringify(home));
      await vault.commit(partition, {
        ...emptyCommit(since),
        put: [{ key: personKey(id), version: 1, value: person }],
        timers: { set: plan ? [{ owner: id, matter: 'plan', due: plan.due }] : [], clear: [] },
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, enroller));
  if (plan) await store.setNote(notes.offset, String(clock.offset + plan.due + 1 - clock.now()));
  await store.close();
}

function planFor(meeting: KnownMeeting, now: Millis): { plan: Plan; due: Millis } {
  const occurrence = nextOccurrence(meeting, now + 2 * day);
  if (!occurrence) throw new Error('the meeting of the demo is over');
  const { name, fellowship, openness, minutes, place, online } = meeting;
  const plan: Plan = {
    ...{ id: occurrenceId(occurrence), meeting: meeting.id, name, fellowship, openness },
    ...{ date: occurrence.date, starts: occurrence.starts, minutes, zone: meeting.zone },
    ...{ where: place as Plan['where'], online, notes: '', made: now },
  };
  const [first] = moments(plan, { quiet: { from: '22:00', to: '09:00' }, zone });
  return { plan, due: first?.at ?? now };
}
