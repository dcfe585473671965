/**
 * Every story in test/stories, told again on the real engine: what happened must be what is written, message for message.
 * With UPDATE_STORIES=1 the written side is made to follow; then somebody has to read the difference.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Document, isSeq, type Node, parseDocument, Scalar } from 'yaml';
import { loadReference } from '../src/engine/program.ts';
import { loadYaml } from '../src/sources/yaml-file.ts';
import { type Line, type Story, storySchema } from '../src/tools/story.ts';
import { retell } from './retell.ts';

const folder = join(import.meta.dirname, 'stories');
const update = process.env.UPDATE_STORIES === '1';
const reference = loadReference('content/meetings/demo.yaml');

const stories = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .sort()
  .map((name) => {
    const file = join(folder, name);
    return { name, file, story: loadYaml(file, storySchema) };
  });

test('no two stories have the same title', () => {
  const titles = stories.map(({ story }) => story.title);
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
});

test.each(stories.map((one) => [one.story.title, one] as const))('%s', async (_, { name, file, story }) => {
  const told = await retell(story, reference);
  if (update) follow(file, story, told);
  else expect(told, `test/stories/${name}`).toEqual(story.lines);
});

describe('a story does not come true when', () => {
  const lines: Line[] = [
    { begins: 'later', language: 'nb' },
    { hears: '... Skal jeg spørre deg igjen?' },
    { offers: ['I morgen', 'Om tre dager', 'Om en uke', 'Nei, jeg sier fra selv'] },
    { taps: 'I morgen' },
    { hears: 'Fint. ...' },
    { keeps: { paused: null } },
    { moves: 'P2D' },
    { hears: '... det å gå på møte. ...', at: '2026-03-03 12:00' },
  ];
  const story = (told: Line[]) =>
    storySchema.parse({ title: 'Vil tenke på det', start: '2026-03-02 10:00', lines: told });

  test('it is changed, which this one is not', async () => {
    expect(await retell(story(lines), reference)).toEqual(lines);
  });

  test.each<[string, number, Line[]]>([
    ['a message is left out', 1, []],
    ['a message has other words', 1, [{ hears: 'Skal jeg spørre deg igjen?' }]],
    ['a message begins otherwise', 4, [{ hears: 'Greit. ...' }]],
    ['a message comes at another time', 7, [{ hears: '...', at: '2026-03-03 12:01' }]],
    ['a button is missing', 2, [{ offers: ['I morgen', 'Om tre dager', 'Om en uke'] }]],
    ['a file is expected that never comes', 2, [{ gets: 'avtale.ics' }]],
    ['something else is kept', 5, [{ keeps: { paused: 1 } }]],
    ['nothing should have been kept', 5, [{ keeps: null }]],
    ['silence is expected', 7, [{ hears_nothing: true }]],
    ['the clinic should have heard of it', 5, [{ clinic_sees: [{ what: 'call-wanted' }] }]],
    ['the message comes to somebody whom it has left', 7, [{ guest: 'en annen' }]],
  ])('%s', async (_, place, instead) => {
    const changed = lines.toSpliced(place, 1, ...instead);
    expect(await retell(story(changed), reference)).not.toEqual(changed);
  });

  test('it names a button that nobody was shown', async () => {
    const changed = lines.toSpliced(3, 1, { taps: 'Om et år' });
    await expect(retell(story(changed), reference)).rejects.toThrow('there is no button Om et år: I morgen,');
  });
});

/** Writes the story as it went, leaving alone every line that came true. */
function follow(file: string, story: Story, told: readonly Line[]): void {
  const document = parseDocument(readFileSync(file, 'utf8'));
  const lines = document.get('lines');
  if (!isSeq(lines)) throw new Error(`${file} has no lines`);
  const nodes = lines.items;
  lines.items = told.map((line) => {
    const place = story.lines.indexOf(line);
    return place < 0 ? written(document, line) : nodes[place];
  });
  writeFileSync(file, document.toString({ lineWidth: 0 }));
}

function written(document: Document, line: Line): Node {
  if (!('hears' in line)) return document.createNode(line);
  const text = new Scalar(wrapped(line.hears));
  text.type = text.value.includes('\n') ? Scalar.BLOCK_LITERAL : Scalar.PLAIN;
  return document.createNode({ ...line, hears: text });
}

/** Short lines, for whoever reads the story. */
const wrapped = (text: string): string =>
  text
    .split('\n')
    .map((line) =>
      line
        .trim()
        .replace(/(.{1,96})(?: |$)/g, '$1\n')
        .trimEnd(),
    )
    .join('\n');
