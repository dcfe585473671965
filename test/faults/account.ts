/**
 * The account of a run: what came in set against what was decided, what was committed against what the platform has
 * delivered, and what was due against what the planners received. Every doubled message must be one that was being sent
 * when the program died. It must never ask the program what it believes to have sent.
 */
import type { ChatMessage } from '../fakes/telegram-chat.ts';
import type { Person } from '../fakes/telegram-people.ts';
import { type Crowd, momentOf } from './crowd.ts';
import type { Scene } from './scene.ts';

export type Account = {
  blows: number;
  updates: { accepted: number; decided: number };
  messages: { committed: number; delivered: number; givenUp: number };
  reminders: { due: number; sent: number };
  /** Messages that came twice, and those that may have: each was being sent when the program died. */
  doubled: number;
  uncertain: number;
  /** Everything that should not be, one line each. */
  wrong: string[];
};

/** Stops the program, when nobody begins anything any more. */
export async function settle(scene: Scene, crowd: Crowd): Promise<Account> {
  await scene.settle();
  // Time that is moved on brings decisions and messages of its own, so these are counted before.
  const versions = await scene.versions(crowd.writers.map(({ id }) => `person-${id}`));
  const { committed } = scene.findings;
  await scene.triesAgain();
  const { entries, decided } = scene.findings;
  const people = [...crowd.writers, ...crowd.planners];
  const delivered = new Map<string, { person: Person; message: ChatMessage }>(
    people.flatMap((person) =>
      person.chat.map((message) => [String(message.message_id), { person, message }] as const),
    ),
  );
  const all = [...entries.values()];
  const sent = all.filter(({ state }) => state === 'sent');
  const wrong: string[] = [];

  const undecided = scene.updates.filter((update) => !decided.has(update));
  for (const update of undecided) wrong.push(`update ${update} was accepted and never decided`);
  for (const { update_id } of scene.telegram.pending) wrong.push(`update ${update_id} was never accepted`);

  const refs = new Set(sent.map(({ ref }) => ref));
  for (const [i, person] of crowd.writers.entries()) {
    const decisions = (versions[i] ?? 0) - 1;
    const deeds = crowd.deeds(person);
    const answers = person.chat.filter(({ message_id }) => refs.has(String(message_id))).length;
    if (answers < deeds) wrong.push(`${person.id} did ${deeds} things and got ${answers} answers`);
    if (decisions !== deeds) wrong.push(`${person.id} did ${deeds} things, decided were ${decisions}`);
  }

  for (const { seq, ref } of sent)
    if (ref === null || !delivered.has(ref)) wrong.push(`message ${seq} counts as sent and never came`);
  if (refs.size < sent.length) wrong.push('two messages bear one name of the platform');
  for (const { seq, state } of all)
    if (state !== 'sent') wrong.push(`message ${seq} ${state}, and never came`);
  if (committed > all.length)
    wrong.push(`${committed - all.length} messages were committed and are not to be found`);

  // What came without a name in the store is a second copy of something that was being sent over a blow.
  const copies = [...delivered].filter(([ref]) => !refs.has(ref)).map(([, copy]) => copy);
  const excused = new Map<string, number>();
  const named = (person: Person, text: string) => `${person.id} ${text}`;
  for (const { ref, doubts } of sent) {
    const original = ref === null ? undefined : delivered.get(ref);
    if (!original || doubts === 0) continue;
    const name = named(original.person, original.message.text);
    excused.set(name, (excused.get(name) ?? 0) + doubts);
  }
  for (const { person, message } of copies) {
    // A tap leaves its choice under the text of the message.
    const name = [...excused.keys()].find(
      (one) => (excused.get(one) ?? 0) > 0 && sameText(one, named(person, message.text)),
    );
    if (name === undefined) wrong.push(`${person.id} got twice, without a reason: ${message.text}`);
    else excused.set(name, (excused.get(name) ?? 0) - 1);
  }

  const due = crowd.planners.length * crowd.moments.length;
  let reminded = 0;
  for (const person of crowd.planners) {
    for (const { kind } of crowd.moments) {
      const came = person.received.filter(
        (one) => momentOf(one) === kind && refs.has(String(one.message_id)),
      ).length;
      if (came === 1) reminded++;
      else wrong.push(`${person.id} got ${kind} ${came} times`);
    }
  }

  return {
    blows: scene.blows,
    updates: { accepted: scene.updates.length, decided: scene.updates.length - undecided.length },
    messages: { committed, delivered: sent.length, givenUp: all.length - sent.length },
    reminders: { due, sent: reminded },
    doubled: copies.length,
    uncertain: all.reduce((sum, { doubts }) => sum + doubts, 0),
    wrong,
  };
}

const sameText = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);

/** The account in one line, with the seed that brings it about again. */
export function told(name: string, seed: number, { wrong, ...figures }: Account): string {
  const { blows, updates, messages, reminders, doubled, uncertain } = figures;
  return (
    `${name}, SEED=${seed}: ${blows} blows; updates ${updates.accepted}, decided ${updates.decided}; ` +
    `messages ${messages.committed}, delivered ${messages.delivered}, given up ${messages.givenUp}; ` +
    `reminders due ${reminders.due}, sent once ${reminders.sent}; ` +
    `doubled ${doubled} of ${uncertain} in flight at a blow; wrong ${wrong.length}\n`
  );
}
