/**
 * Keeps what was learnt on the disk, so that a restarted program understands at once instead of after some seconds. It
 * is thrown away whenever the examples or the program change; a damaged or missing one only costs those seconds.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Learnt, Shelf } from '../core/borders.ts';

const parts = ['slopes', 'constants', 'rarity'] as const;
const start = 'learnt-';

/**
 * `from`: everything that what is learnt depends on. `folders`: where it may lie; it is put into the first that takes it. What
 * this gives is the shelf of each name.
 */
export function shelvesIn(folders: readonly string[], from: readonly string[]): (name: string) => Shelf {
  const hash = createHash('sha256');
  for (const text of from) hash.update(text).update('\0');
  const same = `${start}${hash.digest('hex').slice(0, 32)}`;
  const outdated = (name: string) => name.startsWith(start) && !name.startsWith(same);
  return (name) => {
    const file = `${same}-${name}.bin`;
    const place = () => folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
    return {
      holds: () => place() !== undefined,
      find: () => read(place()),
      // Without room for it anywhere, the next start learns again.
      put: (learnt) => void folders.some((folder) => write(folder, file, packed(learnt), outdated)),
    };
  };
}

function read(path: string | undefined): Learnt | null {
  try {
    return path === undefined ? null : unpacked(readFileSync(path));
  } catch {
    return null;
  }
}

/** False where it can't be written. */
function write(folder: string, file: string, bytes: Buffer, outdated: (name: string) => boolean): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    for (const old of readdirSync(folder).filter(outdated)) rmSync(join(folder, old), { force: true });
    const unfinished = join(folder, `${file}.${process.pid}`);
    // Nothing in it is secret, and whoever prepared an image is not the one who runs it.
    writeFileSync(unfinished, bytes, { mode: 0o644 });
    renameSync(unfinished, join(folder, file));
    return true;
  } catch {
    return false;
  }
}

/** The lengths of the parts, the parts, and a checksum. */
function packed(learnt: Learnt): Buffer {
  const bytes = parts.map((part) => Buffer.from(learnt[part].buffer));
  const body = Buffer.concat([
    Buffer.from(Uint32Array.from(parts, (part) => learnt[part].length).buffer),
    ...bytes,
  ]);
  return Buffer.concat([body, checksum(body)]);
}

function unpacked(file: Buffer): Learnt | null {
  const body = file.subarray(0, -32);
  if (!checksum(body).equals(file.subarray(-32))) return null;
  let at = 4 * parts.length;
  const read = parts.map((_, i) => {
    const length = body.readUInt32LE(4 * i);
    const part = new Float32Array(length);
    Buffer.from(part.buffer).set(body.subarray(at, at + 4 * length));
    at += 4 * length;
    return part;
  });
  return { slopes: read[0]!, constants: read[1]!, rarity: read[2]! };
}

const checksum = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
