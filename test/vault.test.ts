/**
 * The vault: plain in, plain out, and nothing plain in between. The bytes of the store's own files are searched for
 * everything a story holds about a person, before and after that person is erased.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import type { Plan } from '../src/core/plan.ts';
import { type Person, personKey, type RecordKey } from '../src/core/records.ts';
import { ownClinic } from '../src/engine/program.ts';
import { renewKeys, rewrapKeys } from '../src/store/rotation.ts';
import { MasterKey, Unsealable } from '../src/store/seal.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import type { Store } from '../src/store/store.ts';
import { emptyCommit } from '../src/store/store.ts';
import { Vault } from '../src/store/vault.ts';
import { day, masterKey, Rig } from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'bli-med-vault-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.sqlite`);

const open = (store: Store = new SqliteStore(':memory:')) =>
  Vault.open(store, () => new MasterKey(masterKey));
const put = (key: RecordKey, value: unknown, version = 1) => ({
  ...emptyCommit(0),
  put: [{ key, version, value }],
});

/** The store's file with its log and index, as they lie on the disk now. */
function rawOf(file: string): Buffer {
  return Buffer.concat(
    ['', '-wal', '-shm'].flatMap((end) => {
      try {
        return [readFileSync(`${file}${end}`)];
      } catch {
        return [];
      }
    }),
  );
}

/** Which of these texts can be found in the bytes, in any of the ways text is commonly written down. */
function found(raw: Buffer, texts: Iterable<string>): string[] {
  const ways = (text: string) => {
    const wide = Buffer.from(text, 'utf16le');
    return [
      Buffer.from(text),
      Buffer.from(text, 'latin1'),
      wide,
      Buffer.from(wide).swap16(),
      Buffer.from(Buffer.from(text).toString('hex')),
      Buffer.from(JSON.stringify(text).slice(1, -1)),
    ];
  };
  return [...new Set(texts)].filter((text) => ways(text).some((way) => raw.includes(way)));
}

/** Every text and every number of a value that is long enough not to turn up by chance. */
function leaves(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves);
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return text.length >= 5 ? [text] : [];
}

describe('the master key', () => {
  test('opens a store again, and what was sealed in it', async () => {
    const store = new SqliteStore(':memory:');
    await (await open(store)).commit(0, put(personKey('ada'), { place: 'Flekkerøy' }));
    const { records } = await (await open(store)).load(0, null, [personKey('ada')]);
    expect(records).toEqual([{ version: 1, value: { place: 'Flekkerøy' } }]);
  });

  test('that is another one is refused, and nothing is changed', async () => {
    const file = newFile();
    const store = new SqliteStore(file);
    await (await open(store)).commit(0, put(personKey('ada'), { place: 'Flekkerøy' }));
    const dump = () => {
      const probe = new DatabaseSync(file, { readOnly: true });
      const tables = probe.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
      const rows = tables.map(({ name }) => probe.prepare(`SELECT * FROM "${name}"`).all());
      probe.close();
      return JSON.stringify(rows);
    };
    const before = dump();
    await expect(Vault.open(store, () => new MasterKey(Buffer.alloc(32, 8)))).rejects.toThrow(Unsealable);
    expect(dump()).toBe(before);
    await expect(open(store)).resolves.toBeInstanceOf(Vault);
    await store.close();
  });
});

