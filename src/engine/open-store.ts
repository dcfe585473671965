/**
 * Opens the store that the configuration names: SQLite in a folder, or Redis with everything that must be looked at
 * before it may be trusted with people. In production a doubtful Redis is refused; a demo is warned and goes on.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { RedisAddress } from '../shapes.ts';
import { LostTail } from '../store/lost-tail.ts';
import { RedisStore } from '../store/redis.ts';
import { faultsOfRedis } from '../store/redis-checks.ts';
import { RedisLink } from '../store/redis-link.ts';
import { SqliteStore } from '../store/sqlite.ts';
import { type Store, StoreDown } from '../store/store.ts';
import { CannotStart } from './cannot-start.ts';

/** The file beside the store's folder in which the commits of a Redis are noted. */
const noted = 'redis-commits.json';

/** @throws CannotStart with everything that is wrong */
export async function openStore(config: Config, partitions: number, log: Log): Promise<Store> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  if (!config.redis) return new SqliteStore(join(config.dataDir, 'bli-med.sqlite'));
  const link = await openLink(config.redis.reveal());
  try {
    const faults = await faultsOfRedis(link);
    const forbids = faults.filter(({ fatal }) => fatal || config.mode === 'production');
    if (forbids.length > 0) throw new CannotStart(forbids.map(({ says }) => says).join('\n'));
    for (const { code } of faults)
      log.warn({ event: 'redis-unsound', code }, 'this Redis may lose what it has acknowledged');
    return await guarded(new RedisStore(link, partitions), config, log);
  } catch (error) {
    await link.close();
    throw error instanceof StoreDown ? unreachable(error) : error;
  }
}

/** @throws CannotStart when it can not be reached */
export async function openLink(address: RedisAddress): Promise<RedisLink> {
  try {
    return await RedisLink.open(address);
  } catch (error) {
    throw error instanceof StoreDown ? unreachable(error) : error;
  }
}

async function guarded(store: RedisStore, config: Config, log: Log): Promise<Store> {
  const file = join(config.dataDir, noted);
  const fault = await LostTail.fault(store, file);
  if (fault && config.mode === 'production') throw new CannotStart(fault.message);
  if (fault) log.warn({ event: 'store-went-back' }, 'the store is not the one it was');
  const guard = await LostTail.watch(store, file, () =>
    log.error({ event: 'store-went-back' }, 'the store lost commits that were acknowledged'),
  );
  store.beforeClose(() => guard.end());
  return store;
}

function unreachable({ cause }: StoreDown): CannotStart {
  const refused = cause instanceof Error && /^(NOAUTH|WRONGPASS|NOPERM)|AUTH/.test(cause.message);
  return new CannotStart(
    refused
      ? 'Redis refuses the user or the password in REDIS_URL: correct it there, or in Redis.'
      : 'Redis can not be reached: see whether it runs and whether REDIS_URL leads there.',
  );
}
