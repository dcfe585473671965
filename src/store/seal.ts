/**
 * Sealing: every body is encrypted with its owner's data key before a store sees it, and every data key is wrapped by
 * the master key. AES-256-GCM; what a body is and whose is part of the seal, so that bodies can not be swapped.
 * A key must never leave this file in clear.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const format = 1;
const nonceBytes = 12;
const tagBytes = 16;
/** Lengths tell little when they come in steps. */
const step = 256;

/** A seal that does not open: a wrong master key, or a damaged or swapped body. Says whose, never what. */
export class Unsealable extends Error {
  constructor(what: string) {
    super(`${what} can not be opened: the master key is another one, or the store is damaged`);
    this.name = 'Unsealable';
  }
}

function encrypt(key: Uint8Array, plain: Uint8Array, about: string): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(about));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(format), nonce, cipher.getAuthTag(), data]);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, about: string): Uint8Array {
  const head = 1 + nonceBytes + tagBytes;
  if (sealed.length < head || sealed[0] !== format) throw new Unsealable(about);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + nonceBytes));
  decipher.setAAD(Buffer.from(about));
  decipher.setAuthTag(sealed.subarray(1 + nonceBytes, head));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(head)), decipher.final()]);
  } catch {
    throw new Unsealable(about);
  }
}

/** Tries keys in order; what none of them opens is not theirs. */
function decryptWithAny(keys: readonly Uint8Array[], sealed: Uint8Array, about: string): Uint8Array {
  for (const key of keys) {
    try {
      return decrypt(key, sealed, about);
    } catch (error) {
      if (!(error instanceof Unsealable)) throw error;
    }
  }
  throw new Unsealable(about);
}

const keyBytes = 32;

/**
 * The data key of one owner: the newest of their keys seals, any of them opens. `about` names what a body is; the same
 * name must open it.
 */
export class DataKey {
  /** The newest first. */
  readonly #keys: readonly Uint8Array[];

  constructor(...keys: readonly [Uint8Array, ...Uint8Array[]]) {
    this.#keys = keys;
  }

  seal(value: unknown, about: string): Uint8Array {
    const json = Buffer.from(JSON.stringify(value));
    const padded = Buffer.alloc(Math.ceil(json.length / step) * step, ' ');
    json.copy(padded);
    return encrypt(this.#keys[0] as Uint8Array, padded, about);
  }

  /** @throws Unsealable */
  open(sealed: Uint8Array, about: string): unknown {
    return JSON.parse(Buffer.from(decryptWithAny(this.#keys, sealed, about)).toString());
  }

  /** A keyed hash: finds a chat handle again without keeping it. It stays the same when newer keys come. */
  hash(text: string): string {
    return createHmac('sha256', this.#keys.at(-1) as Uint8Array)
      .update(text)
      .digest('base64url');
  }

  /** With a fresh key in front, which seals from now on. */
  renewed(): DataKey {
    return new DataKey(randomBytes(keyBytes), ...this.#keys);
  }

  wrappedBy(master: MasterKey, owner: string): Uint8Array {
    return master.wrap(Buffer.concat(this.#keys), owner);
  }
}

/** The key that wraps all others: the current one wraps, older ones only unwrap until everything is wrapped anew. */
export class MasterKey {
  /** The current one first. */
  readonly #keys: readonly Uint8Array[];

  /** 32 random bytes each, the current one first. */
  constructor(...keys: readonly Uint8Array[]) {
    if (keys.length === 0 || keys.some((key) => key.length !== keyBytes))
      throw new RangeError('a master key has 32 bytes');
    this.#keys = keys;
  }

  wrap(key: Uint8Array, owner: string): Uint8Array {
    return encrypt(this.#keys[0] as Uint8Array, key, `key of ${owner}`);
  }

  /** @throws Unsealable */
  unwrap(wrapped: Uint8Array, owner: string): DataKey {
    const raw = decryptWithAny(this.#keys, wrapped, `key of ${owner}`);
    // Copies, since keys are held long: a part of a buffer keeps all of it, and what shared its memory.
    const keys = Array.from({ length: raw.length / keyBytes }, (_, i) =>
      Uint8Array.from(raw.subarray(i * keyBytes, (i + 1) * keyBytes)),
    );
    return new DataKey(...(keys as [Uint8Array, ...Uint8Array[]]));
  }

  /** Whether the current master key wrapped this, and not an older one. */
  isCurrent(wrapped: Uint8Array, owner: string): boolean {
    try {
      decrypt(this.#keys[0] as Uint8Array, wrapped, `key of ${owner}`);
      return true;
    } catch (error) {
      if (error instanceof Unsealable) return false;
      throw error;
    }
  }

  /** A fresh data key for an owner, and how the store keeps it. */
  newKey(owner: string): { key: DataKey; wrapped: Uint8Array } {
    const key = new DataKey(randomBytes(keyBytes));
    return { key, wrapped: key.wrappedBy(this, owner) };
  }
}
