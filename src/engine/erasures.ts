/**
 * Who was erased, noted outside the store as random ids, so that a restored backup does not bring anybody back. A note is
 * made before the erasure and taken back where it came to nothing; it must be on the disk before the person is gone.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

export type Erased = { partition: number; owner: string };

export class Erasures {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  note(erased: Erased): void {
    this.#write('+', erased);
  }

  takeBack(erased: Erased): void {
    this.#write('-', erased);
  }

  /** Everybody whose erasure is noted in a file; nobody where there is none. A line that was cut off counts for nothing. */
  static read(file: string): Erased[] {
    if (!existsSync(file)) return [];
    const noted = new Map<string, Erased>();
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [, sign, partition, owner] = /^([+-]) (\d+) ([\w-]+)\.$/.exec(line) ?? [];
      if (!owner) continue;
      if (sign === '+') noted.set(`${partition} ${owner}`, { partition: Number(partition), owner });
      else noted.delete(`${partition} ${owner}`);
    }
    return [...noted.values()];
  }

  #write(sign: '+' | '-', { partition, owner }: Erased): void {
    const file = openSync(this.#file, 'a', 0o600);
    try {
      writeSync(file, `${sign} ${partition} ${owner}.\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}
