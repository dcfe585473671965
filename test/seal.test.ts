/**
 * Sealing: what goes in comes out for whoever has the key and says the right name, and for nobody else. Damage,
 * swapping and a wrong key are refused with one kind of error.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataKey, MasterKey, Unsealable } from '../src/store/seal.ts';

// One seed, so that a failure comes again.
fc.configureGlobal({ seed: 20261122 });

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const keys = bytesOf(32).map((key) => new DataKey(key));
const masters = bytesOf(32).map((key) => new MasterKey(key));
const name = fc.string({ unit: 'grapheme', maxLength: 60 });
const step = 256;
/** Format, nonce, tag. */
const head = 1 + 12 + 16;

describe('a value', () => {
  test('comes out as it went in', () => {
    fc.assert(
      fc.property(keys, fc.jsonValue(), name, (key, value, about) => {
        // JSON knows no minus zero, and neither do records.
        const plain = JSON.parse(JSON.stringify(value));
        expect(key.open(key.seal(plain, about), about)).toEqual(plain);
      }),
    );
  });

  test('opens under no other name', () => {
    fc.assert(
      fc.property(keys, name, name, (key, about, other) => {
        fc.pre(about !== other);
        const sealed = key.seal({ a: 1 }, about);
        expect(() => key.open(sealed, other)).toThrow(Unsealable);
      }),
    );
  });

  test('opens with no other key', () => {
    fc.assert(
      fc.property(keys, keys, (key, other) => {
        fc.pre(key.hash('') !== other.hash(''));
        expect(() => other.open(key.seal('value', 'it'), 'it')).toThrow(Unsealable);
      }),
    );
  });

  test('does not open when any one bit is turned', () => {
    const key = new DataKey(Buffer.alloc(32, 1));
    const sealed = key.seal('value', 'it');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const damaged = Uint8Array.from(sealed);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => key.open(damaged, 'it'), `bit ${bit}`).toThrow(Unsealable);
    }
  });

  test('does not open when it is cut short, lengthened or nothing at all', () => {
    const key = new DataKey(Buffer.alloc(32, 1));
    const sealed = key.seal('value', 'it');
    for (let length = 0; length < sealed.length; length++) {
      expect(() => key.open(sealed.subarray(0, length), 'it'), `${length} bytes`).toThrow(Unsealable);
    }
    expect(() => key.open(Buffer.concat([sealed, Buffer.of(0)]), 'it')).toThrow(Unsealable);
  });

  test('is never sealed alike twice', () => {
    const key = new DataKey(Buffer.alloc(32, 1));
    const seen = new Set(
      Array.from({ length: 200 }, () => Buffer.from(key.seal('value', 'it')).toString('hex')),
    );
    expect(seen.size).toBe(200);
  });

  test('has a length that grows in steps and tells no more', () => {
    const key = new DataKey(Buffer.alloc(32, 1));
    const lengthOf = (text: string) => key.seal(text, 'it').length - head;
    expect(lengthOf('')).toBe(step);
    // Two quotes stand around the text.
    expect(lengthOf('a'.repeat(step - 2))).toBe(step);
    expect(lengthOf('a'.repeat(step - 1))).toBe(2 * step);
    expect(lengthOf('æ'.repeat(step / 2))).toBe(2 * step);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (text) => {
        expect(lengthOf(text) % step).toBe(0);
      }),
    );
  });

  test('shows nothing of itself', () => {
    const key = new DataKey(Buffer.alloc(32, 1));
    const sealed = Buffer.from(key.seal({ place: 'Kristiansand' }, 'record of Ada')).toString('latin1');
    for (const word of ['Kristiansand', 'place', 'Ada', '    ']) expect(sealed).not.toContain(word);
  });
});

describe('a data key', () => {
  test('comes out of its wrapping for its owner and master, and for nobody else', () => {
    fc.assert(
      fc.property(masters, masters, name, name, (master, otherMaster, owner, other) => {
        const { key, wrapped } = master.newKey(owner);
        const sealed = key.seal('value', 'it');
        expect(master.unwrap(wrapped, owner).open(sealed, 'it')).toBe('value');
        fc.pre(owner !== other);
        expect(() => master.unwrap(wrapped, other)).toThrow(Unsealable);
        fc.pre(!sameMaster(master, otherMaster));
        expect(() => otherMaster.unwrap(wrapped, owner)).toThrow(Unsealable);
      }),
    );
  });

  test('is another for each owner, also for the same owner again', () => {
    const master = new MasterKey(Buffer.alloc(32, 1));
    const hashes = Array.from({ length: 50 }, () => master.newKey('ada').key.hash('it'));
    expect(new Set(hashes).size).toBe(50);
  });

  test('is not in its wrapping', () => {
    const raw = Buffer.from('a key of exactly thirty-two byte');
    const wrapped = new MasterKey(Buffer.alloc(32, 1)).wrap(raw, 'ada');
    expect(Buffer.from(wrapped).includes(raw)).toBe(false);
    expect(Buffer.from(wrapped).includes(raw.subarray(0, 8))).toBe(false);
  });

  test('hashes one text alike, and another text or another key otherwise', () => {
    fc.assert(
      fc.property(keys, keys, name, name, (key, other, text, otherText) => {
        expect(key.hash(text)).toBe(key.hash(text));
        fc.pre(text !== otherText && key.hash('') !== other.hash(''));
        expect(key.hash(text)).not.toBe(key.hash(otherText));
        expect(key.hash(text)).not.toBe(other.hash(text));
      }),
    );
  });
});

test.each([0, 16, 31, 33])('a master key of %i bytes is refused', (length) => {
  expect(() => new MasterKey(Buffer.alloc(length))).toThrow(RangeError);
});

test('the error says whose it is and what to think of it, and nothing that is sealed', () => {
  const key = new DataKey(Buffer.alloc(32, 1));
  const sealed = key.seal('Kristiansand', 'record ada person ada');
  const open = () => key.open(sealed, 'record berit person berit');
  expect(open).toThrow(/^record berit person berit can not be opened: the master key/);
  expect(open).not.toThrow(/Kristiansand/);
});

function sameMaster(one: MasterKey, other: MasterKey): boolean {
  const wrapped = one.wrap(Buffer.alloc(32), 'x');
  try {
    other.unwrap(wrapped, 'x');
    return true;
  } catch {
    return false;
  }
}