describe('keys', () => {
  const ada = personKey('ada');
  const old = Buffer.alloc(32, 7);
  const fresh = Buffer.alloc(32, 8);
  const read = async (vault: Vault) => (await vault.load(0, null, [ada])).records[0]?.value;

  test('are wrapped anew while a program runs, which then needs the old master key no more', async () => {
    const store = new SqliteStore(':memory:');
    let keys = [old];
    const running = await Vault.open(store, () => new MasterKey(...keys));
    await running.commit(0, put(ada, { place: 'Flekkerøy' }));
    const claim = running.chatClaim({ channel: 'web', address: 'chat' });
    keys = [fresh, old];
    expect(await rewrapKeys(store, new MasterKey(fresh, old))).toBe(2);
    expect(await rewrapKeys(store, new MasterKey(fresh, old))).toBe(0);
    expect(await read(running)).toEqual({ place: 'Flekkerøy' });
    await expect(Vault.open(store, () => new MasterKey(old))).rejects.toThrow(Unsealable);
    keys = [fresh];
    await running.commit(0, put(personKey('berit'), { place: 'Odderøya' }));
    const later = await Vault.open(store, () => new MasterKey(fresh));
    expect(await read(later)).toEqual({ place: 'Flekkerøy' });
    expect((await later.load(0, null, [personKey('berit')])).records[0]?.value).toEqual({
      place: 'Odderøya',
    });
    expect(later.chatClaim({ channel: 'web', address: 'chat' })).toBe(claim);
  });

  test('are renewed under a program that has the old ones in memory, and nothing is lost on either side', async () => {
    const store = new SqliteStore(':memory:');
    const running = await open(store);
    await running.commit(0, put(ada, { place: 'Flekkerøy' }));
    const before = (await store.all(0, 'ada'))[0]!;
    expect(await renewKeys(store, new MasterKey(masterKey), 0)).toBe(1);
    const after = (await store.all(0, 'ada'))[0]!;
    expect(after.record.version).toBe(before.record.version + 1);
    expect(Buffer.from(after.record.body).equals(before.record.body)).toBe(false);
    expect(await read(running)).toEqual({ place: 'Flekkerøy' });
    // What it still seals with the key it knows opens for everybody.
    await running.commit(0, put(ada, { place: 'Odderøya' }, 3));
    expect(await read(await open(store))).toEqual({ place: 'Odderøya' });
    expect(await running.all(0, 'ada')).toMatchObject([{ value: { place: 'Odderøya' } }]);
  });

  test('of somebody who is erased meanwhile do not come back', async () => {
    const store = new SqliteStore(':memory:');
    const vault = await open(store);
    await vault.commit(0, put(ada, { place: 'Flekkerøy' }));
    const wrapped = (await store.wrappedKey(0, 'ada'))!;
    await vault.commit(0, { ...emptyCommit(0), erase: ['ada'] });
    expect(await store.rewrap(0, 'ada', wrapped, wrapped)).toBe(false);
    expect(await store.wrappedKey(0, 'ada')).toBeNull();
  });

  test('that are damaged do not have the master key read again and again', async () => {
    const store = new SqliteStore(':memory:');
    let reads = 0;
    const vault = await Vault.open(store, () => {
      reads++;
      return new MasterKey(masterKey);
    });
    await vault.commit(0, put(ada, { place: 'Flekkerøy' }));
    const wrapped = (await store.wrappedKey(0, 'ada'))!;
    await store.rewrap(0, 'ada', wrapped, Buffer.alloc(60));
    for (let i = 0; i < 5; i++) await expect(read(vault)).rejects.toThrow(Unsealable);
    expect(reads).toBe(2);
  });
});

test('two processes that open a fresh store at once find the same chats', async () => {
  const store = new SqliteStore(':memory:');
  const vaults = await Promise.all([open(store), open(store), open(store)]);
  const names = vaults.map((vault) => vault.chatClaim({ channel: 'web', address: 'chat' }));
  expect(new Set(names).size).toBe(1);
});

