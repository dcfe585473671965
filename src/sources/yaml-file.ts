/**
 * Reads one YAML file against a schema, and knows the line of every value in it. It exists so that each fault in a
 * file written by hand is told as `file:line: what is wrong`, all of them at once. It never repairs a value.
 */
import { readFileSync } from 'node:fs';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

type Path = readonly PropertyKey[];

/** All faults of one or more files, one a line; `hint` is printed after them. */
export class FileFaults extends Error {
  readonly faults: string[];

  constructor(faults: string[], hint = '') {
    super([...faults, ...(hint === '' ? [] : ['', hint])].join('\n'));
    this.name = 'FileFaults';
    this.faults = faults;
  }
}

type Issue = { path: Path; message: string };

export class YamlFile<T> {
  readonly file: string;
  /** What the file says, checked or not; null when it is no YAML. */
  readonly raw: unknown;
  /** Null when anything in it is wrong. */
  readonly value: T | null;
  readonly faults: string[];
  readonly #document: Document;
  readonly #lines = new LineCounter();

  /** `more` finds what a schema cannot say, also in a file that the schema refuses. */
  constructor(
    file: string,
    schema: z.ZodType<T>,
    more?: (raw: unknown, lineOf: (path: Path) => number) => Issue[],
  ) {
    this.file = file;
    this.#document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: this.#lines });
    const broken = this.#document.errors.length > 0;
    this.raw = broken ? null : this.#document.toJS();
    const result = broken ? null : schema.safeParse(this.raw);
    const misfits = (result?.error?.issues ?? []).map((issue) => ({
      path: issue.path,
      message: [issue.path.filter((part, i) => i > 0 || typeof part !== 'number').join('.'), saidOf(issue)]
        .filter((part) => part !== '')
        .join(': '),
    }));
    const issues = [...misfits, ...(broken ? [] : (more?.(this.raw, (path) => this.lineOf(path)) ?? []))];
    this.faults = broken
      ? this.#document.errors.map(
          ({ pos, message }) =>
            `${file}:${this.#lines.linePos(pos[0]).line}: ${message.split(/ at line|\n/)[0]}`,
        )
      : issues
          .toSorted((one, other) => this.lineOf(one.path) - this.lineOf(other.path))
          .map(({ path, message }) => this.fault(path, message));
    this.value = this.faults.length === 0 ? (result?.data ?? null) : null;
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

/** What is wrong with the name of a key is said by the rule for names, not by the record around it. */
const saidOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join(', ') : issue.message;

/** The value of a file that must be right. @throws FileFaults */
export function loadYaml<T>(
  file: string,
  schema: z.ZodType<T>,
  more?: ConstructorParameters<typeof YamlFile<T>>[2],
): T {
  const read = new YamlFile(file, schema, more);
  if (read.value === null) throw new FileFaults(read.faults);
  return read.value;
}
