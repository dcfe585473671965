/**
 * Holds the shape of the house: which part of src may import which, what the pure core may touch, where the clock
 * and chance are asked, and how files begin and are called. It reads the code with TypeScript's own parser and never
 * runs it. Each rule is shown on an invented file that breaks it, so that a rule which has stopped looking is seen.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = Object.keys(JSON.parse(readFileSync(`${root}package.json`, 'utf8')).dependencies);

/** What each part may import besides itself. `ground` is what all but the core stand on, beside the floors. */
const below: Record<string, readonly string[]> = {
  core: [],
  ground: [],
  store: ['core', 'ground'],
  channels: ['core', 'ground'],
  sources: ['core', 'ground'],
  engine: ['store', 'channels', 'sources', 'core', 'ground'],
  web: ['engine', 'store', 'channels', 'sources', 'core', 'ground'],
  tools: ['engine', 'store', 'channels', 'sources', 'core', 'ground'],
  main: ['web', 'tools', 'engine', 'store', 'channels', 'sources', 'core', 'ground'],
  start: ['main'],
};
const ground = ['config', 'log', 'secret', 'shapes'];
const asksNow = ['engine', 'tools', 'main'];
const outside =
  /^(process|crypto|performance|fetch|console|globalThis|set(Timeout|Interval|Immediate)|queueMicrotask)$/;

/** The part of the house in which a file lies (its path is relative to src); undefined when it is in none. */
function partOf(path: string): string | undefined {
  const first = path.split('/')[0] ?? '';
  const name = path.includes('/') ? first : ground.includes(stem(path)) ? 'ground' : stem(path);
  return Object.hasOwn(below, name) ? name : undefined;
}

const stem = (path: string): string => posix.basename(path).replace(/\..*$/, '');

/** What a file breaks, one line each: where, and what to do about it. */
function faults(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const fault = (node: ts.Node, says: string) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    found.push(`${path}:${line + 1} ${says}`);
  };
  const part = partOf(path);
  if (part === undefined) return [`${path}:1 lies in no part of the house that DESIGN.md names`];
  if (/^(types|utils|helpers|common|index)$/.test(stem(path))) fault(file, 'is named after everything');
  if (!opensWithComment(text)) fault(file, 'does not open with a comment that says what it is');

  const visit = (node: ts.Node): void => {
    const imported = importedBy(node);
    if (imported !== undefined) {
      const says = imported === null ? 'imports what cannot be read here' : importFault(path, part, imported);
      if (says) fault(node, says);
    }
    if (asksForNow(node) && !asksNow.includes(part))
      fault(node, 'asks for now or for chance: let it come with the event');
    if (readsEnvironment(node) && !['config.ts', 'start.js'].includes(path))
      fault(node, 'reads the environment: let config.ts do it');
    if (part === 'core' && isImpure(node)) fault(node, 'makes the core impure');
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function opensWithComment(text: string): boolean {
  const code = text.replace(/^#!.*\n/, '');
  const comments = ts.getLeadingCommentRanges(code, 0) ?? [];
  const words = comments
    .map(({ pos, end }) => code.slice(pos, end).replace(/@ts-check|[/*\s]+/g, ' '))
    .join(' ');
  return code.trimStart().startsWith('/') && words.trim().length >= 40;
}

/** The module that a node imports, null when only running it would tell; undefined when it imports none. */
function importedBy(node: ts.Node): string | null | undefined {
  let from: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) from = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node))
    from = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  else if (ts.isCallExpression(node)) {
    const { kind } = node.expression;
    const loads = kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require';
    if (loads) from = node.arguments[0] ?? node;
  }
  if (from === undefined) return undefined;
  return ts.isStringLiteralLike(from) ? from.text : null;
}

function importFault(path: string, part: string, imported: string): string | null {
  if (imported.startsWith('.')) {
    const target = posix.join(posix.dirname(path), imported);
    const other = target.startsWith('..') ? undefined : partOf(target);
    if (other === undefined) return `imports ${imported}, which is in no part of the house`;
    if (other !== part && !below[part]?.includes(other))
      return `imports ${imported}: ${part} may not know ${other}`;
    const rule = /^core\/rules\/([^/.]+)/;
    const [mine, theirs] = [rule.exec(path)?.[1], rule.exec(target)?.[1]];
    return mine && theirs && mine !== theirs ? `imports ${imported}: rules do not know each other` : null;
  }
  const name = imported
    .split('/')
    .slice(0, imported.startsWith('@') ? 2 : 1)
    .join('/');
  if (part === 'core') {
    const pure = ['zod', 'intl-messageformat', ...(path === 'core/calendar.ts' ? ['ical-generator'] : [])];
    return pure.includes(name) ? null : `imports ${imported}, which the pure core may not`;
  }
  if (imported.startsWith('node:') || packages.includes(name)) return null;
  return `imports ${imported}, which is no dependency in package.json (Node's own begin with node:)`;
}

function asksForNow(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return node.expression.getText() === 'Date' && !node.arguments?.length;
  if (ts.isCallExpression(node)) return node.expression.getText() === 'Date';
  return ['Date.now', 'Math.random', 'Temporal.Now'].includes(member(node));
}

function readsEnvironment(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) return /^(node:)?process$/.test(importedBy(node) ?? '');
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name))
    return node.initializer?.getText() === 'process';
  return /(^|\.)process\.env$/.test(member(node));
}

/** 'a.b' for a.b, a?.b and a['b']; '' for all else. */
function member(node: ts.Node): string {
  if (ts.isPropertyAccessExpression(node)) return `${node.expression.getText()}.${node.name.text}`;
  if (!ts.isElementAccessExpression(node) || !ts.isStringLiteralLike(node.argumentExpression)) return '';
  return `${node.expression.getText()}.${node.argumentExpression.text}`;
}

