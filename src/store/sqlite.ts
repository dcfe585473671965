/**
 * The store in one SQLite file, by Node's own driver; `:memory:` in tests and simulations. A commit is one
 * transaction that is on the disk before it is acknowledged. It must never interpret a body.
 */
import { hostname } from 'node:os';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { RecordKey, RecordKind } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import type { Row } from './rows.ts';
import { fillInto, rowsOf } from './sqlite-rows.ts';
import {
  type Commit,
  type Lease,
  type Loaded,
  type Look,
  type Mark,
  type SentMessage,
  type Store,
  StoreDown,
  type StoredOutgoing,
  type StoredRecord,
  type StoredTimer,
} from './store.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS leases (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    part INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (part, id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS events_by_age ON events (at);
  CREATE TABLE IF NOT EXISTS failures (
    part INTEGER NOT NULL, id TEXT NOT NULL, count INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (part, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS keys (
    part INTEGER NOT NULL, owner TEXT NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (part, owner)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS records (
    part INTEGER NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (part, owner, kind, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS timers (
    part INTEGER NOT NULL, owner TEXT NOT NULL, matter TEXT NOT NULL, due INTEGER NOT NULL,
    PRIMARY KEY (part, owner, matter)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS timers_by_due ON timers (due);
  CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, part INTEGER NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,
    lane TEXT NOT NULL, priority INTEGER NOT NULL, due INTEGER NOT NULL, again INTEGER NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL, doubts INTEGER NOT NULL, at INTEGER, ref TEXT, body BLOB NOT NULL,
    channel TEXT NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS outbox_by_id ON outbox (part, id);
  CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (lane, seq) WHERE state <> 'sent';
  CREATE INDEX IF NOT EXISTS outbox_sent ON outbox (owner, seq) WHERE state = 'sent';
  CREATE TABLE IF NOT EXISTS facts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, part INTEGER NOT NULL, owner TEXT NOT NULL, at INTEGER NOT NULL,
    body BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS facts_by_owner ON facts (owner);
`;

/** Columns are what the schema above says; nothing else writes these tables. */
type Stored = StoredRecord & { kind: RecordKind; id: string };
type Waiting = Omit<StoredOutgoing, 'partition' | 'ambiguous'> & { part: number; state: string };

/** SQLite's primary codes TOOBIG, CONSTRAINT, MISMATCH and RANGE: the same write would fail for ever. */
const faultyWrites = new Set([18, 19, 20, 25]);

export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or makes the file; `:memory:` keeps everything in the process. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file, { timeout: 5000 });
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;');
    this.#db.exec(schema);
    // A file made before messages bore their channel.
    if (!this.#row(`SELECT 1 FROM pragma_table_info('outbox') WHERE name = 'channel'`))
      this.#db.exec(`ALTER TABLE outbox ADD COLUMN channel TEXT NOT NULL DEFAULT ''`);
  }

  async load(partition: number, event: string | null, keys: readonly RecordKey[]): Promise<Loaded> {
    return this.#guard(() => ({
      seen: event !== null && this.#seen(partition, event),
      records: keys.map((key) => this.#record(partition, key)),
      keys: new Map(
        [...new Set(keys.map((key) => key.owner))].flatMap((owner) => {
          const wrapped = this.#key(partition, owner);
          return wrapped ? [[owner, wrapped] as const] : [];
        }),
      ),
    }));
  }

  async commit(partition: number, commit: Commit): Promise<'done' | 'seen' | 'stale'> {
    const result = this.#transaction(() => {
      if (commit.event !== null && this.#seen(partition, commit.event)) return 'seen';
      const stale =
        commit.expected.some(
          ({ key, version }) => (this.#record(partition, key)?.version ?? 0) !== version,
        ) || commit.keys.some(({ owner }) => this.#key(partition, owner) !== null);
      if (stale) return 'stale';
      this.#write(partition, commit);
      return 'done';
    });
    // The log of past writes would hold the erased key until it happens to be overwritten.
    if (result === 'done' && commit.erase.length > 0)
      this.#guard(() => this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    return result;
  }

  #write(partition: number, commit: Commit): void {
    if (commit.event !== null)
      this.#run('INSERT INTO events VALUES (?, ?, ?)', partition, commit.event, commit.at);
    for (const owner of commit.erase) {
      for (const table of ['keys', 'records', 'timers', 'outbox', 'facts']) {
        this.#run(`DELETE FROM ${table} WHERE part = ? AND owner = ?`, partition, owner);
      }
    }
    for (const { owner, wrapped } of commit.keys) {
      this.#run('INSERT INTO keys VALUES (?, ?, ?)', partition, owner, wrapped);
    }
    for (const { key, version, body } of commit.put) {
      const { owner, kind, id } = key;
      this.#run(
        'INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?)',
        partition,
        owner,
        kind,
        id,
        version,
        body,
      );
    }
    for (const { owner, kind, id } of commit.drop) {
      this.#run(
        'DELETE FROM records WHERE part = ? AND owner = ? AND kind = ? AND id = ?',
        partition,
        owner,
        kind,
        id,
      );
    }
    for (const { owner, matter } of commit.timers.clear) {
      this.#run('DELETE FROM timers WHERE part = ? AND owner = ? AND matter = ?', partition, owner, matter);
    }
    for (const { owner, matter, due } of commit.timers.set) {
      this.#run('INSERT OR REPLACE INTO timers VALUES (?, ?, ?, ?)', partition, owner, matter, due);
    }
    for (const { id, owner, lane, channel, priority, due, body } of commit.outbox) {
      this.#run(
        `INSERT INTO outbox (part, id, owner, lane, priority, due, again, state, attempts, doubts, body, channel)
         VALUES (?, ?, ?, ?, ?, ?, 0, 'ready', 0, 0, ?, ?)`,
        ...[partition, id, owner, lane, priority, due, body, channel],
      );
    }
    for (const { owner, body } of commit.facts) {
      this.#run(
        'INSERT INTO facts (part, owner, at, body) VALUES (?, ?, ?, ?)',
        partition,
        owner,
        commit.at,
        body,
      );
    }
  }

  async all(partition: number, owner: string): Promise<{ key: RecordKey; record: StoredRecord }[]> {
    return this.#guard(() =>
      this.#rows<Stored>(
        'SELECT kind, id, version, body FROM records WHERE part = ? AND owner = ?',
        ...[partition, owner],
      ).map(({ kind, id, version, body }) => ({ key: { owner, kind, id }, record: { version, body } })),
    );
  }

  async wrappedKey(partition: number, owner: string): Promise<Uint8Array | null> {
    return this.#guard(() => this.#key(partition, owner));
  }

  async rewrap(partition: number, owner: string, before: Uint8Array, after: Uint8Array): Promise<boolean> {
    return this.#transaction(() => {
      const sql = 'UPDATE keys SET wrapped = ? WHERE part = ? AND owner = ? AND wrapped = ?';
      return this.#run(sql, after, partition, owner, before);
    });
  }

  async timersDue(now: Millis, limit: number): Promise<StoredTimer[]> {
    return this.#guard(() =>
      this.#rows<StoredTimer>(
        'SELECT part AS "partition", owner, matter, due FROM timers WHERE due <= ? ORDER BY due LIMIT ?',
        ...[now, limit],
      ),
    );
  }

  async nextMoment(now: Millis): Promise<Millis | null> {
    return this.#guard(
      () =>
        this.#row<{ at: Millis | null }>(
          // Not 'sent' is said as well, since only then the index of what waits is used.
          `SELECT min(at) AS at FROM (SELECT min(due) AS at FROM timers WHERE due > ?1
           UNION ALL SELECT min(max(due, again)) FROM outbox
             WHERE state <> 'sent' AND state = 'ready' AND max(due, again) > ?1)`,
          now,
        )?.at ?? null,
    );
  }

  async sendable(
    now: Millis,
    busy: readonly string[],
    limit: number,
    { closed = [] }: Look = {},
  ): Promise<StoredOutgoing[]> {
    return this.#guard(() =>
      this.#rows<Waiting>(
        `SELECT o.part, o.id, o.owner, o.lane, o.channel, o.priority, o.seq, o.body, o.attempts, o.doubts, o.state FROM outbox o
         JOIN (SELECT lane, min(seq) AS head FROM outbox WHERE state <> 'sent' AND due <= ? GROUP BY lane) heads
           ON o.seq = heads.head
         WHERE o.again <= ? AND o.lane NOT IN (SELECT value FROM json_each(?))
           AND o.channel NOT IN (SELECT value FROM json_each(?))
         ORDER BY o.priority, o.seq LIMIT ?`,
        ...[now, now, JSON.stringify(busy), JSON.stringify(closed), limit],
      ).map(({ part, state, ...rest }) => ({ ...rest, partition: part, ambiguous: state === 'sending' })),
    );
  }

  async mark(partition: number, id: string, lease: Lease, mark: Mark): Promise<boolean> {
    return this.#transaction(() => {
      const held = this.#row<{ fence: number }>('SELECT fence FROM leases WHERE name = ?', lease.name);
      if (held?.fence !== lease.fence) return false;
      const where = [partition, id] as const;
      switch (mark.state) {
        case 'sending':
          return this.#run(
            `UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE part = ? AND id = ?`,
            ...where,
          );
        case 'retry':
          return this.#run(
            `UPDATE outbox SET state = 'ready', again = ?, doubts = doubts + ? WHERE part = ? AND id = ?`,
            ...[mark.again, mark.doubt ? 1 : 0, ...where],
          );
        case 'held':
          return this.#run(
            `UPDATE outbox SET state = 'ready', due = ? WHERE part = ? AND id = ?`,
            mark.due,
            ...where,
          );
        case 'sent':
          return this.#run(
            `UPDATE outbox SET state = 'sent', at = ?, ref = ? WHERE part = ? AND id = ?`,
            ...[mark.at, mark.ref, ...where],
          );
        case 'gone':
          return this.#run('DELETE FROM outbox WHERE part = ? AND id = ?', ...where);
      }
    });
  }

  async sent(partition: number, owner: string, after: number): Promise<SentMessage[]> {
    return this.#guard(() =>
      this.#rows<SentMessage>(
        `SELECT seq, id, at, ref, body FROM outbox WHERE state = 'sent' AND owner = ? AND seq > ? AND part = ? ORDER BY seq`,
        ...[owner, after, partition],
      ),
    );
  }

  async spokenTo(from: Millis, to: Millis): Promise<{ partition: number; owner: string }[]> {
    return this.#guard(() =>
      // What waits counts as later than any moment.
      this.#rows<{ partition: number; owner: string }>(
        `SELECT part AS "partition", owner FROM outbox GROUP BY part, owner
         HAVING max(iif(state = 'sent', at, 9e15)) BETWEEN ? AND ?`,
        ...[from, to],
      ),
    );
  }

  async failed(partition: number, event: string, now: Millis): Promise<number> {
    return this.#transaction(() => {
      this.#run(
        `INSERT INTO failures VALUES (?, ?, 1, ?) ON CONFLICT (part, id) DO UPDATE SET count = count + 1`,
        ...[partition, event, now],
      );
      return (
        this.#row<{ count: number }>('SELECT count FROM failures WHERE part = ? AND id = ?', partition, event)
          ?.count ?? 1
      );
    });
  }

  async claim(key: string, value: string, instead?: string): Promise<string> {
    return this.#transaction(() => {
      this.#run('INSERT OR IGNORE INTO claims VALUES (?, ?)', key, value);
      if (instead !== undefined) {
        this.#run('UPDATE claims SET value = ? WHERE key = ? AND value = ?', value, key, instead);
      }
      return this.#row<{ value: string }>('SELECT value FROM claims WHERE key = ?', key)?.value ?? value;
    });
  }

  async claimed(key: string): Promise<string | null> {
    return this.#guard(
      () => this.#row<{ value: string }>('SELECT value FROM claims WHERE key = ?', key)?.value ?? null,
    );
  }

  async release(key: string, value: string): Promise<void> {
    this.#guard(() => this.#run('DELETE FROM claims WHERE key = ? AND value = ?', key, value));
  }

  async lease(name: string, holder: string, lasts: Millis, realNow: Millis): Promise<number | null> {
    return this.#transaction(() => {
      const held = this.#row<{ holder: string; fence: number; until: Millis }>(
        'SELECT holder, fence, until FROM leases WHERE name = ?',
        name,
      );
      const mine = held?.holder === holder;
      if (held && !mine && held.until > realNow && !isDead(held.holder)) return null;
      const fence = mine ? held.fence : (held?.fence ?? 0) + 1;
      this.#run('INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)', name, holder, fence, realNow + lasts);
      return fence;
    });
  }

  async letGo(name: string, holder: string): Promise<void> {
    this.#guard(() => this.#run('UPDATE leases SET until = 0 WHERE name = ? AND holder = ?', name, holder));
  }

  async note(key: string): Promise<string | null> {
    return this.#guard(
      () => this.#row<{ value: string }>('SELECT value FROM notes WHERE key = ?', key)?.value ?? null,
    );
  }

  async setNote(key: string, value: string): Promise<void> {
    this.#guard(() => this.#run('INSERT OR REPLACE INTO notes VALUES (?, ?)', key, value));
  }

  async prune(before: Millis): Promise<void> {
    this.#transaction(() => {
      this.#run('DELETE FROM events WHERE at < ?', before);
      this.#run('DELETE FROM failures WHERE at < ?', before);
      this.#run(`DELETE FROM outbox WHERE state = 'sent' AND at < ?`, before);
    });
  }

  /** For a connection that writes nothing meanwhile: others may. */
  async still<T>(work: () => Promise<T>): Promise<T> {
    this.#guard(() => this.#db.exec('BEGIN'));
    try {
      return await work();
    } finally {
      this.#guard(() => this.#db.exec('COMMIT'));
    }
  }

  async *rows(): AsyncGenerator<Row> {
    const rows = this.#guard(() => rowsOf(this.#db));
    for (;;) {
      const { done, value } = this.#guard(() => rows.next());
      if (done) return;
      yield value;
    }
  }

  async fill(rows: readonly Row[]): Promise<void> {
    this.#transaction(() => fillInto(this.#db, rows));
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #seen(partition: number, event: string): boolean {
    return (
      this.#row<object>('SELECT 1 AS one FROM events WHERE part = ? AND id = ?', partition, event) !==
      undefined
    );
  }

  #key(partition: number, owner: string): Uint8Array | null {
    return (
      this.#row<{ wrapped: Uint8Array }>(
        'SELECT wrapped FROM keys WHERE part = ? AND owner = ?',
        partition,
        owner,
      )?.wrapped ?? null
    );
  }

  #record(partition: number, { owner, kind, id }: RecordKey): StoredRecord | null {
    const row = this.#row<StoredRecord>(
      'SELECT version, body FROM records WHERE part = ? AND owner = ? AND kind = ? AND id = ?',
      ...[partition, owner, kind, id],
    );
    return row ? { version: row.version, body: row.body } : null;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: SQLInputValue[]): boolean {
    return Number(this.#prepare(sql).run(...values).changes) > 0;
  }

  #row<T>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#prepare(sql).get(...values) as T | undefined;
  }

  #rows<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#prepare(sql).all(...values) as T[];
  }

  #transaction<T>(work: () => T): T {
    return this.#guard(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw isDown(error) ? new StoreDown(error) : error;
    }
  }
}

/** A full disk, a locked or closed file: the platform is told to come back. What can not be written at all is no such thing. */
function isDown(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false;
  if (error.code === 'ERR_INVALID_STATE') return true;
  const faulty = 'errcode' in error && faultyWrites.has(Number(error.errcode) & 0xff);
  return error.code === 'ERR_SQLITE_ERROR' && !faulty;
}

/** Holders are named `host:pid:random`. Only one on this very host can be known to be dead. */
function isDead(holder: string): boolean {
  const [host, pid] = holder.split(':');
  if (host !== hostname()) return false;
  if (Number(pid) === process.pid) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
