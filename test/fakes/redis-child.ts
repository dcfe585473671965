/**
 * One process among several on the same Redis: run by itself with the address and a task, it says when it is ready, does
 * the task when it is told, and reports. Its worker is the program's own, with a channel whose platform is the test. It
 * must never decide anything a test should decide.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Channel, Outcome } from '../../src/channels/channel.ts';
import { SystemClock } from '../../src/engine/clock.ts';
import { neverCrash } from '../../src/engine/crash.ts';
import { Deliverer } from '../../src/engine/deliver.ts';
import { Engine } from '../../src/engine/engine.ts';
import { loadReference } from '../../src/engine/program.ts';
import { Worker } from '../../src/engine/worker.ts';
import { silentLog } from '../../src/log.ts';
import type { RedisStore } from '../../src/store/redis.ts';
import { MasterKey } from '../../src/store/seal.ts';
import { Vault } from '../../src/store/vault.ts';
import { bytes, commitOf, keyOf, letter } from '../contracts/store-ground.ts';
import { openStore, partitions } from './redis.ts';

/** All processes of a test share it. */
export const masterKey = Buffer.alloc(32, 7);

const [url = '', task = ''] = process.argv.slice(2);
const name = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
const tell = (what: object) => process.send?.(what);

/** Ten claims of the same thing, each by its own value: what they were told. */
async function claims(store: RedisStore): Promise<string[]> {
  return Promise.all(Array.from({ length: 10 }, (_, i) => store.claim('thing', `${name}:${i}`)));
}

/** The same fifty events, each adding one to a record: what became of them. */
async function events(store: RedisStore): Promise<string[]> {
  const key = keyOf('ada');
  const one = async (event: string): Promise<string> => {
    for (;;) {
      const { seen, records } = await store.load(0, event, [key]);
      if (seen) return 'seen';
      const version = records[0]?.version ?? 0;
      const put = [{ key, version: version + 1, body: bytes(version + 1) }];
      const result = await store.commit(0, commitOf({ event, expected: [{ key, version }], put }));
      if (result !== 'stale') return result;
    }
  };
  return Promise.all(Array.from({ length: 50 }, (_, i) => one(`event ${i}`)));
}

/** Looks for due timers until there are none: how many of them it let happen. */
async function timers(store: RedisStore): Promise<number> {
  let fired = 0;
  for (;;) {
    const due = await store.timersDue(100, 20);
    if (due.length === 0) return fired;
    for (const { partition, owner, matter } of due) {
      const event = `due:${owner}:${matter}`;
      const clear = [{ owner, matter }];
      const outbox = [letter({ id: `${event}:${name}:${fired}`, owner })];
      const result = await store.commit(partition, commitOf({ event, timers: { set: [], clear }, outbox }));
      if (result === 'done') fired++;
    }
  }
}

/** The program's own worker. Every message goes to the test, which says when it has arrived, and how time passes. */
async function works(store: RedisStore): Promise<void> {
  const vault = await Vault.open(store, () => new MasterKey(masterKey));
  let passed = 0;
  const clock = new (class extends SystemClock {
    override real() {
      return super.real() + passed;
    }
  })();
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const channel: Channel = {
    name: 'test',
    pace: null,
    send: (chat, { text }) =>
      new Promise((resolve) => {
        waiting.set(text, resolve);
        tell({ sends: text, to: chat.address, by: process.pid });
      }),
    wipe: async () => ({ kind: 'sent', ref: null }),
  };
  const log = silentLog;
  const reference = loadReference('content/meetings/demo.yaml');
  const engine = new Engine({ vault, reference, clock, log, crash: neverCrash, partitions });
  const deliverer = new Deliverer({ vault, engine, channels: [channel], clock, log, crash: neverCrash });
  const worker = new Worker({ store, engine, deliverer, clock, log });
  process.on('message', async (what: { arrived?: string; passes?: number; stop?: true }) => {
    if (what.arrived) waiting.get(what.arrived)?.({ kind: 'sent', ref: null });
    if (what.passes) {
      passed += what.passes;
      worker.nudge();
    }
    if (what.stop) {
      await worker.stop();
      await end(store, { stopped: true });
    }
  });
  worker.start();
}

async function end(store: RedisStore, report: object): Promise<void> {
  await store.close();
  process.send?.(report, undefined, undefined, () => process.disconnect?.());
}

const tasks = { claims, events, timers };

if (process.argv[1] === import.meta.filename) {
  const store = await openStore(url);
  process.once('message', async () => {
    if (task === 'works') await works(store);
    else await end(store, { report: await tasks[task as keyof typeof tasks](store) });
  });
  tell({ ready: true });
}