function isImpure(node: ts.Node): boolean {
  if (node.kind === ts.SyntaxKind.AwaitKeyword || node.kind === ts.SyntaxKind.AsyncKeyword) return true;
  if (ts.isAwaitExpression(node)) return true;
  if (!ts.isIdentifier(node) || !outside.test(node.text)) return false;
  const { parent } = node;
  const isName = 'name' in parent && parent.name === node;
  return !isName && !ts.isTypeReferenceNode(parent);
}

const tree = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.(ts|js|mts|mjs)$/.test(path));

describe('the house', () => {
  test.each(tree)('src/%s keeps to it', (path) => {
    expect(faults(path, readFileSync(`${root}src/${path}`, 'utf8'))).toEqual([]);
  });

  test('the rules are looked at for every part of it', () => {
    expect(tree).toContain('config.ts');
    expect(new Set(tree.map(partOf))).toContain('core');
  });
});

const opening = '/** An invented file, which shows what a rule of the house catches. */\n';

describe('a file breaks the rules of the house when', () => {
  test.each([
    [
      'the core imports the store',
      'core/time.ts',
      "import { open } from '../store/port.ts';",
      'core may not know store',
    ],
    [
      'the core imports even a type',
      'core/time.ts',
      "import type { Log } from '../log.ts';",
      'core may not know ground',
    ],
    [
      'a type is imported in passing',
      'core/time.ts',
      "let log: import('../log.ts').Log;",
      'core may not know ground',
    ],
    [
      'something is exported from above',
      'store/port.ts',
      "export * from '../engine/wake.ts';",
      'store may not know engine',
    ],
    [
      'the store imports a channel',
      'store/port.ts',
      "import '../channels/port.ts';",
      'store may not know channels',
    ],
    [
      'the engine imports the web',
      'engine/wake.ts',
      "await import('../web/pages.ts');",
      'engine may not know web',
    ],
    ['the web imports a tool', 'web/pages.ts', "import '../tools/play.ts';", 'web may not know tools'],
    ['a tool imports main', 'tools/play.ts', "import { main } from '../main.ts';", 'tools may not know main'],
    ['config imports the core', 'config.ts', "import './core/time.ts';", 'ground may not know core'],
    [
      'a rule imports its sibling',
      'core/rules/talk.ts',
      "import { stop } from './stop.ts';",
      'rules do not know each other',
    ],
    ['the core imports from Node', 'core/time.ts', "import { join } from 'node:path';", 'pure core may not'],
    ['the core imports a library', 'core/time.ts', "import { parse } from 'yaml';", 'pure core may not'],
    ['the core makes a calendar elsewhere', 'core/time.ts', "import 'ical-generator';", 'pure core may not'],
    ['an import is hidden', 'web/pages.ts', 'await import(name);', 'imports what cannot be read here'],
    ['an import leaves src', 'web/pages.ts', "import '../../test/run.ts';", 'in no part of the house'],
    ['a package is for developers only', 'web/pages.ts', "import ts from 'typescript';", 'no dependency'],
    ['it lies nowhere', 'misc/a.ts', '', 'lies in no part'],
    ['it lies loose in src', 'more.ts', '', 'lies in no part'],
    ['it is named after everything', 'core/dialog/index.ts', '', 'named after everything'],
    ['the core awaits', 'core/time.ts', 'const a = async () => { await b; };', 'impure'],
    ['the core asks the machine', 'core/time.ts', 'const id = crypto.randomUUID();', 'impure'],
    ['the core waits', 'core/time.ts', 'setTimeout(() => {}, 1);', 'impure'],
    ['the web asks for now', 'web/pages.ts', 'const now = Date.now();', 'asks for now'],
    ['a channel makes a date of now', 'channels/port.ts', 'const now = new Date();', 'asks for now'],
    ['a source asks Temporal', 'sources/places.ts', 'const now = Temporal.Now.instant();', 'asks for now'],
    ['the store throws dice', 'store/port.ts', "const a = Math['random']();", 'asks for now or for chance'],
    ['main reads the environment', 'main.ts', 'const key = process.env.MASTER_KEY;', 'reads the environment'],
    [
      'a tool takes the environment apart',
      'tools/play.ts',
      'const { env } = process;',
      'reads the environment',
    ],
    [
      'a tool imports the environment',
      'tools/play.ts',
      "import { env } from 'node:process';",
      'reads the environment',
    ],
  ])('%s', (_, path, code, says) => {
    expect(faults(path, opening + code).join('\n')).toContain(says);
  });

  test.each([
    '',
    'const a = 1; // what it is stands too late, however long it is',
    '// @ts-check\n',
    '/** Short. */\n',
  ])('it opens with %j', (text) => {
    expect(faults('web/page.js', text).join()).toContain('does not open with a comment');
  });
});

test.each([
  [
    'core/rules/talk.ts',
    "import { z } from 'zod';\nimport { next } from '../dialog/step.ts';\nimport './talk/greet.ts';",
  ],
  [
    'core/calendar.ts',
    "import ical from 'ical-generator';\nconst at = new Date(0);\nconst a = { process: 1 };",
  ],
  ['engine/wake.ts', "import { now } from './clock.ts';\nconst at = Date.now() + Math.random();"],
  [
    'main.ts',
    "import './web/pages.ts';\nimport './tools/play.ts';\nprocess.exitCode = Temporal.Now.instant().epochMilliseconds;",
  ],
  [
    'web/page.js',
    "import { Hono } from 'hono/tiny';\nimport { html } from '@hono/node-server/serve-static';",
  ],
])('a file may do what belongs to its part: %s', (path, code) => {
  expect(faults(path, opening + code)).toEqual([]);
});
