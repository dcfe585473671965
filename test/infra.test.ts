/**
 * The files for those who run the program, held against the program: every figure, setting, command, route and file that
 * they name is there, the units are shut in, and the nightly backup does what it says. It must never touch the machine's
 * own services.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig, settingsTable } from '../src/config.ts';
import { Lists } from '../src/engine/lists.ts';
import { ownClinic } from '../src/engine/program.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import { commandLine } from '../src/tools/command-line.ts';
import { emptyFolder } from './fakes/running.ts';
import { Rig, reference } from './rig.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a file holds is looked at, not relied on
type Parsed = any;

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const here = (command: string): boolean => spawnSync('which', [command]).status === 0;
const runbook = read('infra/RUNBOOK.md');

/** What GitHub makes of a heading. */
const anchors = new Set(
  [...runbook.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  ),
);
const settings = new Set([...settingsTable().matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name));

type Alert = { alert: string; expr: string; labels: Parsed; annotations: Parsed };
const alerts: Alert[] = parse(read('infra/prometheus/alerts.yaml')).groups.flatMap(
  (group: Parsed) => group.rules,
);
const dashboard: Parsed = JSON.parse(read('infra/grafana/bli-med.json'));
const queries: { expr: string; legendFormat: string }[] = dashboard.panels.flatMap(
  (panel: Parsed) => panel.targets,
);

