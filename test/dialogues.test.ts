/**
 * The dialogues are checked before the program starts: one broken file in test/broken per rule, put among the real
 * dialogues, must give exactly the faults that its own comments name, on those very lines. No fault may hide behind another.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from '../src/engine/program.ts';
import { loadDialogues } from '../src/sources/dialogues.ts';
import { FileFaults } from '../src/sources/yaml-file.ts';

const broken = join(import.meta.dirname, 'broken');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dialogues-'));
  copyTo(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

function copyTo(place: string): void {
  for (const part of ['dialogs', 'content']) cpSync(join(root, part), join(place, part), { recursive: true });
}

/** Every fault of the dialogues in the folder, with paths as seen from there. */
function faults(): string[] {
  try {
    loadDialogues(join(folder, 'dialogs'), join(folder, 'content'));
    return [];
  } catch (error) {
    if (!(error instanceof FileFaults)) throw error;
    return error.faults.map((fault) => fault.replaceAll(`${folder}/`, ''));
  }
}

/** Everything that is printed when the program does not start. */
function message(): string {
  try {
    loadDialogues(join(folder, 'dialogs'), join(folder, 'content'));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Puts a broken file in its place. It has a part for each file that it stands for, and every line keeps its number.
 * @returns the faults that its comments name
 */
function put(text: string): string[] {
  let line = 0;
  for (const part of text.split(/^---$/m)) {
    const file = /^# file: (.+)$/m.exec(part)?.[1];
    if (!file) throw new Error('a part does not say which file it is: # file: dialogs/x.yaml');
    writeFileSync(join(folder, file), '\n'.repeat(line) + part);
    line += part.split('\n').length - 1;
  }
  return [...text.matchAll(/^# fault: (.+)$/gm)].map(([, fault = '']) => fault);
}

/** A broken dialogue stands in for a real one, whose nynorsk words then fit nothing; that is not what it shows. */
const inItself = (found: string[]): string[] => found.filter((fault) => !fault.startsWith('content/nn/'));

function change(file: string, from: string | RegExp, to: string): void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

test('the real dialogues have no faults', () => {
  expect(faults()).toEqual([]);
});

describe('a broken dialogue gives exactly its faults', () => {
  test.each(readdirSync(broken).map((name) => [name.replace('.yaml', ''), name]))('%s', (_, name) => {
    const expected = put(readFileSync(join(broken, name), 'utf8'));
    expect(inItself(faults())).toEqual(expected);
    expect(expected).not.toEqual([]);
  });
});

describe('what no dialogue owns', () => {
  test('a phrase that is not translated', () => {
    change('content/en/phrases.yaml', /^veil: .*\n/m, '');
    expect(faults()).toEqual(['content/en/phrases.yaml:1: no words in en for phrases.veil']);
  });

  test('a phrase that only the translation has', () => {
    change('content/en/phrases.yaml', /^veil: /m, 'unveil: Look!\nveil: ');
    expect(faults()).toEqual([
      'content/en/phrases.yaml:1: words for phrases.unveil, which the nb dialogue does not have',
    ]);
  });

  test('a dialogue that is not translated at all', () => {
    rmSync(join(folder, 'content/en/plan.yaml'));
    expect(faults()).toContainEqual(
      expect.stringMatching(/^content\/en\/plan\.yaml:1: no words in en for plan\.none\.say\.0$/),
    );
  });

  test('what a language lacks is printed ready to paste, with the Norwegian words above', () => {
    rmSync(join(folder, 'content/en/later.yaml'));
    change('content/en/phrases.yaml', /^veil: .*\n/m, '');
    const text = message();
    expect(text).toContain(
      '# content/en/phrases.yaml lacks words. Fill in and paste:\n# Hei. Du har en beskjed.\nveil: ""',
    );
    const [, pasted = ''] =
      /^# content\/en\/later.yaml lacks words.*\n([\s\S]*?)^# content/m.exec(text) ?? [];
    expect(pasted).toContain('    # Ta den tiden du trenger.\n    - ""\n');
    writeFileSync(join(folder, 'content/en/later.yaml'), pasted.replaceAll('""', 'Some words.'));
    change('content/en/phrases.yaml', /^/, 'veil: Hello.\n');
    expect(faults()).toEqual([]);
  });

  test('words that are there are kept in what is printed', () => {
    change('content/en/later.yaml', 'Shall I ask you again?', '');
    change('content/en/later.yaml', ', ]', ']');
    expect(message()).toContain('    # Ta den tiden du trenger.\n    - "Take the time you need."\n');
  });

  test('a dialogue that is gone, although others lead there', () => {
    rmSync(join(folder, 'dialogs/later.yaml'));
    const found = faults();
    expect(found).toContain('dialogs/later.yaml:1: the program opens later/nudge, which is missing');
    expect(found).toContainEqual(
      expect.stringMatching(/^dialogs\/meeting\.yaml:\d+: no such step: later\/$/),
    );
  });
});

describe('blimed check', () => {
  const check = (place: string) => {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'blimed', '--', 'check'], {
      cwd: place,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  test('says how much there is, and that it is faultless', () => {
    expect(check(root)).toEqual({ status: 0, stderr: '', stdout: expect.stringMatching(/: no faults\n$/) });
  });

  test('prints every fault on a line, and fails', () => {
    for (const part of ['src', 'package.json'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const expected = put(readFileSync(join(broken, 'unknown-conditions.yaml'), 'utf8'));
    expect(check(folder)).toEqual({
      status: 1,
      stdout: '',
      stderr: expected.map((fault) => `${folder}/${fault}\n`).join(''),
    });
  });
});
