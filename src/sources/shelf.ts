/**
 * Keeps what was learnt beside the store, so that a restarted program answers the first text at once instead of after a
 * second. It is thrown away whenever the examples or the program change; a damaged or missing one only costs that second.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Learnt } from '../core/borders.ts';
import type { Shelf } from '../core/danger.ts';

const parts = ['slopes', 'constants', 'rarity'] as const;
const start = 'learnt-';

/** `from`: everything that what is learnt depends on. `folder`: where it is kept. */
export function shelf(folder: string, from: readonly string[]): Shelf {
  const hash = createHash('sha256');
  for (const text of from) hash.update(text).update('\0');
  const file = join(folder, `${start}${hash.digest('hex').slice(0, 32)}.bin`);
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
        for (const old of readdirSync(folder))
          if (old.startsWith(start)) rmSync(join(folder, old), { force: true });
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
