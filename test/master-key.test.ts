/**
 * Where the master key may come from, and what is said when it does not come: why, and nothing of what was read.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { masterKeyOf, NoMasterKey } from '../src/engine/master-key.ts';
import type { MasterKey } from '../src/store/seal.ts';

const folder = mkdtempSync(join(tmpdir(), 'bli-med-key-'));
afterAll(() => rmSync(folder, { recursive: true }));
const base64 = (value: number) => Buffer.alloc(32, value).toString('base64');
const keyFrom = (env: Record<string, string>) => {
  const DATA_DIR = folder;
  return masterKeyOf(readConfig({ CLINIC_NAME: 'x', DATA_DIR, ...env }));
};
/** Whether the first wraps what the second opens. */
const same = (one: MasterKey, other: MasterKey) => other.isCurrent(one.newKey('ada').wrapped, 'ada');

test('it is the same from the environment, a file and a command', () => {
  const file = join(folder, 'key');
  writeFileSync(file, `${base64(8)}\n${base64(7)}\n`);
  const plain = keyFrom({ MASTER_KEY: base64(8) })();
  expect(same(keyFrom({ MASTER_KEY_FILE: file })(), plain)).toBe(true);
  expect(same(keyFrom({ MASTER_KEY_COMMAND: `cat '${file}'` })(), plain)).toBe(true);
  const older = keyFrom({ MASTER_KEY: base64(7) })().newKey('ada').wrapped;
  expect(() => keyFrom({ MASTER_KEY_FILE: file })().unwrap(older, 'ada')).not.toThrow();
});

test('a file is read again each time it is asked for', () => {
  const file = join(folder, 'changing');
  writeFileSync(file, base64(1));
  const read = keyFrom({ MASTER_KEY_FILE: file });
  const before = read();
  writeFileSync(file, base64(2));
  expect(same(before, read())).toBe(false);
});

test.each([
  [{ MASTER_KEY_FILE: join(folder, 'nothing') }, /^MASTER_KEY_FILE: the file can not be read \(ENOENT\)/],
  [{ MASTER_KEY_COMMAND: 'echo geheim; exit 3' }, /^MASTER_KEY_COMMAND: the command failed \(exit code 3\)/],
  [{ MASTER_KEY_COMMAND: 'echo geheim' }, /^MASTER_KEY_COMMAND: what it gives is no key/],
])('%j is refused in plain words', (env, says) => {
  expect(keyFrom(env)).toThrow(NoMasterKey);
  expect(keyFrom(env)).toThrow(says);
  expect(keyFrom(env)).not.toThrow(/geheim/);
});

test('a demo makes one of its own beside the store, for nobody else to read', () => {
  const read = masterKeyOf(readConfig({ DATA_DIR: folder }));
  expect(same(read(), read())).toBe(true);
  expect(statSync(join(folder, 'demo.key')).mode & 0o777).toBe(0o600);
});
