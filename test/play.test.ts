/**
 * Playing in the terminal: what is played with --save is a story, and the story comes true when it is told again. It
 * must hold for taps, written words and time that goes by, whatever the date on which it is played.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadReference, root } from '../src/engine/program.ts';
import { loadYaml } from '../src/sources/yaml-file.ts';
import { isAct, type Line, storySchema } from '../src/tools/story.ts';
import { retell } from './retell.ts';

const folder = mkdtempSync(join(tmpdir(), 'play-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Plays what somebody types line by line, and reads the story that was saved. */
function played(
  typed: readonly string[],
  args: readonly string[] = [],
  settings: Record<string, string> = {},
) {
  const file = join(folder, 'story.yaml');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['src/start.js', 'play', ...args, '--save', file],
    {
      cwd: root,
      input: `${typed.join('\n')}\n`,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, TZ: process.env.TZ, ...settings },
    },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return { story: loadYaml(file, storySchema), stdout };
}

const kinds = (lines: readonly Line[]) => lines.map((line) => Object.keys(line)[0]);

test.each([
  [
    'the way in to a plan, and three days more',
    ['1', '1', '4616', '3', '2', '2', '1', '2', '1', '1', '1', '1', '3', '+', '1', '+P3D', '.'],
    [],
    {},
  ],
  [
    'a talk in English, with own words',
    ['I hate the word God', '1', 'yes', '+PT90S', 'HELP', '.'],
    ['religion', '--lang', 'en'],
    {},
  ],
  [
    'a clinic with another name, which reads notices',
    ['5', '2', '1', '+PT36H', '.'],
    ['help'],
    { CLINIC_NAME: 'Klinikken ved fjorden', CLINIC_READS: 'hverdager', ZONE: 'America/St_Johns' },
  ],
])('%s: as it was played, so it is told again', async (_, typed, args, settings) => {
  const { story } = played(typed, args, settings);
  expect(kinds(story.lines)).toContain('hears');
  expect(story.lines.filter(isAct)).toHaveLength(typed.length);
  const told = await retell(story, loadReference('content/meetings/demo.yaml'));
  expect(told).toEqual(story.lines);
});

test('what is typed is shown as a conversation, with numbered choices', () => {
  const { stdout } = played(['3', '.']);
  expect(stdout).toContain('  [1] Norsk\n  [2] Nynorsk\n  [3] English\n');
  expect(stdout).toContain('  [1] Yes, and I am 18 or over\n');
});

test('a dialogue that is not there is refused in one line', () => {
  const { status, stderr } = spawnSync(process.execPath, ['src/start.js', 'play', 'nothing'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect([status, stderr.split('\n')[0]]).toEqual([
    1,
    expect.stringContaining('There is no dialogue nothing.'),
  ]);
});
