/**
 * Lists on the command line, from a file and from a server on loopback: what is kept, what is held back until a person
 * decides, what the clinic knows beside them, and what people near a place are shown of it all.
 */

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inProcess } from './fakes/in-process.ts';
import { emptyFolder } from './fakes/running.ts';

const command = async (args: string[], settings: Record<string, string>) => {
  const { stdout, stderr, code } = await inProcess(args, settings);
  return { refused: code !== 0, text: stdout + stderr };
};

const heading = 'Gruppe;Dag;Tid;Adresse;Postnr;Sted;Type';
const row = (name: string, day = 'tirsdag') => `${name};${day};19:00;Storgata 1;4611;Kristiansand;Åpent`;

test('a list is taken in, shown, held back when it shrinks, and beside it stands what is known', async () => {
  const folder = emptyFolder();
  const file = join(folder, 'agder.csv');
  const settings = { DATA_DIR: join(folder, 'data') };
  const blimed = (...args: string[]) => command(args, settings);
  const take = (rows: string[], ...more: string[]) => {
    writeFileSync(file, [heading, ...rows].join('\n'));
    return blimed('import', file, '--format', 'csv', '--fellowship', 'AA', '--lang', 'en', ...more);
  };
  const four = ['Havna', 'Broen', 'Brygga', 'Odden'].map((name) => row(name));
  expect((await take(four, '--dry-run')).text).toContain('Dry run, nothing was kept. It would be: 4 new');
  expect((await take(four)).text).toContain('Taken in: 4 new, 0 changed, 0 gone.');

  const half = await take([row('Havna', 'onsdag'), row('Broen')]);
  expect(half.text).toContain('HELD BACK');
  expect(await blimed('lists', '--accept', 'agder')).toEqual({ refused: false, text: 'It counts now.\n' });

  const shown = async () => {
    const { text } = await blimed(
      'meetings',
      '--near',
      '4611',
      '--at',
      '2026-11-23T12:00',
      '--limit',
      '9',
      '--json',
    );
    const found = JSON.parse(text).meetings as { id: string; name: string; date: string }[];
    return found.filter(({ id }) => id.startsWith('agder'));
  };
  const [broen] = (await shown()).filter(({ name }) => name === 'Broen');
  expect(broen?.date).toBe('2026-11-24');
  expect((await blimed('know', broen!.id, '--pause', '2026-11-24')).text).toBe('Noted.\n');
  expect((await shown()).find(({ name }) => name === 'Broen')?.date).toBe('2026-12-01');
  expect((await blimed('know')).text).toBe(`${broen!.id}\n  does not run 2026-11-24\n`);
});

test('a source on the web is asked by the contact that was set, and by nobody without one', async () => {
  const agents: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    agents.push(request.headers['user-agent']);
    response.end([heading, row('Havna')].join('\n'));
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.csv`;
  const args = ['import', url, '--format', 'csv', '--fellowship', 'AA', '--source', 'krs', '--lang', 'en'];
  const DATA_DIR = emptyFolder();
  try {
    expect(await command(args, { DATA_DIR })).toMatchObject({
      refused: true,
      text: expect.stringMatching(/^LISTS_CONTACT: needed/),
    });
    expect(agents).toEqual([]);
    const contact = 'https://klinikken.example/kontakt';
    const { text } = await command(args, { DATA_DIR, LISTS_CONTACT: contact });
    expect(text).toContain('Taken in: 1 new');
    expect(agents).toEqual([`BliMed/1.0 (+${contact})`]);
    expect((await command(['lists'], { DATA_DIR })).text).toMatch(/^krs {2}AA {2}1 meetings {2}fresh /);
  } finally {
    server.close();
  }
});
