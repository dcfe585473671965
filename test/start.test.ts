/**
 * The entry under a Node that cannot run the program: one sentence that says what to do, and no success. The older
 * Node is this one with the features taken away, so the test needs no other installed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const entry = fileURLToPath(new URL('../src/start.js', import.meta.url));

test.each(['--no-harmony-temporal', '--no-strip-types'])('with %s it says what to do', (flag) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [flag, entry], { encoding: 'utf8' });
  expect(stderr).toBe('Bli med needs Node 26: run npm ci without --ignore-scripts, or install Node 26\n');
  expect(stdout).toBe('');
  expect(status).toBe(1);
});

test('an older Node can read it', () => {
  const source = ts.createSourceFile(entry, readFileSync(entry, 'utf8'), ts.ScriptTarget.Latest, true);
  expect(source.statements.map((statement) => ts.SyntaxKind[statement.kind])).toEqual(['IfStatement']);
  const plain = (target: ts.ScriptTarget) =>
    ts.transpileModule(source.text, { compilerOptions: { target, module: ts.ModuleKind.ESNext } }).outputText;
  expect(plain(ts.ScriptTarget.ES2020)).toBe(plain(ts.ScriptTarget.ESNext));
});