describe('alerts and dashboard', () => {
  let text = '';
  /** Name of a series -> its labels, as Prometheus would read them. */
  const given = new Map<string, Set<string>>();

  beforeAll(async () => {
    const store = new SqliteStore(':memory:');
    const { vault, clock, engine } = await Rig.open({ store });
    const lists = new Lists({ vault, directory: engine.directory, clinic: ownClinic, clock, reference });
    engine.metrics.watch({ store, vault, clock, lists });
    engine.metrics.turn('said', 'parked', 0);
    engine.metrics.send('telegram', 'sent');
    engine.metrics.delivered(1, 0);
    const source = { id: 'na', format: 'csv', url: null, fellowship: 'NA', zone: 'Europe/Oslo' } as const;
    await lists.take(source, []);
    text = await engine.metrics.text();
    for (const [, name = '', labels = ''] of text.matchAll(/^(blimed_\w+)(?:\{(.*)\})? /gm)) {
      given.set(name, new Set([...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label)));
    }
  });

  const all = [...alerts, ...queries].map(({ expr }) => expr);

  test.each(all)('%s asks for what the program gives', (expr) => {
    const asked = [...expr.matchAll(/\b(blimed_\w+)(?:\{(.*?)\})?/g)];
    expect(asked.length).toBeGreaterThan(0);
    const labels = new Set<string>();
    for (const [, name = '', matchers = ''] of asked) {
      expect([...given.keys()]).toContain(name);
      for (const label of given.get(name)!) labels.add(label);
      const help = new RegExp(`^# HELP ${name.replace(/_(bucket|sum|count)$/, '')} (.*)$`, 'm').exec(
        text,
      )?.[1];
      for (const [, label = '', value = ''] of matchers.matchAll(/(\w+)[!=]~?"(.*?)"/g)) {
        expect([...given.get(name)!]).toContain(label);
        for (const one of value.split('|')) expect(help).toMatch(new RegExp(`\\b${one}\\b`));
      }
    }
    for (const [, by = ''] of expr.matchAll(/\bby \((.*?)\)/g)) {
      for (const label of by.split(', ')) expect([...labels]).toContain(label);
    }
  });

  test.each(alerts)('$alert tells how urgent it is and where it is explained', ({ alert, ...rest }) => {
    expect(['page', 'ticket']).toContain(rest.labels.severity);
    expect(rest.annotations.summary).toMatch(/\.$/);
    expect(rest.annotations.runbook).toBe(`infra/RUNBOOK.md#${alert.toLowerCase()}`);
    expect([...anchors]).toContain(alert.toLowerCase());
    const by = /\bby \((.*?)\)/.exec(rest.expr)?.[1]?.split(', ') ?? [];
    for (const [, label] of rest.annotations.summary.matchAll(/\$labels\.(\w+)/g))
      expect(by).toContain(label);
  });

  test('the runbook explains no alert that is not there', () => {
    const explained = [...runbook.matchAll(/^### (BliMed\w+)$/gm)].map(([, name]) => name);
    expect(explained).toEqual(alerts.map(({ alert }) => alert));
  });

  test('the panels have ids of their own, do not overlap, and name the labels they have', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }: Parsed) => id)).size).toBe(panels.length);
    const squares = panels.flatMap(({ gridPos: { x, y, w, h } }: Parsed) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(squares).size).toBe(squares.length);
    for (const { expr, legendFormat } of queries)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect(expr).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`));
  });

  test.runIf(here('promtool'))(
    'Prometheus itself reads the rules, and they do what they are meant to',
    () => {
      const { status, stderr } = spawnSync(
        'promtool',
        ['test', 'rules', join(root, 'infra/prometheus/alerts.test.yaml')],
        { encoding: 'utf8' },
      );
      expect([status, stderr]).toEqual([0, '']);
    },
  );
});

describe('the runbook', () => {
  const commands = new Map(commandLine({ start: async () => {} }).commands.map((one) => [one.name(), one]));
  const ours = [...runbook.matchAll(/(?:\bblimed|src\/start\.js) ([a-z]+)\b([^`]*)`/g)];

  test('names commands and options that there are', () => {
    expect(ours.length).toBeGreaterThan(10);
    for (const [, name = '', rest = ''] of ours) {
      const options = commands.get(name)?.options.map(({ long }) => long);
      expect([name, options]).toEqual([name, expect.any(Array)]);
      for (const [option] of rest.split('&&')[0]!.matchAll(/--[a-z-]+/g)) expect(options).toContain(option);
    }
  });

  test('names settings, files, places in itself, and entries of the log that there are', () => {
    for (const [, name = ''] of runbook.matchAll(/\b([A-Z]+_[A-Z_]+)\b/g))
      expect([...settings]).toContain(name);
    for (const [path] of runbook.matchAll(/\b(?:infra|content)\/[\w./-]*\w/g))
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    for (const [, anchor] of runbook.matchAll(/\]\(#(.*?)\)/g)) expect([...anchors]).toContain(anchor);
    const folders = ['src', 'src/engine', 'src/store', 'src/channels'];
    const sources = folders.flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => read(`${folder}/${name}`)),
    );
    const entries = ['turn', 'timer', 'beat', 'delivery', 'not', 'no', 'store'].join('|');
    const named = [...runbook.matchAll(new RegExp(`\`((?:${entries})-[a-z-]+)\``, 'g'))].map(
      ([, name]) => name,
    );
    expect(named.length).toBeGreaterThan(5);
    for (const name of named)
      expect([name, sources.some((source) => source.includes(`event: '${name}'`))]).toEqual([name, true]);
  });
});

