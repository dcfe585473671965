/**
 * A store in a few lines of plain maps, and the commands by which an adapter is compared with it: commits of any
 * shape, loads, looks at what is due. It is what the port means where words run out; it keeps no outbox, whose rules
 * the contract spells out one by one.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { RecordKey } from '../../src/core/records.ts';
import type { Commit, Store } from '../../src/store/store.ts';
import { commitOf } from './store-ground.ts';

type Kept = { version: number; body: string };
type Model = { partitions: Map<number, Part> };
type Part = {
  events: Set<string>;
  keys: Map<string, string>;
  records: Map<string, Kept>;
  timers: Map<string, number>;
};

const hex = (body: Uint8Array): string => Buffer.from(body).toString('hex');
const nameOf = ({ owner, kind, id }: RecordKey): string => JSON.stringify([owner, kind, id]);
const ownerOf = (name: string): string => JSON.parse(name)[0];

export const emptyModel = (): Model => ({ partitions: new Map() });

function part(model: Model, partition: number): Part {
  const found = model.partitions.get(partition) ?? {
    events: new Set<string>(),
    keys: new Map(),
    records: new Map(),
    timers: new Map(),
  };
  model.partitions.set(partition, found);
  return found;
}

function commitTo(own: Part, commit: Commit): 'done' | 'seen' | 'stale' {
  if (commit.event !== null && own.events.has(commit.event)) return 'seen';
  const moved = commit.expected.some(
    ({ key, version }) => (own.records.get(nameOf(key))?.version ?? 0) !== version,
  );
  if (moved || commit.keys.some(({ owner }) => own.keys.has(owner))) return 'stale';
  if (commit.event !== null) own.events.add(commit.event);
  for (const owner of commit.erase) {
    own.keys.delete(owner);
    for (const table of [own.records, own.timers])
      for (const name of table.keys()) if (ownerOf(name) === owner) table.delete(name);
  }
  for (const { owner, wrapped } of commit.keys) own.keys.set(owner, hex(wrapped));
  for (const { key, version, body } of commit.put) own.records.set(nameOf(key), { version, body: hex(body) });
  for (const key of commit.drop) own.records.delete(nameOf(key));
  for (const { owner, matter } of commit.timers.clear) own.timers.delete(JSON.stringify([owner, matter]));
  for (const { owner, matter, due } of commit.timers.set)
    own.timers.set(JSON.stringify([owner, matter]), due);
  return 'done';
}

type Step = fc.AsyncCommand<Model, Store>;

/** `versions` says how far the commit's expectations are from the truth: 0 is right. */
class Commits implements Step {
  readonly #partition: number;
  readonly #commit: Commit;
  readonly #read: { key: RecordKey; off: number }[];

  constructor(partition: number, commit: Commit, read: { key: RecordKey; off: number }[]) {
    this.#partition = partition;
    this.#commit = commit;
    this.#read = read;
  }

  check = () => true;

