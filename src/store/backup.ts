/**
 * A backup: all rows of a store in one encrypted stream, which opens with the master key alone and in which nothing can
 * be changed, left out or cut off unnoticed. It must never hold a plain row.
 */
import { type Row, Tally } from './rows.ts';
import { type DataKey, type MasterKey, Unsealable } from './seal.ts';

/** The first line of the file, so that people and programs know what it is. */
const title = 'BLI MED BACKUP 1';
const rowsAtOnce = 200;
const longestFrame = 256 * 1024 * 1024;
const owner = 'backup';

type Frame = { rows: unknown[] } | { end: string; counts: [string, number][] };

/** A file that is no backup, or a damaged one; says what to do. */
export class NoBackup extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoBackup';
  }
}

/** The backup of these rows, piece by piece; its last piece says what there was. */
export async function* written(rows: AsyncIterable<Row>, master: MasterKey): AsyncGenerator<Uint8Array> {
  const { key, wrapped } = master.newKey(owner);
  yield Buffer.from(`${title}\n${Buffer.from(wrapped).toString('base64')}\n`);
  const tally = new Tally();
  let frames = 0;
  let waiting: unknown[] = [];
  const frame = (held: Frame): Uint8Array => {
    const sealed = key.seal(held, nameOf(frames++));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.length);
    return Buffer.concat([length, sealed]);
  };
  for await (const row of rows) {
    tally.add(row);
    waiting.push(packed(row));
    if (waiting.length < rowsAtOnce) continue;
    yield frame({ rows: waiting });
    waiting = [];
  }
  if (waiting.length > 0) yield frame({ rows: waiting });
  yield frame({ end: tally.mark, counts: [...tally.counts] });
}

/**
 * The rows of a backup. The last of them comes only after the whole file has been found to be whole.
 * @throws NoBackup when it is none, damaged or cut off; Unsealable when it was made with another master key
 */
export async function* readBackup(file: AsyncIterable<Uint8Array>, master: MasterKey): AsyncGenerator<Row[]> {
  const reader = new Reader(file);
  if ((await reader.line()) !== title) throw new NoBackup('This is no backup of Bli med.');
  const key = master.unwrap(Buffer.from(await reader.line(), 'base64'), owner);
  const tally = new Tally();
  for (let frames = 0; ; frames++) {
    const held = opened(key, await reader.frame(), frames);
    if ('end' in held) {
      if (held.end !== tally.mark) throw new NoBackup('The backup is damaged: rows of it are missing.');
      return;
    }
    const rows = held.rows.map(unpacked);
    for (const row of rows) tally.add(row);
    yield rows;
  }
}

const nameOf = (frame: number): string => `backup ${frame}`;

function opened(key: DataKey, sealed: Uint8Array, frame: number): Frame {
  try {
    return key.open(sealed, nameOf(frame)) as Frame;
  } catch (error) {
    if (!(error instanceof Unsealable)) throw error;
    throw new NoBackup('The backup is damaged: take another one.');
  }
}

/** JSON knows no bytes. */
function packed({ table, cells }: Row): unknown {
  return [
    table,
    cells.map((cell) => (cell instanceof Uint8Array ? { b: Buffer.from(cell).toString('base64') } : cell)),
  ];
}

function unpacked(packed: unknown): Row {
  const [table, cells] = packed as [string, unknown[]];
  const plain = cells.map((cell) =>
    typeof cell === 'object' && cell !== null ? Buffer.from((cell as { b: string }).b, 'base64') : cell,
  );
  return { table, cells: plain } as unknown as Row;
}

/** Takes lines and frames from a stream of bytes. */
class Reader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(file: AsyncIterable<Uint8Array>) {
    this.#pieces = file[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    let end = this.#held.indexOf('\n');
    while (end < 0 && this.#held.length < 1000) {
      await this.#more();
      end = this.#held.indexOf('\n');
    }
    if (end < 0) throw new NoBackup('This is no backup of Bli med.');
    const line = this.#held.subarray(0, end).toString();
    this.#held = this.#held.subarray(end + 1);
    return line;
  }

  async frame(): Promise<Uint8Array> {
    const length = (await this.#take(4)).readUInt32BE();
    if (length > longestFrame) throw new NoBackup('The backup is damaged: take another one.');
    return this.#take(length);
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#held.length < length) await this.#more();
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done) throw new NoBackup('The backup is cut off: take another one.');
    this.#held = Buffer.concat([this.#held, value]);
  }
}
