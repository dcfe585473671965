/**
 * Looks whether a Redis keeps what it has acknowledged: its version, its log of writes, what it does when memory is full,
 * its replicas where they are counted on. It only looks, and never changes a setting of the server.
 */
import { ErrorReply } from 'redis';
import { pairs } from './redis-coding.ts';
import type { RedisLink } from './redis-link.ts';

/** `code` names it in the log, `says` what is wrong and what to do; `fatal`: the program can not work with it at all. */
export type RedisFault = { code: string; says: string; fatal: boolean };

const oldest = 7;

const wanted = [
  ['appendonly', 'yes', 'it keeps no log of writes and forgets everything when it stops'],
  ['appendfsync', 'always', 'it says yes before a write is on the disk'],
  ['maxmemory-policy', 'noeviction', 'it throws away what it has when memory is full'],
] as const;

/** Every fault of every server that is written to, each once. @throws StoreDown */
export async function faultsOfRedis(link: RedisLink): Promise<RedisFault[]> {
  const found = new Map<string, RedisFault>();
  const fault = (code: string, says: string, fatal = false) => found.set(code, { code, says, fatal });
  for (const info of (await link.everywhere('INFO', 'server')).map(String)) {
    const version = /redis_version:(\S+)/.exec(info)?.[1] ?? 'of an unknown version';
    if (!(Number.parseInt(version, 10) >= oldest)) {
      fault('redis-too-old', `Redis is ${version}: install ${oldest}.0 or newer.`, true);
    }
  }
  for (const [name, value, why] of wanted) {
    const is = await settings(link, name);
    if (is === null) {
      fault('redis-unknown', 'Redis does not show its settings: let its user call CONFIG GET (+config|get).');
    } else if (is.some((one) => one !== value)) {
      fault(`redis-${name}`, `Redis is not durable, ${why}: set "${name} ${value}" in its configuration.`);
    }
  }
  if (link.replicas > 0) {
    for (const info of (await link.everywhere('INFO', 'replication')).map(String)) {
      if (Number(/connected_slaves:(\d+)/.exec(info)?.[1] ?? 0) >= link.replicas) continue;
      fault('redis-replicas', 'Redis has fewer replicas than REDIS_URL counts on (?replicas): start them.');
    }
  }
  return [...found.values()];
}

/** What each server has for this setting; null where the user may not ask. */
async function settings(link: RedisLink, name: string): Promise<string[] | null> {
  try {
    const replies = await link.everywhere('CONFIG', 'GET', name);
    return replies.map((reply) => String(pairs(reply)[0]?.[1] ?? ''));
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    if (cause instanceof ErrorReply && /^(NOPERM|ERR unknown command)/.test(cause.message)) return null;
    throw error;
  }
}