  async run(model: Model, store: Store): Promise<void> {
    const own = part(model, this.#partition);
    const expected = this.#read.map(({ key, off }) => ({
      key,
      version: (own.records.get(nameOf(key))?.version ?? 0) + off,
    }));
    const commit = { ...this.#commit, expected };
    const meant = commitTo(own, commit);
    expect(await store.commit(this.#partition, commit)).toBe(meant);
  }

  toString = (): string =>
    `commit to ${this.#partition} having read ${JSON.stringify(this.#read)}: ${JSON.stringify(this.#commit)}`;
}

class Loads implements Step {
  readonly #partition: number;
  readonly #event: string;
  readonly #keys: RecordKey[];

  constructor(partition: number, event: string, keys: RecordKey[]) {
    this.#partition = partition;
    this.#event = event;
    this.#keys = keys;
  }

  check = () => true;

  async run(model: Model, store: Store): Promise<void> {
    const own = part(model, this.#partition);
    const loaded = await store.load(this.#partition, this.#event, this.#keys);
    expect(loaded.seen).toBe(own.events.has(this.#event));
    expect(
      loaded.records.map((record) => record && { version: record.version, body: hex(record.body) }),
    ).toEqual(this.#keys.map((key) => own.records.get(nameOf(key)) ?? null));
    const owners = [...new Set(this.#keys.map(({ owner }) => owner))].sort();
    expect([...loaded.keys].map(([owner, key]) => [owner, hex(key)]).sort()).toEqual(
      owners.flatMap((owner) => (own.keys.has(owner) ? [[owner, own.keys.get(owner)]] : [])),
    );
    for (const owner of owners) {
      const all = (await store.all(this.#partition, owner)).map(({ key, record }) => [
        nameOf(key),
        { version: record.version, body: hex(record.body) },
      ]);
      const meant = [...own.records].filter(([name]) => ownerOf(name) === owner);
      expect(all.sort()).toEqual(meant.sort());
      const wrapped = await store.wrappedKey(this.#partition, owner);
      expect(wrapped && hex(wrapped)).toBe(own.keys.get(owner) ?? null);
    }
  }

  toString = (): string => `load ${this.#event} and ${this.#keys.map(nameOf)} from ${this.#partition}`;
}

class Looks implements Step {
  readonly #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  check = () => true;

  async run(model: Model, store: Store): Promise<void> {
    const timers = [...model.partitions].flatMap(([partition, own]) =>
      [...own.timers].map(([name, due]) => {
        const [owner, matter] = JSON.parse(name) as [string, string];
        return { partition, owner, matter, due };
      }),
    );
    const found = await store.timersDue(this.#now, 1000);
    const dues = found.map(({ due }) => due);
    expect(dues).toEqual([...dues].sort((a, b) => a - b));
    const lines = (all: typeof timers) => all.map((timer) => JSON.stringify(timer)).sort();
    expect(
      lines(found.map(({ partition, owner, matter, due }) => ({ partition, owner, matter, due }))),
    ).toEqual(lines(timers.filter(({ due }) => due <= this.#now)));
    const next = Math.min(...timers.map(({ due }) => due).filter((due) => due > this.#now));
    expect(await store.nextMoment(this.#now)).toBe(Number.isFinite(next) ? next : null);
  }

  toString = (): string => `look at what is due at ${this.#now}`;
}

const partition = fc.integer({ min: 0, max: 2 });
const owner = fc.constantFrom('ada', 'berit', 'carl', "d'Arc; DROP TABLE records --", 'Åse 🙂');
const event = fc.constantFrom('e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8');
const moment = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 4_102_444_800_000 }));
const matter = fc.constantFrom('plan', 'later');
const key: fc.Arbitrary<RecordKey> = fc.record({
  owner,
  kind: fc.constantFrom('person', 'diary'),
  id: fc.constantFrom('1', '2'),
});
const body = fc.uint8Array({ maxLength: 40 });
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 3 });
const distinct = <T>(one: fc.Arbitrary<T>, by: (value: T) => string) =>
  fc.uniqueArray(one, { maxLength: 3, selector: by });

const seldom = <T>(list: fc.Arbitrary<T[]>): fc.Arbitrary<T[]> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant<T[]>([]) }, { weight: 1, arbitrary: list });

const commit: fc.Arbitrary<Commit> = fc
  .record({
    event: fc.option(event, { freq: 3 }),
    at: moment,
    keys: seldom(distinct(fc.record({ owner, wrapped: body }), (each) => each.owner)),
    put: distinct(fc.record({ key, version: fc.integer({ min: 1, max: 9 }), body }), (each) =>
      nameOf(each.key),
    ),
    drop: some(key),
    erase: seldom(some(owner)),
    timers: fc.record({
      set: distinct(fc.record({ owner, matter, due: moment }), (each) => `${each.owner} ${each.matter}`),
      clear: some(fc.record({ owner, matter })),
    }),
    facts: some(fc.record({ owner, body })),
  })
  .map((given) => commitOf(given));

/** Mostly right about what it read, so that many commits go through. */
const read = some(
  fc.record({
    key,
    off: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) }),
  }),
);

export const commands = fc.commands<Model, Store, false>(
  [
    fc.tuple(partition, commit, read).map((given) => new Commits(...given)),
    fc.tuple(partition, event, fc.array(key, { maxLength: 5 })).map((given) => new Loads(...given)),
    moment.map((now) => new Looks(now)),
  ],
  { maxCommands: 60 },
);
