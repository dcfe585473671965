/**
 * Steps by which two adapters are put side by side: messages posted, marked, held, erased and aged in any order, under a
 * clock that may be set back. After every step both must show the same of what can be sent, what was sent and what comes.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Lease, Mark, Store } from '../../src/store/store.ts';
import { bytes, commitOf } from './store-ground.ts';

export type Twin = { store: Store; lease: Lease };
type Step = (twin: Twin) => Promise<unknown>;

export const owners = ['ada', 'berit', 'carl'];
const partitionOf = (owner: string) => owners.indexOf(owner);
const owner = fc.constantFrom(...owners);
const id = fc.constantFrom('1', '2', '3', '4', '5', '6');
const moment = fc.integer({ min: 0, max: 12 });

const mark: fc.Arbitrary<Mark> = fc.oneof(
  fc.constant<Mark>({ state: 'sending' }),
  fc.record({ state: fc.constant('retry' as const), again: moment, doubt: fc.boolean() }),
  fc.record({ state: fc.constant('held' as const), due: moment }),
  fc.record({ state: fc.constant('sent' as const), at: moment, ref: fc.constantFrom(null, '', 'ref') }),
  fc.constant<Mark>({ state: 'gone' }),
);

const post = fc
  .tuple(owner, id, fc.integer({ min: 0, max: 2 }), moment, fc.constantFrom('', ' second lane'))
  .map(([owner, id, priority, due, more]): [string, Step] => [
    `post ${owner}-${id} with priority ${priority}, due ${due}${more}`,
    ({ store }) => {
      const lane = owner + more;
      const channel = priority === 0 ? 'web' : 'telegram';
      const outbox = [{ id: `${owner}-${id}`, owner, lane, channel, priority, due, body: bytes(due) }];
      return store.commit(partitionOf(owner), commitOf({ outbox })).catch(() => 'refused');
    },
  ]);
const marks = fc.tuple(owner, id, mark).map(([owner, id, mark]): [string, Step] => [
  `mark ${owner}-${id} ${JSON.stringify(mark)}`,
  async ({ store, lease }) => {
    const done = (await store.sent(partitionOf(owner), owner, 0)).some((one) => one.id === `${owner}-${id}`);
    // What is sent is sent: the program marks it no more.
    return done || store.mark(partitionOf(owner), `${owner}-${id}`, lease, mark);
  },
]);
const erase = owner.map((owner): [string, Step] => [
  `erase ${owner}`,
  ({ store }) => store.commit(partitionOf(owner), commitOf({ erase: [owner] })),
]);
const prune = moment.map((at): [string, Step] => [`prune before ${at}`, ({ store }) => store.prune(at)]);

export const steps = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 6, arbitrary: post },
      { weight: 8, arbitrary: marks },
      { weight: 1, arbitrary: erase },
      { weight: 1, arbitrary: prune },
    ),
    moment,
    fc.subarray(owners),
    fc.integer({ min: 1, max: 4 }),
  ),
  { maxLength: 40 },
);

/** Everything of the outbox that the port shows. */
export async function view({ store }: Twin, now: number, busy: string[], limit: number): Promise<unknown> {
  const sendable = async (limit: number, closed: string[] = []) =>
    (await store.sendable(now, busy, limit, { closed })).map(({ seq, body, ...rest }) => ({
      ...rest,
      body: [...body],
    }));
  const sent = await Promise.all(owners.map((owner) => store.sent(partitionOf(owner), owner, 0)));
  const said = await store.spokenTo(now - 4, now);
  return {
    few: await sendable(limit),
    all: await sendable(100),
    web: await sendable(100, ['telegram']),
    sent: sent.map((all) => all.map(({ seq, body, ...rest }) => ({ ...rest, body: [...body] }))),
    said: said.map(({ owner }) => owner).sort(),
    next: await store.nextMoment(now),
  };
}

/** Puts both through the same. */
export async function alike(one: Twin, other: Twin, given: Steps): Promise<void> {
  for (const [[name, step], now, busy, limit] of given) {
    expect(await step(one), name).toEqual(await step(other));
    expect(await view(one, now, busy, limit), name).toEqual(await view(other, now, busy, limit));
  }
}

type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never;
