/**
 * Gets the master key from where it is kept: the environment, a file, or a command that prints it. It is asked again
 * whenever a key turns up that was wrapped by another one, so that the master key can be changed while the program
 * runs. What it reads must never be told, and in a demo the key is a throw-away beside the store.
 */
import { execSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, KeySource } from '../config.ts';
import { keys } from '../shapes.ts';
import { MasterKey } from '../store/seal.ts';

/** The master key can not be had; the message says why and what to do, and nothing of what was read. */
export class NoMasterKey extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoMasterKey';
  }
}

/** How long a key service may take, in ms. */
const patience = 30_000;

/** @returns what gives the master key as it is now. @throws NoMasterKey, then and later */
export function masterKeyOf(config: Pick<Config, 'masterKey' | 'dataDir'>): () => MasterKey {
  const source = config.masterKey;
  if (source) return () => new MasterKey(...read(source));
  const file = join(config.dataDir, 'demo.key');
  return () => {
    if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600 });
    return new MasterKey(readFileSync(file));
  };
}

function read(source: KeySource): readonly Uint8Array[] {
  if (source.from === 'value') return source.keys.reveal();
  const [name, text] =
    source.from === 'file'
      ? ['MASTER_KEY_FILE', fileText(source.path)]
      : ['MASTER_KEY_COMMAND', printed(source.command)];
  const result = keys.schema.safeParse(text.trim());
  if (!result.success) throw new NoMasterKey(`${name}: what it gives is no key; expected ${keys.expects}.`);
  return result.data.reveal();
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new NoMasterKey(`MASTER_KEY_FILE: the file can not be read (${codeOf(error)}).`);
  }
}

function printed(command: string): string {
  try {
    return execSync(command, { encoding: 'utf8', timeout: patience, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    throw new NoMasterKey(
      `MASTER_KEY_COMMAND: the command failed (${codeOf(error)}); run it by hand to see why.`,
    );
  }
}

const codeOf = (error: unknown): string => {
  const { code, status, signal } = Object(error) as { code?: unknown; status?: unknown; signal?: unknown };
  return typeof status === 'number' ? `exit code ${status}` : String(code ?? signal ?? 'unknown');
};
