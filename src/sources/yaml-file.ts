/**
 * Reads one YAML file against a schema, and knows the line of every value in it. It exists so that each fault in a
 * file written by hand is told as `file:line: what is wrong`, all of them at once. It never repairs a value.
 */
import { readFileSync } from 'node:fs';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

type Path = readonly PropertyKey[];

/** All faults of one or more files, one a line. */
export class FileFaults extends Error {
  readonly faults: string[];

  constructor(faults: string[]) {
    super(faults.join('\n'));
    this.name = 'FileFaults';
    this.faults = faults;
  }
}

export class YamlFile<T> {
  readonly file: string;
  readonly faults: string[];
  readonly value: T | null;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  constructor(file: string, schema: z.ZodType<T>) {
    this.file = file;
    this.#document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: this.#lines });
    const syntax = this.#document.errors.map(
      ({ pos, message }) => `${file}:${this.#lines.linePos(pos[0]).line}: ${message.split(/ at line|\n/)[0]}`,
    );
    const result = syntax.length === 0 ? schema.safeParse(this.#document.toJS()) : null;
    this.value = result?.data ?? null;
    this.faults = [
      ...syntax,
      ...(result?.error?.issues ?? []).map(({ path, message }) =>
        this.fault(path, [path.join('.'), message].filter((part) => part !== '').join(': ')),
      ),
    ];
  }

  /** `file:line: message` for the value at a path, or for the nearest thing around it that is there. */
  fault(path: Path, message: string): string {
    return `${this.file}:${this.lineOf(path)}: ${message}`;
  }

  lineOf(path: Path): number {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return this.#lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

/** The value of a file that must be right. @throws FileFaults */
export function loadYaml<T>(file: string, schema: z.ZodType<T>): T {
  const read = new YamlFile(file, schema);
  if (read.value === null) throw new FileFaults(read.faults);
  return read.value;
}