describe('records', () => {
  const key: RecordKey = { owner: 'ada', kind: 'diary', id: 'meeting@2026-11-20' };

  test('are found, expected and dropped by the id they were given', async () => {
    const vault = await open();
    await vault.commit(0, put(key, { line: 'one' }));
    expect((await vault.load(0, null, [key])).records).toEqual([{ version: 1, value: { line: 'one' } }]);
    const expecting = (version: number) => ({ ...emptyCommit(0), expected: [{ key, version }] });
    expect(await vault.commit(0, expecting(0))).toBe('stale');
    expect(await vault.commit(0, expecting(1))).toBe('done');
    expect((await vault.all(0, 'ada')).map(({ key: { kind }, value }) => [kind, value])).toEqual([
      ['diary', { line: 'one' }],
    ]);
    await vault.commit(0, { ...emptyCommit(0), drop: [key] });
    expect((await vault.load(0, null, [key])).records).toEqual([{ version: 0, value: null }]);
  });

  test('bear ids in the store that tell neither the meeting nor that two people have the same', async () => {
    const store = new SqliteStore(':memory:');
    const vault = await open(store);
    await vault.commit(0, put(key, { line: 'one' }));
    await vault.commit(0, put({ ...key, owner: 'berit' }, { line: 'two' }));
    const ids = (await Promise.all(['ada', 'berit'].map((owner) => store.all(0, owner)))).flatMap((all) =>
      all.map((one) => one.key.id),
    );
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
    expect(ids.join(' ')).not.toMatch(/meeting|2026/);
  });

  test.each([
    ['owners', personKey('berit'), `owner = 'ada' AND kind = 'person'`],
    ['kinds', key, `owner = 'ada' AND kind = 'person'`],
    ['ids', key, `kind = 'diary' AND old.id <> records.id`],
  ])('that are swapped between %s in the store do not open', async (_, stolen, from) => {
    const file = newFile();
    const store = new SqliteStore(file);
    const vault = await open(store);
    await vault.commit(0, put(personKey('ada'), { name: 'Ada' }));
    await vault.commit(0, put(personKey('berit'), { name: 'Berit' }));
    await vault.commit(0, put(key, { line: 'one' }));
    await vault.commit(0, put({ ...key, id: 'other@2026-11-20' }, { line: 'other' }));
    const thief = new DatabaseSync(file);
    thief.exec(`WITH old AS MATERIALIZED (SELECT * FROM records)
      UPDATE records SET body = (SELECT body FROM old WHERE ${from})
      WHERE owner = '${stolen.owner}' AND kind = '${stolen.kind}'`);
    thief.close();
    await expect(vault.load(0, null, [stolen])).rejects.toThrow(Unsealable);
    expect((await vault.load(0, null, [personKey('ada')])).records[0]?.value).toEqual({ name: 'Ada' });
    await store.close();
  });
});

describe('keys', () => {
  test('two commits that both make the first key of an owner: one is stale, and both values can be read in the end', async () => {
    const vault = await open();
    const [one, two] = [personKey('ada'), { owner: 'ada', kind: 'diary', id: 'x' } as const];
    const results = await Promise.all([vault.commit(0, put(one, 1)), vault.commit(0, put(two, 2))]);
    expect(results.sort()).toEqual(['done', 'stale']);
    await vault.commit(0, put(one, 1));
    await vault.commit(0, put(two, 2));
    expect((await vault.load(0, null, [one, two])).records.map(({ value }) => value)).toEqual([1, 2]);
  });

  test('are known again after more owners than are remembered at once', async () => {
    const vault = await open();
    await vault.commit(0, put(personKey('clinic'), 'clinic'));
    for (let i = 0; i < 10_020; i++) {
      const owner = `person ${i}`;
      await vault.commit(0, put(personKey(owner), i));
      const keys = [personKey(owner), personKey('clinic')];
      const { records } = await vault.load(0, null, keys);
      expect(records.map(({ value }) => value)).toEqual([i, 'clinic']);
    }
  });

  test('of somebody whom another process erased are used no more', async () => {
    const store = new SqliteStore(':memory:');
    const [here, there] = [await open(store), await open(store)];
    await here.commit(0, put(personKey('ada'), 'before'));
    await there.commit(0, { ...emptyCommit(0), erase: ['ada'] });
    await here.load(0, null, [personKey('ada')]);
    await here.commit(0, put(personKey('ada'), 'after'));
    expect((await there.load(0, null, [personKey('ada')])).records[0]?.value).toBe('after');
  });
});

