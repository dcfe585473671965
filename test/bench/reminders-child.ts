/**
 * Bli med with a platform in the same process that takes every message at once: what is measured is the program. It lets everything
 * that is due happen and be delivered, and prints how many reminders went out in how many ms.
 */
import type { Channel } from '../../src/channels/channel.ts';
import { readConfig } from '../../src/config.ts';
import { Deliverer } from '../../src/engine/deliver.ts';
import { openProgram } from '../../src/engine/program.ts';
import { Worker } from '../../src/engine/worker.ts';
import { silentLog as log } from '../../src/log.ts';

const total = Number(process.argv[2]);
const { store, engine, vault, clock, crash } = await openProgram(readConfig(), log);
const went = new Set<string>();
const all = Promise.withResolvers<void>();
const platform: Channel = {
  ...{ name: 'telegram', pace: null },
  send: async ({ address }) => {
    went.add(address);
    if (went.size === total) all.resolve();
    return { kind: 'sent', ref: address };
  },
  wipe: async () => ({ kind: 'sent', ref: null }),
};
const deliverer = new Deliverer({ vault, engine, channels: [platform], clock, log, crash });
const worker = new Worker({ store, engine, deliverer, clock, log });
const start = performance.now();
worker.start();
await all.promise;
const took = performance.now() - start;
await worker.stop();
await store.close();
process.stdout.write(`${JSON.stringify({ count: went.size, took })}\n`);
