/**
 * The figures for operators: they count what really happened, they say when the store is away, and there is nobody in
 * them. They are read from the running program on a port of their own.
 */
import { describe, expect, test } from 'vitest';
import { Lists } from '../src/engine/lists.ts';
import { ownClinic } from '../src/engine/program.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import { StoreDown } from '../src/store/store.ts';
import { emptyFolder, freePort, Running } from './fakes/running.ts';
import { day, Rig, reference, sent } from './rig.ts';

/** name{labels} -> value */
function figures(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

async function watched(store = new SqliteStore(':memory:')) {
  const rig = await Rig.open({ store });
  const { vault, clock, engine } = rig;
  const lists = new Lists({
    vault,
    directory: engine.directory,
    clinic: ownClinic,
    clock,
    reference: { ...reference },
  });
  engine.metrics.watch({ store, vault, clock, lists });
  return { rig, lists, read: async () => figures(await engine.metrics.text()) };
}

describe('the figures', () => {
  test('count turns, sends and what waits', async () => {
    const { rig, lists, read } = await watched();
    await rig.says('ada', 'hei');
    await rig.says('ada', 'meny');
    rig.clock.set(rig.clock.now() + 5000);
    expect((await read()).get('blimed_outbox_oldest_seconds')).toBe(5);
    rig.channel.answer = (_, before) => (before === 0 ? { kind: 'refused', why: 'x' } : sent);
    await rig.goOn(60_000);
    await lists.take(
      { id: 'na', format: 'csv', url: 'http://127.0.0.1/', fellowship: 'NA', zone: 'Europe/Oslo' },
      [],
    );
    rig.clock.set(rig.clock.now() + 3 * day);
    const now = await read();
    expect(now.get('blimed_turns_total{kind="said",outcome="done"}')).toBe(2);
    expect(now.get('blimed_turn_seconds_count')).toBeGreaterThanOrEqual(2);
    expect(now.get('blimed_sends_total{channel="scripted",outcome="refused"}')).toBe(1);
    expect(now.get('blimed_sends_total{channel="scripted",outcome="sent"}')).toBeGreaterThan(0);
    expect(now.get('blimed_outbox_oldest_seconds')).toBe(0);
    expect(now.get('blimed_timers_late_seconds')).toBeGreaterThan(day / 1000);
    expect(now.get('blimed_list_state{list="na",state="stale"}')).toBe(1);
    expect(now.get('blimed_store_up')).toBe(1);
  });

  test('hold nothing of who somebody is or what was said', async () => {
    const { rig } = await watched();
    await rig.says('ada@chat', 'jeg heter Ada og er redd');
    const person = (await rig.person('ada@chat'))!;
    const text = await rig.engine.metrics.text();
    for (const secret of ['ada', 'Ada', 'redd', person.id, person.clinic]) expect(text).not.toContain(secret);
  });

  test('say for how long the store has taken nothing that is written, though it can be read', async () => {
    let full = false;
    const store = new SqliteStore(':memory:');
    const { rig, read } = await watched(store);
    const lease = store.lease.bind(store);
    store.lease = (...given) => (full ? Promise.reject(new StoreDown('full')) : lease(...given));
    rig.clock.set(rig.clock.now() + 70_000);
    expect((await read()).get('blimed_beat_age_seconds')).toBe(70);
    await rig.worker.beat();
    expect((await read()).get('blimed_beat_age_seconds')).toBe(0);
    full = true;
    rig.clock.set(rig.clock.now() + 90_000);
    await expect(rig.worker.beat()).rejects.toThrow(StoreDown);
    const now = await read();
    expect(now.get('blimed_beat_age_seconds')).toBe(90);
    expect(now.get('blimed_store_up')).toBe(1);
  });

  test('say that the store is away', async () => {
    let down = false;
    const store = new Proxy(new SqliteStore(':memory:'), {
      get: (target, name) => {
        const found = Reflect.get(target, name);
        if (typeof found !== 'function') return found;
        return (...given: unknown[]) =>
          down ? Promise.reject(new StoreDown('away')) : found.apply(target, given);
      },
    });
    const { read } = await watched(store);
    down = true;
    const now = await read();
    expect(now.get('blimed_store_up')).toBe(0);
    expect(now.get('blimed_timers_late_seconds')).toBeUndefined();
  });
});

test('the program tells whether it lives, whether it is ready, and its figures on their own port alone', async () => {
  const METRICS_PORT = String(await freePort());
  const running = await Running.start({ DATA_DIR: emptyFolder(), METRICS_PORT });
  try {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await fetch(`${running.address}${path}`);
      expect([answer.status, await answer.json()]).toEqual([200, { ok: true }]);
    }
    expect((await fetch(`${running.address}/metrics`)).status).toBe(404);
    const answer = await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`);
    expect(figures(await answer.text()).get('blimed_store_up')).toBe(1);
  } finally {
    await running.stop();
  }
});
