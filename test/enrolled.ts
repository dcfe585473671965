/**
 * People who have long been enrolled, as they lie in a store, and the plan they may have; put there without anybody having to come in
 * first. They are numbers, not personas: nothing about them is meant to be like anybody.
 */
import type { KnownMeeting } from '../src/core/meeting.ts';
import type { MeetingIndex } from '../src/core/meeting-index.ts';
import { nextOccurrence, occurrenceId } from '../src/core/occurrence.ts';
import type { Plan } from '../src/core/plan.ts';
import { newcomer, type Person, personKey } from '../src/core/records.ts';
import type { Millis } from '../src/core/time.ts';
import type { Address } from '../src/engine/directory.ts';
import { ownClinic, type Program } from '../src/engine/program.ts';
import { emptyCommit } from '../src/store/store.ts';

/** Somebody on Telegram who agreed to being reminded. */
export function enrolled(chat: string, since: Millis): Person {
  const yes = { given: true, at: since };
  const address = { channel: 'telegram', address: chat };
  return {
    ...newcomer(`person-${chat}`, ownClinic, 'seated', address, 'Europe/Oslo', 'nb', since),
    consents: { channel: yes, reminders: yes },
    fellowships: ['AA'],
    discreet: false,
  };
}

/** Puts them into the store, with the timers they have. */
export async function seat(
  { engine, vault, store }: Pick<Program, 'engine' | 'vault' | 'store'>,
  person: Person,
): Promise<void> {
  const { id, chat, clinic, invitation, timers } = person;
  const partition = engine.directory.partitionOf(clinic);
  const home: Address = { partition, person: id, clinic, invitation };
  await store.claim(vault.chatClaim(chat), JSON.stringify(home));
  const set = Object.entries(timers).map(([matter, due]) => ({ owner: id, matter, due }));
  await vault.commit(partition, {
    ...emptyCommit(person.since),
    put: [{ key: personKey(id), version: 1, value: person }],
    timers: { set, clear: [] },
  });
}

/** The plan to go to the first meeting of the demo list after this moment. */
export function planAfter(meetings: MeetingIndex, from: Millis, made: Millis): Plan {
  const meeting = meetings.get('demo-kristiansand-fyrlykta') as KnownMeeting;
  const occurrence = nextOccurrence(meeting, from);
  if (!occurrence) throw new Error('the meeting of the demo is over');
  const { name, fellowship, openness, minutes, place, online } = meeting;
  return {
    ...{ id: occurrenceId(occurrence), meeting: meeting.id, name, fellowship, openness },
    ...{ date: occurrence.date, starts: occurrence.starts, minutes, zone: meeting.zone },
    ...{ where: place as Plan['where'], online, notes: '', made },
  };
}
