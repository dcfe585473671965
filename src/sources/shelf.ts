/**
 * Keeps what was learnt beside the store, so that a restarted program answers the first text at once instead of after some
 * seconds. It is thrown away whenever the examples or the program change; a damaged or missing one only costs those seconds.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Learnt, Shelf } from '../core/borders.ts';

const parts = ['slopes', 'constants', 'rarity'] as const;
const start = 'learnt-';

/** `from`: everything that what is learnt depends on. `folder`: where it is kept. What it gives is the shelf of each name. */
export function shelvesIn(folder: string, from: readonly string[]): (name: string) => Shelf {
  const hash = createHash('sha256');
  for (const text of from) hash.update(text).update('\0');
  const same = `${start}${hash.digest('hex').slice(0, 32)}`;
  const outdated = (name: string) => name.startsWith(start) && !name.startsWith(same);
  return (name) => shelf(folder, join(folder, `${same}-${name}.bin`), outdated);
}

function shelf(folder: string, file: string, outdated: (name: string) => boolean): Shelf {
  return {
    find: () => {
      try {
        return existsSync(file) ? unpacked(readFileSync(file)) : null;
      } catch {
        return null;
      }
    },
    put: (learnt) => {
      try {
        for (const old of readdirSync(folder).filter(outdated)) rmSync(join(folder, old), { force: true });
        writeFileSync(`${file}.${process.pid}`, packed(learnt), { mode: 0o600 });
        renameSync(`${file}.${process.pid}`, file);
      } catch {
        // Without room for it, the next start learns again.
      }
    },
  };
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
