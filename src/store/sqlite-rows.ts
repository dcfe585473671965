/**
 * The rows of a SQLite store, given and taken. It must only be used while nothing else writes.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Row, Table } from './rows.ts';

/** The columns behind a row's cells. */
const columns = {
  notes: ['key', 'value'],
  claims: ['key', 'value'],
  leases: ['name', 'fence'],
  events: ['part', 'id', 'at'],
  failures: ['part', 'id', 'count', 'at'],
  keys: ['part', 'owner', 'wrapped'],
  records: ['part', 'owner', 'kind', 'id', 'version', 'body'],
  timers: ['part', 'owner', 'matter', 'due'],
  outbox: [
    ...(['part', 'id', 'owner', 'lane', 'priority', 'seq', 'due', 'again', 'state'] as const),
    ...(['attempts', 'doubts', 'at', 'ref', 'body', 'channel'] as const),
  ],
  facts: ['part', 'owner', 'at', 'body'],
} as const satisfies Record<Exclude<Table, 'numbers'>, readonly string[]>;

export function* rowsOf(db: DatabaseSync): Generator<Row> {
  for (const [table, names] of Object.entries(columns)) {
    const order = table === 'facts' ? 'ORDER BY seq' : '';
    for (const found of db.prepare(`SELECT ${names.join(', ')} FROM ${table} ${order}`).iterate()) {
      yield { table, cells: names.map((name) => found[name]) } as unknown as Row;
    }
  }
  const last = db.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'outbox'`).get()?.seq;
  if (last) yield { table: 'numbers', cells: [last as number] };
}

/** Inside a transaction of the caller. */
export function fillInto(db: DatabaseSync, rows: readonly Row[]): void {
  for (const { table, cells } of rows) {
    if (table === 'numbers') {
      const [last] = cells;
      // A row that comes and goes leaves its number behind.
      db.prepare(
        `INSERT INTO outbox (seq, part, id, owner, lane, priority, due, again, state, attempts, doubts, body, channel)
         SELECT ?1, -1, '', '', '', 0, 0, 0, '', 0, 0, x'', '' WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE seq >= ?1)`,
      ).run(last);
      db.prepare('DELETE FROM outbox WHERE part = -1').run();
      continue;
    }
    const names: string[] = [...columns[table]];
    const values = [...cells] as SQLInputValue[];
    if (table === 'leases') {
      names.push('holder', 'until');
      values.push('', 0);
    }
    const marks = names.map(() => '?').join(', ');
    db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`).run(...values);
  }
}
