/**
 * Lists of meetings from outside: what is taken in, what is held back, when a source is asked again and how politely,
 * and that a running program shows exactly what changed. The server is a real one on loopback.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { difference, freshness, isDoubtful, nextFetch, type Source } from '../src/core/listing.ts';
import type { Meeting } from '../src/core/meeting.ts';
import { MeetingIndex } from '../src/core/meeting-index.ts';
import { house } from '../src/core/records.ts';
import { Lists } from '../src/engine/lists.ts';
import { ownClinic, placesFolder } from '../src/engine/program.ts';
import { Refresh } from '../src/engine/refresh.ts';
import { type Asked, askSource } from '../src/sources/lists/ask.ts';
import { fetchList } from '../src/sources/lists/fetch.ts';
import { askInThread } from '../src/sources/lists/thread.ts';
import { day, hour, minute, Rig, reference as shared } from './rig.ts';

fc.configureGlobal({ seed: 20261122 });

const meeting = (id: string, change: Partial<Meeting> = {}): Meeting => ({
  id,
  name: `Gruppe ${id}`,
  fellowship: 'NA',
  weekday: 2,
  time: '19:00',
  minutes: 60,
  zone: 'Europe/Oslo',
  place: { name: 'Huset', address: 'Gata 1', postcode: '4611', town: 'Kristiansand', lat: 58.1, lon: 8 },
  online: null,
  openness: 'open',
  notes: {},
  confirmed: '2026-11-18',
  marks: [],
  ...change,
});
const meetings = (...ids: string[]) => ids.map((id) => meeting(id));
const source: Source = {
  id: 'na-sor',
  format: 'bmlt',
  url: 'http://127.0.0.1/',
  fellowship: 'NA',
  zone: 'Europe/Oslo',
};
const handed: Source = { ...source, id: 'egen', format: 'csv', url: null };
const ten = meetings('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j');

async function opened(store?: Rig['store'], clock?: Rig['clock']) {
  const reference = { ...shared, meetings: new MeetingIndex(meetings('own')) };
  const rig = await Rig.open({ reference, ...(store ? { store } : {}), ...(clock ? { clock } : {}) });
  const { vault } = rig;
  const { directory } = rig.engine;
  const lists = new Lists({ vault, directory, clinic: ownClinic, clock: rig.clock, reference });
  await lists.show();
  return { rig, lists, shown: () => reference.meetings.all.map(({ id }) => id) };
}

describe('a list', () => {
  test('is shown once taken in, also by a program that already runs', async () => {
    const one = await opened();
    const other = await opened(one.rig.store, one.rig.clock);
    expect(await other.lists.show()).toBe(false);
    expect(await one.lists.take(source, meetings('a', 'b'))).toMatchObject({ verdict: 'taken' });
    expect(other.shown()).toEqual(['own']);
    expect(await other.lists.show()).toBe(true);
    expect(other.shown()).toEqual(['own', 'a', 'b']);
    expect(await other.lists.show()).toBe(false);

    await one.lists.take(handed, meetings('x'));
    const { difference: change } = await one.lists.take(source, [
      ...meetings('a', 'c'),
      meeting('b', { time: '20:00' }),
    ]);
    expect(change.added.map(({ id }) => id)).toEqual(['c']);
    expect(change.changed.map(({ after }) => after.time)).toEqual(['20:00']);
    expect(change.gone).toEqual([]);
    await other.lists.show();
    expect(other.shown()).toEqual(['own', 'x', 'a', 'c', 'b']);

    expect(await one.lists.remove('na-sor')).toBe(true);
    expect(await one.lists.remove('na-sor')).toBe(false);
    await one.lists.take(source, meetings('new'));
    await other.lists.show();
    expect(other.shown()).toEqual(['own', 'x', 'new']);
  });

  test('that says what it said changes nothing but its age', async () => {
    const { lists, rig } = await opened();
    await lists.take(source, ten);
    const before = (await lists.all())[0]!;
    rig.clock.set(rig.clock.now() + day);
    const again = ten.map((one) => ({ ...one, confirmed: '2026-11-19' }));
    expect((await lists.take(source, again)).verdict).toBe('unchanged');
    const after = (await lists.all())[0]!;
    expect(after.revision).toBe(before.revision);
    expect(after.current).toBe(before.current + day);
  });

  test('that lost more than three in ten is held back until a person says yes', async () => {
    const { lists, shown } = await opened();
    await lists.take(source, ten);
    await lists.show();
    const seven = ten.slice(3);
    expect((await lists.take(source, seven)).verdict).toBe('taken');
    await lists.show();
    const held = await lists.take(source, [...seven.slice(3), ...meetings('k', 'l', 'm')]);
    expect(held.verdict).toBe('held');
    await lists.show();
    expect(shown()).toEqual(['own', ...seven.map(({ id }) => id)]);
    expect((await lists.all())[0]?.held).toMatchObject({ meetings: 7, gone: 3 });

    expect((await lists.answer('na-sor', false))?.verdict).toBe('unchanged');
    expect((await lists.all())[0]?.held).toBeNull();
    expect(await lists.answer('na-sor', true)).toBeNull();

    expect((await lists.take(source, [])).verdict).toBe('held');
    expect((await lists.answer('na-sor', true))?.verdict).toBe('taken');
    await lists.show();
    expect(shown()).toEqual(['own']);
  });

  test('that was held is forgotten when the next edition is whole again', async () => {
    const { lists } = await opened();
    await lists.take(source, ten);
    await lists.take(source, []);
    await lists.take(source, ten);
    expect((await lists.all())[0]?.held).toBeNull();
  });

  test('can be taken as it is by whoever is sure', async () => {
    const { lists } = await opened();
    await lists.take(source, ten);
    expect((await lists.take(source, meetings('a'), { sure: true })).verdict).toBe('taken');
  });

  test('grows stale and expires, and is then not shown any more', async () => {
    const { lists, rig, shown } = await opened();
    await lists.take(source, meetings('a'));
    await lists.take(handed, meetings('x'));
    await lists.show();
    const ages = async () => (await lists.all()).map((one) => freshness(one, rig.clock.now()));
    expect(await ages()).toEqual(['fresh', 'fresh']);
    rig.clock.set(rig.clock.now() + 2 * day + minute);
    expect(await ages()).toEqual(['fresh', 'stale']);
    await lists.show();
    expect(shown()).toEqual(['own', 'x', 'a']);
    rig.clock.set(rig.clock.now() + 12 * day);
    expect(await ages()).toEqual(['fresh', 'expired']);
    expect(await lists.show()).toBe(true);
    expect(shown()).toEqual(['own', 'x']);
    await lists.keep(source, 0);
    await lists.show();
    expect(shown()).toEqual(['own', 'x', 'a']);
  });

  test('kept by hand gets and loses single meetings, and stays as it is otherwise', async () => {
    const { lists, shown } = await opened();
    await lists.take(handed, meetings('a', 'b', 'c'));
    const { difference: change } = await lists.add(handed, [meeting('b', { time: '20:00' }), meeting('d')]);
    expect([change.added.length, change.changed.length, change.gone.length]).toEqual([1, 1, 0]);
    await Promise.all([lists.add(handed, [meeting('e')]), lists.add(handed, [meeting('f')])]);
    expect(await lists.drop('a')).toMatchObject({ verdict: 'taken' });
    expect(await lists.drop('nothing')).toBeNull();
    await lists.show();
    expect(shown().sort()).toEqual(['b', 'c', 'd', 'e', 'f', 'own']);
  });

  test('changed by two at once loses neither', async () => {
    const one = await opened();
    const other = await opened(one.rig.store, one.rig.clock);
    await Promise.all([one.lists.take(source, meetings('a')), other.lists.take(handed, meetings('x'))]);
    expect((await one.lists.all()).map((listing) => listing.meetings)).toEqual([1, 1]);
  });

  test('leaves none of its words in the store in clear', async () => {
    const { lists, rig } = await opened();
    await lists.take(source, [meeting('a', { name: 'Fyrlykta' })]);
    const partition = rig.engine.directory.partitionOf(house);
    const all = await rig.store.all(partition, house);
    expect(all.length).toBeGreaterThanOrEqual(3);
    for (const { record } of all) expect(Buffer.from(record.body).includes('Fyrlykta')).toBe(false);
  });
});

test('every meeting of two editions is added, changed, gone or the same', () => {
  const edition = fc.uniqueArray(
    fc.record({ id: fc.constantFrom(...'abcdefghij'), time: fc.constantFrom('18:00', '19:00') }),
    { selector: ({ id }) => id },
  );
  fc.assert(
    fc.property(edition, edition, (one, other) => {
      const [before, after] = [one, other].map((rows) => rows.map(({ id, time }) => meeting(id, { time })));
      const { added, changed, gone } = difference(before!, after!);
      const same = after!.filter(({ id, time }) => before!.some((m) => m.id === id && m.time === time));
      expect(added.length + changed.length + same.length).toBe(after!.length);
      expect(gone.length + changed.length + same.length).toBe(before!.length);
      expect(isDoubtful(before!, { added, changed, gone })).toBe(gone.length > 0.3 * before!.length);
    }),
  );
});

test('a source is asked every twelve hours, and more and more seldom while it fails', () => {
  expect(nextFetch(0, 0, 0)).toBe(12 * hour);
  expect(nextFetch(0, 0, 0.5)).toBe(12.5 * hour);
  expect([1, 2, 3, 4, 5, 6, 60].map((failures) => nextFetch(0, failures, 0) / hour)).toEqual([
    1, 2, 4, 8, 16, 24, 24,
  ]);
});

describe('a running program', () => {
  const asking = async (answers: Asked[]) => {
    const { lists, rig, shown } = await opened();
    const asked: number[] = [];
    const refresh = new Refresh({
      ...{ lists, store: rig.store, clock: rig.clock },
      log: { debug() {}, info() {}, warn() {}, error() {}, fatal() {} },
      ask: async () => {
        asked.push(rig.clock.now());
        return answers.shift() ?? { kind: 'failed', why: 'nothing more' };
      },
    });
    return { lists, rig, shown, asked, refresh };
  };
  const edition = (...ids: string[]): Asked => ({
    kind: 'new',
    reading: { rows: ids.length, accepted: meetings(...ids), merged: [], rejected: [], warnings: [] },
    validators: { etag: null, modified: null },
  });

  test('changes exactly what changed in a refreshed list, and asks when it is time', async () => {
    const { lists, rig, shown, asked, refresh } = await asking([
      edition('a', 'b', 'c', 'e'),
      { kind: 'same' },
    ]);
    await lists.take(source, meetings('a', 'b', 'c', 'd'));
    await refresh.look();
    expect(asked).toHaveLength(0);
    rig.clock.set(rig.clock.now() + 12 * hour);
    await refresh.look();
    expect(shown()).toEqual(['own', 'a', 'b', 'c', 'e']);
    rig.clock.set(rig.clock.now() + 14 * hour);
    await refresh.look();
    await refresh.look();
    expect(asked).toHaveLength(2);
    expect((await lists.all())[0]).toMatchObject({ current: rig.clock.now(), failures: 0 });
  });

  test('keeps what it has when a source fails, and says why', async () => {
    const { lists, rig, shown, refresh } = await asking([{ kind: 'failed', why: 'it was away' }]);
    await lists.take(source, ten);
    rig.clock.set(rig.clock.now() + 12 * hour);
    await refresh.look();
    expect(shown()).toHaveLength(11);
    expect((await lists.all())[0]).toMatchObject({ failures: 1, trouble: 'it was away' });
    await lists.take(source, ten);
    expect((await lists.all())[0]).toMatchObject({ failures: 0, trouble: null });
  });

  test('asks nobody twice within the hour, however far its clock is set', async () => {
    const { lists, rig, asked, refresh } = await asking([]);
    const { clock } = rig;
    const real = clock.real();
    Object.defineProperty(clock, 'real', { value: () => real });
    await lists.take(source, ten);
    for (let days = 0; days < 5; days++) {
      clock.set(clock.now() + day);
      await refresh.look();
    }
    expect(asked).toHaveLength(1);
  });

  test('leaves the asking to whoever holds the lease', async () => {
    const { lists, rig, asked, refresh } = await asking([edition('a')]);
    await lists.take(source, ten);
    rig.clock.set(rig.clock.now() + 13 * hour);
    await rig.store.lease('lists', 'somebody else', day, rig.clock.real());
    await refresh.look();
    expect(asked).toHaveLength(0);
  });
});

describe('a server', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void) {
    server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((ready) => server?.once('listening', ready));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/list?secret=xyz`;
  }
  const agent = 'BliMed/1.0 (+https://example.org)';

  test('is told who asks, and asked only for what is new', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const url = await serving((request, response) => {
      seen.push(request.headers);
      if (request.headers['if-none-match'] === '"7"') response.writeHead(304).end();
      else
        response.writeHead(200, { etag: '"7"', 'last-modified': 'Sun, 01 Nov 2026 10:00:00 GMT' }).end('[]');
    });
    const first = await fetchList(url, { agent });
    expect(first).toMatchObject({ kind: 'new', validators: { etag: '"7"' } });
    if (first.kind !== 'new') return;
    expect(Buffer.from(first.bytes).toString()).toBe('[]');
    expect(await fetchList(url, { agent, validators: first.validators })).toEqual({ kind: 'same' });
    expect(seen.map((headers) => headers['user-agent'])).toEqual([agent, agent]);
    expect(seen[1]?.['if-modified-since']).toBe('Sun, 01 Nov 2026 10:00:00 GMT');
  });

  test.each([
    ['refuses', 403, 'does not let this program in'],
    ['has moved it', 404, 'not there any more'],
    ['is tired', 429, 'too many'],
    ['is broken', 502, '502'],
  ])('that %s is named with what to do, and nothing of the address but its host', async (_, status, says) => {
    const url = await serving((_request, response) => response.writeHead(status).end('no'));
    const answer = await fetchList(url, { agent });
    expect(answer).toMatchObject({ kind: 'failed', why: expect.stringContaining(says) });
    expect(JSON.stringify(answer)).not.toContain('xyz');
  });

  test('of a BMLT list is asked by its root, and its answer is read', async () => {
    const asked: (string | undefined)[] = [];
    const url = await serving((request, response) => {
      asked.push(request.url);
      const broken = asked.length > 1;
      response.writeHead(200).end(broken ? '{"oops":[]}' : JSON.stringify({ meetings: [], formats: [] }));
    });
    const ask = () =>
      askSource(
        { ...source, url: new URL('/main_server', url).href },
        { agent },
        { today: '2026-11-18', places: shared.gazetteer },
      );
    expect(await ask()).toMatchObject({ kind: 'new', reading: { rows: 0 } });
    expect(asked[0]).toBe(
      '/main_server/client_interface/json/?switcher=GetSearchResults&get_used_formats=1&callingApp=blimed',
    );
    expect(await ask()).toMatchObject({ kind: 'failed', why: expect.stringContaining('no meeting') });
  });

  test('is asked in a thread, which the program can stop at once', async () => {
    const url = await serving((request, response) => {
      if (request.url === '/list.csv')
        response.end('navn;dag;tid;adresse;postnr\nHavna;tirsdag;19:00;Gata 1;4611');
    });
    const ask = (path: string, signal: AbortSignal) =>
      askInThread(
        {
          source: { ...source, format: 'csv', url: new URL(path, url).href },
          ...{ manner: { agent }, today: '2026-11-18', places: placesFolder },
        },
        signal,
      );
    const patient = new AbortController().signal;
    expect(await ask('/list.csv', patient)).toMatchObject({
      kind: 'new',
      reading: { accepted: [{ name: 'Havna' }] },
    });
    const stopping = new AbortController();
    const silent = ask('/silent', stopping.signal);
    stopping.abort();
    expect(await silent).toMatchObject({ kind: 'failed', why: 'the program was stopped' });
    server?.closeAllConnections();
  });

  test('that sends too much, nothing at all, or is no server, is given up', async () => {
    const url = await serving((_request, response) => void response.writeHead(200).end('x'.repeat(5000)));
    expect(await fetchList(url, { agent, most: 4999 })).toMatchObject({
      why: expect.stringContaining('too large'),
    });
    expect(await fetchList(url, { agent, most: 5000 })).toMatchObject({ kind: 'new' });
    server?.close();
    server?.closeAllConnections();
    const silent = await serving(() => {});
    expect(await fetchList(silent, { agent, patience: 50 })).toMatchObject({
      why: expect.stringContaining('in time'),
    });
    server?.closeAllConnections();
    expect(await fetchList('http://127.0.0.1:1/', { agent })).toMatchObject({ kind: 'failed' });
    for (const wrong of ['file:///etc/passwd', 'nonsense', 'ftp://127.0.0.1/'])
      expect(await fetchList(wrong, { agent })).toMatchObject({ why: expect.stringContaining('no http') });
  });
});
