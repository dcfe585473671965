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

/** A data key that seals values of one owner. `about` names what a body is; the same name must open it. */
export class DataKey {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  seal(value: unknown, about: string): Uint8Array {
    const json = Buffer.from(JSON.stringify(value));
    const padded = Buffer.alloc(Math.ceil(json.length / step) * step, ' ');
    json.copy(padded);
    return encrypt(this.#key, padded, about);
  }

  /** @throws Unsealable */
  open(sealed: Uint8Array, about: string): unknown {
    return JSON.parse(Buffer.from(decrypt(this.#key, sealed, about)).toString());
  }

  /** A keyed hash: finds a chat handle again without keeping it. */
  hash(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }

  wrappedBy(master: MasterKey, owner: string): Uint8Array {
    return master.wrap(this.#key, owner);
  }
}

export class MasterKey {
  readonly #key: Uint8Array;

  /** 32 random bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new RangeError('a master key has 32 bytes');
    this.#key = key;
  }

  wrap(key: Uint8Array, owner: string): Uint8Array {
    return encrypt(this.#key, key, `key of ${owner}`);
  }

  /** @throws Unsealable */
  unwrap(wrapped: Uint8Array, owner: string): DataKey {
    return new DataKey(decrypt(this.#key, wrapped, `key of ${owner}`));
  }

  /** A fresh data key for an owner, and how the store keeps it. */
  newKey(owner: string): { key: DataKey; wrapped: Uint8Array } {
    const key = new DataKey(randomBytes(32));
    return { key, wrapped: key.wrappedBy(this, owner) };
  }
}
