/**
 * The Redis store on a Cluster of three: the same contract, with the partitions spread over the nodes.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeContract } from './contracts/store.ts';
import { rich } from './contracts/store-ground.ts';
import { openLink, openStore, partitions } from './fakes/redis.ts';
import { RedisCluster } from './fakes/redis-groups.ts';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await RedisCluster.start();
});
afterAll(() => cluster.stop());

async function fresh() {
  const link = await openLink(cluster.url);
  await link.everywhere('FLUSHALL');
  await link.close();
  return openStore(cluster.url);
}

storeContract('Redis on a Cluster', async () => {
  const store = await fresh();
  return {
    store,
    reopen: async () => {
      await store.close();
      return openStore(cluster.url);
    },
  };
});

test('the partitions lie on all nodes, each whole on one', async () => {
  const store = await fresh();
  for (let partition = 0; partition < partitions; partition++) {
    expect(await store.commit(partition, rich('ada', 'event'))).toBe('done');
  }
  expect(await store.timersDue(99, 99)).toHaveLength(partitions);
  await store.close();
  const tags = await Promise.all(
    cluster.nodes.map(async ({ url }) => {
      const link = await openLink(url);
      const found = new Set<string>();
      for await (const key of link.scan('bm:{')) found.add(key.split(':')[1] ?? '');
      await link.close();
      return [...found];
    }),
  );
  for (const node of tags) expect(node.length).toBeGreaterThan(0);
  expect(tags.flat().sort()).toEqual(Array.from({ length: partitions }, (_, n) => `{p${n}}`).sort());
});