describe('one server', () => {
  const units = readdirSync(join(root, 'infra/systemd')).filter((name) => /\.(service|timer)$/.test(name));
  const example = parseEnv(read('infra/systemd/env.example'));
  /** All values of each key, whatever the section. */
  const unit = (name: string): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    for (const [, key = '', value = ''] of read(`infra/systemd/${name}`).matchAll(/^(\w+)=(.*)$/gm))
      found.set(key, [...(found.get(key) ?? []), value]);
    return found;
  };

  test('the settings of the example are ones with which the program runs in production', () => {
    expect(readConfig(example)).toMatchObject({ mode: 'production', dataDir: '/var/lib/bli-med' });
    for (const [, name = ''] of read('infra/systemd/env.example').matchAll(/^#?([A-Z_]+)=/gm))
      expect([...settings]).toContain(name);
  });

  test.each(units.filter((name) => name.endsWith('.service')))('%s is shut in', (name) => {
    const one = unit(name);
    const exactly = {
      ...{ User: 'bli-med', Group: 'bli-med', ProtectSystem: 'strict', ProtectHome: 'true', UMask: '0077' },
      ...{ NoNewPrivileges: 'true', CapabilityBoundingSet: '', PrivateTmp: 'true', PrivateDevices: 'true' },
      ...{
        StateDirectoryMode: '0700',
        EnvironmentFile: '/etc/bli-med/env',
        WorkingDirectory: '/opt/bli-med',
      },
    };
    for (const [key, value] of Object.entries(exactly)) expect([key, one.get(key)]).toEqual([key, [value]]);
    const folders = one
      .get('StateDirectory')![0]!
      .split(' ')
      .map((folder) => `/var/lib/${folder}`);
    expect(folders).toContain(example.DATA_DIR);
    const [command = '', ...words] = one.get('ExecStart')![0]!.split(' ');
    for (const path of [command, ...words.filter((word) => word.startsWith('src/'))])
      expect([path, existsSync(path.replace('/opt/bli-med', root).replace(/^src/, `${root}/src`))]).toEqual([
        path,
        true,
      ]);
    for (const path of words.filter((word) => word.startsWith('/'))) expect(folders).toContain(path);
  });

  test('the program comes back by itself, and the backup comes every night', () => {
    expect(unit('bli-med.service').get('Restart')).toEqual(['always']);
    expect(unit('bli-med.service').get('StartLimitIntervalSec')).toEqual(['0']);
    expect(unit('bli-med-backup.timer').get('OnCalendar')).toEqual(['*-*-* 03:40:00']);
    expect(unit('bli-med-backup.timer').get('Persistent')).toEqual(['true']);
  });

  test.runIf(here('systemd-analyze'))('systemd finds no fault in the units', () => {
    const folder = emptyFolder();
    for (const name of units)
      writeFileSync(
        join(folder, name),
        read(`infra/systemd/${name}`).replaceAll('/opt/bli-med', root.replace(/\/$/, '')),
      );
    const paths = units.map((name) => join(folder, name));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('the nightly backup', () => {
  const old = (path: string, days: number) => {
    const then = Date.now() / 1000 - days * 24 * 3600 - 60;
    writeFileSync(path, 'x');
    utimesSync(path, then, then);
  };
  const run = (
    backups: string,
    erased: string,
    DATA_DIR: string,
    key = Buffer.alloc(32, 7).toString('base64'),
  ) =>
    spawnSync(join(root, 'infra/backup.sh'), [backups, erased], {
      cwd: root,
      env: {
        PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
        DATA_DIR,
        MASTER_KEY: key,
        CLINIC_NAME: 'x',
      },
      encoding: 'utf8',
    });

  test('is made, with who was erased beside it, and what is thirty days old goes', () => {
    const [data, backups, erased] = [emptyFolder(), emptyFolder(), emptyFolder()];
    writeFileSync(join(data, 'erased.log'), '+ 3 somebody.\n');
    old(join(backups, 'bli-med-a.backup'), 30);
    old(join(backups, 'bli-med-b.backup'), 29);
    old(join(backups, 'something else'), 90);
    old(join(erased, 'erased-a.log'), 60);
    old(join(erased, 'erased-b.log'), 31);
    expect(run(backups, erased, data)).toMatchObject({ status: 0, stderr: '' });
    const [fresh = '', ...rest] = readdirSync(backups).toSorted();
    expect(fresh).toMatch(/^bli-med-\d{4}-\d\d-\d\dT\d{6}Z\.backup$/);
    expect(readFileSync(join(backups, fresh), 'latin1')).toMatch(/^BLI MED BACKUP/);
    expect(rest).toEqual(['bli-med-b.backup', 'something else']);
    const [copy = '', kept] = readdirSync(erased).toSorted();
    expect(readFileSync(join(erased, copy), 'utf8')).toBe('+ 3 somebody.\n');
    expect(kept).toBe('erased-b.log');
  });

  test('that fails deletes nothing', () => {
    const [data, backups] = [emptyFolder(), emptyFolder()];
    old(join(backups, 'bli-med-a.backup'), 90);
    expect(run(backups, emptyFolder(), data, 'no key').status).not.toBe(0);
    expect(readdirSync(backups)).toEqual(['bli-med-a.backup']);
  });
});