describe('a whole life in the store', () => {
  const address = 'chat-address-4711';
  const typed = 'Jeg het Torvald Skogsberg og drakk på Lagmannsholmen';
  const plan: Plan = {
    ...{ id: 'demo-fyrlykta@2026-11-20', meeting: 'demo-fyrlykta', name: 'Fyrlykta på kaia' },
    ...{ fellowship: 'Selvhjelp-AA', openness: 'open', date: '2026-11-20' },
    ...{ starts: Date.parse('2026-11-20T18:00:00Z'), minutes: 90, zone: 'Europe/Oslo' },
    where: {
      ...{ name: 'Bakgårdslokalet', address: 'Eksempelgata 17', postcode: '4611', town: 'Flekkerøya' },
      ...{ lat: 58.07512, lon: 7.99873 },
    },
    ...{ online: 'https://møte.example/rom-1234', notes: 'Grønn dør i bakgården' },
    made: Date.parse('2026-11-18T09:00:00Z'),
  };
  const told: Partial<Person> = {
    place: { label: '4625 Flekkerøy', postcode: '4625', lat: 58.07123, lon: 8.00456 },
    fellowships: ['Selvhjelp-AA'],
    plans: [plan],
    reminded: [`${plan.id}/day-before`],
  };
  const diary = {
    v: 1,
    plan: plan.id,
    date: plan.date,
    feeling: 'mixed-feeling',
    line: 'Satt ved døra hele tiden',
  };

  async function live(file: string) {
    const rig = await Rig.open({ store: new SqliteStore(file), reads: 'hverdager mellom ni og tre' });
    const token = await rig.invitation('Solsikke-17');
    const person = await rig.seat(address, told);
    const partition = rig.engine.directory.partitionOf(ownClinic);
    const history = (kind: 'diary' | 'attendance') => ({
      ...{ key: { owner: person.id, kind, id: plan.id }, version: 1, value: diary },
    });
    await rig.vault.commit(partition, {
      ...emptyCommit(rig.clock.now()),
      put: [history('diary'), history('attendance')],
      timers: { set: [{ owner: person.id, matter: 'plan', due: plan.starts }], clear: [] },
      facts: [{ owner: person.id, value: { what: 'planned', detail: { plan: plan.id } } }],
    });
    await rig.says(address, typed, `web:${address}:first`);
    await rig.says(address, 'mine data');
    await rig.says(address, 'planen min');
    await rig.deliver();
    await rig.says(address, 'meny');
    const stranger = 'stranger-address-0815';
    await rig.opens(stranger, token, `web:${stranger}:first`);
    const kept = [await rig.person(address), await rig.person(stranger), diary];
    const own = new Set([person.id, ownClinic, 'seated', (await rig.person(stranger))?.id, 'Europe/Oslo']);
    const invited = (await rig.person(stranger))?.invitation;
    const secrets = [
      ...kept.flatMap(leaves).filter((text) => !own.has(text) && text !== invited),
      ...rig.channel.got.flatMap(({ message }) => [message.text, ...message.text.split(/\n+/)]),
      ...[typed, address, stranger, token, 'Solsikke-17', 'hverdager mellom ni og tre', plan.id],
      ...['Torvald', 'Lagmannsholmen', 'Fyrlykta', 'Flekkerøy', 'Bakgårdslokalet', 'demo-fyrlykta'],
      ...['"language"', '"fellowships"', '"alias"', '"text"', '"line"', '"address"', '"crisis"'],
    ].filter((text) => text.length >= 5);
    return { rig, person, partition, secrets, lane: person.id };
  }

  test('the search finds what lies in the file in clear', async () => {
    const file = newFile();
    const store = new SqliteStore(file);
    await store.setNote('careless', JSON.stringify({ ...plan, typed }));
    expect(found(rawOf(file), [typed, 'Grønn dør', 'Flekkerøya', '58.07512', 'absent from it'])).toEqual([
      ...[typed, 'Grønn dør', 'Flekkerøya', '58.07512'],
    ]);
    await store.close();
  });

  test('nothing of it is in the bytes of the store, neither while it runs nor afterwards', async () => {
    const file = newFile();
    const { rig, secrets } = await live(file);
    expect(rig.channel.texts(address).join('\n')).toContain('Flekkerøy');
    expect(secrets.length).toBeGreaterThan(60);
    expect(rawOf(file).length).toBeGreaterThan(10_000);
    expect(found(rawOf(file), secrets)).toEqual([]);
    await rig.store.close();
    expect(found(rawOf(file), secrets)).toEqual([]);
  });

  test('a claim bears neither the chat address nor the token', async () => {
    const file = newFile();
    const { rig, secrets } = await live(file);
    const probe = new DatabaseSync(file, { readOnly: true });
    const claims = probe.prepare('SELECT key, value FROM claims').all();
    probe.close();
    expect(claims).toHaveLength(4);
    expect(found(Buffer.from(JSON.stringify(claims)), secrets)).toEqual([]);
    await rig.store.close();
  });

  test('after erasing there is no key, no row, no claim, and what a thief had copied before stays shut', async () => {
    const file = newFile();
    const { rig, person, partition, secrets } = await live(file);
    const loot = new DatabaseSync(file, { readOnly: true });
    const { wrapped } = loot.prepare('SELECT wrapped FROM keys WHERE owner = ?').get(person.id) as {
      wrapped: Uint8Array;
    };
    const letter = loot.prepare('SELECT id, body FROM outbox WHERE owner = ?').get(person.id) as {
      id: string;
      body: Uint8Array;
    };
    loot.close();

    await rig.says(address, 'slett');
    await rig.taps(address, 'yes');
    await rig.deliver();

    expect(await rig.person(address)).toBeNull();
    expect(await rig.engine.directory.find(rig.chatOf(address))).toBeNull();
    expect(await rig.vault.all(partition, person.id)).toEqual([]);
    expect(await rig.vault.parcel(partition, { owner: person.id, ...letter })).toBeNull();
    expect(await rig.vault.sent(partition, person.id, 0)).toEqual([]);
    expect(rig.channel.texts(address).at(-1)).toContain('slettet');
    expect(rig.channel.wiped.map((one) => one.address)).toEqual([address]);

    const probe = new DatabaseSync(file, { readOnly: true });
    for (const table of ['keys', 'records', 'timers', 'outbox', 'facts']) {
      const rows = probe.prepare(`SELECT count(*) AS n FROM ${table} WHERE owner = ?`).get(person.id);
      expect(rows?.n, table).toBe(0);
    }
    // The farewell went out under the clinic's key, and nothing of it is kept.
    expect(probe.prepare('SELECT count(*) AS n FROM outbox WHERE lane LIKE ?').get('farewell%')?.n).toBe(0);
    probe.close();
    expect(rawOf(file).includes(Buffer.from(wrapped))).toBe(false);
    expect(rawOf(file).includes(Buffer.from(letter.body))).toBe(false);
    expect(found(rawOf(file), secrets)).toEqual([]);
    await rig.store.close();
  });

  test('a farewell that can not be delivered is gone after a day', async () => {
    const file = newFile();
    const { rig } = await live(file);
    rig.channel.answer = () => ({ kind: 'later', wait: null, everybody: false });
    rig.channel.answerWipe = () => ({ kind: 'later', wait: null, everybody: false });
    await rig.says(address, 'slett');
    await rig.taps(address, 'yes');
    await rig.goOn(day + 3_600_000);
    const waiting = (await rig.store.sendable(rig.clock.now() + day, [], 99)).filter(({ lane }) =>
      lane.startsWith('farewell'),
    );
    expect(waiting).toEqual([]);
    await rig.store.close();
  });
});
