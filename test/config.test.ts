/**
 * The settings: what a demo and production ask for, that all faults come at once, that no secret is ever shown, and
 * that the README tells the same as the code. It gives the environment by hand and must never read the machine's own.
 */
import { readFileSync } from 'node:fs';
import { format, inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Config, ConfigFaults, publicUrl, readConfig, settingsTable } from '../src/config.ts';
import { createLog } from '../src/log.ts';

const masterKey = Buffer.alloc(32, 7).toString('base64');
const token = '123456789:AAH-invented_token_of_nobody_at_all';
const webhookSecret = 'invented-secret-invented-secret-1';
const production = {
  MASTER_KEY: masterKey,
  CLINIC_NAME: 'Eksempelklinikken',
  MEETINGS_FILE: '/etc/meetings.yaml',
};
const webhook = {
  TELEGRAM_BOT_TOKEN: token,
  TELEGRAM_WEBHOOK_URL: 'https://blimed.example/telegram',
  TELEGRAM_WEBHOOK_SECRET: webhookSecret,
};

/** The names of the faulty variables, in the order of their lines. */
function faultsOf(env: Record<string, string | undefined>): string[] {
  return linesOf(env).map((line) => line.split(':')[0] ?? '');
}

function linesOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    expect(error.message.split('\n')).toEqual(error.faults);
    return error.faults;
  }
}

describe('a demo', () => {
  test('needs no settings', () => {
    expect(readConfig({})).toEqual({
      mode: 'demo',
      masterKey: null,
      crashAt: null,
      dataDir: './data',
      redis: null,
      logLevel: 'info',
      web: { host: '127.0.0.1', port: 8080, publicUrl: null },
      metricsPort: null,
      telegram: null,
      clinic: {
        name: 'Demoklinikken',
        reads: null,
        invitationDays: 14,
        zone: 'Europe/Oslo',
        keepsDays: null,
        meetingsFile: 'content/meetings/demo.yaml',
        listsContact: null,
      },
    });
  });

  test('counts empty variables as not there, and does not mind blanks around a value', () => {
    expect(readConfig({ HOST: '', ZONE: ' ', CLINIC_READS: '' })).toEqual(readConfig({}));
    expect(readConfig({ PORT: ' 9000\n' }).web.port).toBe(9000);
  });

  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('listens on %s', (HOST) => {
    expect(readConfig({ HOST }).web.host).toBe(HOST);
  });

  test.each(['0.0.0.0', '::', '192.168.1.4', 'blimed.example', '127.0.0.1.evil.example'])(
    'does not listen on %s',
    (HOST) => {
      expect(faultsOf({ HOST })).toEqual(['HOST']);
    },
  );

  test('can be told where to crash', () => {
    expect(readConfig({ BLIMED_CRASH_AT: 'after-commit:3' }).crashAt).toEqual({
      point: 'after-commit',
      n: 3,
    });
    for (const value of ['after-commit', 'after-commit:0', 'after-commit:1:2', 'somewhere:1', ':1']) {
      expect(faultsOf({ BLIMED_CRASH_AT: value })).toEqual(['BLIMED_CRASH_AT']);
    }
  });
});

describe('Redis', () => {
  const read = (REDIS_URL: string) => readConfig({ REDIS_URL }).redis?.reveal();
  const server = { kind: 'server', username: null, password: null, tls: false, replicas: 0, database: 0 };

  test('is one server, in the clear or by TLS', () => {
    const node = { host: '127.0.0.1', port: 6379 };
    expect(read('redis://127.0.0.1')).toEqual({ ...server, nodes: [node] });
    expect(read('rediss://[::1]:7000/12')).toEqual({
      ...server,
      nodes: [{ host: '::1', port: 7000 }],
      tls: true,
      database: 12,
    });
  });

  test('is what Sentinels watch under a name, or the nodes of a Cluster', () => {
    expect(read('redis+sentinel://a,b:7000/blimed?replicas=1')).toEqual({
      ...server,
      kind: 'sentinel',
      master: 'blimed',
      replicas: 1,
      nodes: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 7000 },
      ],
    });
    const cluster = read('rediss+cluster://a.example:7000,b.example:7001');
    expect(cluster).toMatchObject({ kind: 'cluster', tls: true, nodes: [{ port: 7000 }, { port: 7001 }] });
  });

  test('has a user and a password that are never shown', () => {
    const config = readConfig({ REDIS_URL: 'redis://bli:geheim%40wort@a' });
    const address = config.redis?.reveal();
    expect(address?.username).toBe('bli');
    expect(address?.password?.reveal()).toBe('geheim@wort');
    expect(`${inspect(config, { depth: 9 })}${JSON.stringify(config)}${inspect(address)}`).not.toContain(
      'geheim',
    );
  });

  test.each([
    ...['redis://', 'http://a', 'redis://a,b', 'redis+sentinel://a', 'redis+cluster://a/1', 'redis://a/x'],
    ...[
      'redis://a:port',
      'redis://a?replicas=x',
      'redis://a/1/2',
      'redis://us er@a',
      'redis://u:%zz@a',
      'a:6379',
    ],
  ])('is not %j', (REDIS_URL) => {
    expect(faultsOf({ REDIS_URL })).toEqual(['REDIS_URL']);
    expect(linesOf({ REDIS_URL }).join()).not.toContain(REDIS_URL);
  });
});

describe('production', () => {
  test('begins with a master key', () => {
    const config = readConfig(production);
    expect(config.mode).toBe('production');
    const { masterKey: source } = config;
    expect(source?.from === 'value' && source.keys.reveal()).toEqual([new Uint8Array(32).fill(7)]);
    expect(config.clinic.name).toBe('Eksempelklinikken');
  });

  test('needs a name, and no meetings but real ones', () => {
    expect(faultsOf({ MASTER_KEY: masterKey })).toEqual(['CLINIC_NAME']);
    expect(readConfig({ MASTER_KEY: masterKey, CLINIC_NAME: 'x' }).clinic.meetingsFile).toBeNull();
    for (const file of [
      'content/meetings/demo.yaml',
      './content/meetings/demo.yaml',
      '/app/content//meetings/demo.yaml',
    ]) {
      expect(faultsOf({ ...production, MEETINGS_FILE: file })).toEqual(['MEETINGS_FILE']);
    }
  });

  test('can have its key in a file, or printed by a command, but in one place only', () => {
    const rest = { CLINIC_NAME: 'x' };
    expect(readConfig({ ...rest, MASTER_KEY_FILE: '/run/key' })).toMatchObject({
      mode: 'production',
      masterKey: { from: 'file', path: '/run/key' },
    });
    expect(readConfig({ ...rest, MASTER_KEY_COMMAND: 'kms decrypt x' }).masterKey).toEqual({
      from: 'command',
      command: 'kms decrypt x',
    });
    for (const lost of ['MASTER_KEY_FILE', 'MASTER_KEY_COMMAND'])
      expect(faultsOf({ ...rest, [lost]: '' })).toEqual([lost]);
    expect(linesOf({ ...rest, MASTER_KEY: masterKey, MASTER_KEY_FILE: '/run/key' })).toEqual([
      'MASTER_KEY, MASTER_KEY_FILE: expected only one of them',
    ]);
  });

  test('may have older keys after the current one', () => {
    const older = Buffer.alloc(32, 8).toString('base64');
    for (const between of [' ', ',', '\n', ', ']) {
      const { masterKey: source } = readConfig({ ...production, MASTER_KEY: masterKey + between + older });
      expect(source?.from === 'value' && source.keys.reveal().map((key) => key[0])).toEqual([7, 8]);
    }
  });

  test('does not crash on demand', () => {
    expect(faultsOf({ ...production, BLIMED_CRASH_AT: 'after-commit:1' })).toEqual(['BLIMED_CRASH_AT']);
  });

  test.each([
    '',
    ' ',
    'short',
    masterKey.slice(0, -1),
    `${masterKey}AAAA`,
    Buffer.alloc(31).toString('base64'),
    'ab'.repeat(32),
  ])('does not fall back to a demo for the master key %j', (MASTER_KEY) => {
    expect(faultsOf({ MASTER_KEY })).toEqual(['MASTER_KEY', 'CLINIC_NAME']);
  });

  test.each([
    [{ HOST: '0.0.0.0' }, ['PUBLIC_URL']],
    [{ HOST: '0.0.0.0', PUBLIC_URL: 'http://blimed.example' }, ['PUBLIC_URL']],
    [{ HOST: '0.0.0.0', PUBLIC_URL: 'https://blimed.example' }, []],
    [{ PUBLIC_URL: 'http://blimed.example' }, ['PUBLIC_URL']],
    [{ PUBLIC_URL: 'http://localhost:9000' }, []],
    [{ HOST: '::1' }, []],
    [{ HOST: '::' }, ['PUBLIC_URL']],
  ])('is reached by https unless it is this machine: %j', (env, expected) => {
    expect(faultsOf({ ...production, ...env })).toEqual(expected);
  });
});

describe('Telegram', () => {
  test('is asked by long polling when there is no webhook', () => {
    const { telegram } = readConfig({ TELEGRAM_BOT_TOKEN: token });
    expect(telegram?.token.reveal()).toBe(token);
    expect(telegram).toMatchObject({ apiRoot: 'https://api.telegram.org', webhook: null });
  });

  test('sends to a webhook when there is one', () => {
    const { telegram } = readConfig({ ...production, ...webhook });
    expect(telegram?.webhook?.url).toBe('https://blimed.example/telegram');
    expect(telegram?.webhook?.secret.reveal()).toBe(webhookSecret);
  });

  test('a webhook needs a token and a secret, in production a long one', () => {
    const { TELEGRAM_WEBHOOK_URL } = webhook;
    expect(faultsOf({ TELEGRAM_WEBHOOK_URL })).toEqual(['TELEGRAM_BOT_TOKEN', 'TELEGRAM_WEBHOOK_SECRET']);
    expect(faultsOf({ ...webhook, TELEGRAM_WEBHOOK_SECRET: 'a' })).toEqual([]);
    const lengthOf = (length: number) => ({
      ...production,
      ...webhook,
      TELEGRAM_WEBHOOK_SECRET: 'a'.repeat(length),
    });
    expect(faultsOf(lengthOf(31))).toEqual(['TELEGRAM_WEBHOOK_SECRET']);
    expect(faultsOf(lengthOf(32))).toEqual([]);
    expect(faultsOf(lengthOf(256))).toEqual([]);
    expect(faultsOf(lengthOf(257))).toEqual(['TELEGRAM_WEBHOOK_SECRET']);
  });
});

test.each([
  ['HOST', ['a b', 'http://localhost', 'fe80::1%eth0', '300.1.1.1']],
  ['PORT', ['-1', '65536', '80.5', '0x50', 'http']],
  [
    'PUBLIC_URL',
    [
      'blimed.example',
      'ftp://a.example',
      'https://a.example/chat',
      'https://a:b@a.example',
      'https://:b@a.example',
      'https://a.example?b',
    ],
  ],
  ['LOG_LEVEL', ['loud', 'INFO']],
  ['TELEGRAM_BOT_TOKEN', ['abc', '123', ':abc', '123:', '123:a b', 'bot123:abc']],
  ['TELEGRAM_API_ROOT', ['https://a.example/', 'http://a.example', 'https://a.example#b', 'localhost:1']],
  ['TELEGRAM_WEBHOOK_SECRET', ['æ', 'a b', 'a.b']],
  ['CLINIC_NAME', ['a\nb', 'a'.repeat(81)]],
  ['CLINIC_READS', ['a\tb']],
  ['INVITATION_DAYS', ['0', '91', 'ten']],
  ['ZONE', ['Oslo', '+01:00', 'Europe/Trondheim']],
])('%s refuses what is not of its shape', (name, values) => {
  for (const value of values) expect(faultsOf({ [name]: value }), value).toEqual([name]);
});

test('a webhook address is https', () => {
  expect(faultsOf({ ...webhook, TELEGRAM_WEBHOOK_URL: 'http://localhost/telegram' })).toEqual([
    'TELEGRAM_WEBHOOK_URL',
  ]);
});

test('all faults come at once, each with what is expected', () => {
  const env = {
    MASTER_KEY: 'nonsense',
    PORT: 'eighty',
    TELEGRAM_TOKEN: token,
    CLINIC_NAEM: 'Eksempelklinikken',
    BLIMED_CRASH_AT: 'after-commit:1',
  };
  expect(linesOf(env)).toEqual([
    'TELEGRAM_TOKEN: no such setting; did you mean TELEGRAM_BOT_TOKEN?',
    'CLINIC_NAEM: no such setting; did you mean CLINIC_NAME?',
    'PORT: expected a whole number from 0 to 65535',
    'MASTER_KEY: expected 32 bytes in base64, 44 characters (openssl rand -base64 32 makes one)',
    'CLINIC_NAME: required in production; expected one line of at most 80 characters',
    'BLIMED_CRASH_AT: works only in a demo; remove it, or remove MASTER_KEY',
  ]);
});

test.each([
  ['https://blimed.example/kontakt', true],
  ['drift@blimed.example', true],
  ['http://blimed.example', false],
  ['somebody', false],
  ['a@b.example\r\nX-Other: 1', false],
])('whoever runs a list can be given %j to write to: %s', (LISTS_CONTACT, good) => {
  expect(faultsOf({ LISTS_CONTACT })).toEqual(good ? [] : ['LISTS_CONTACT']);
});

test("other programs' variables are not ours to judge", () => {
  expect(faultsOf({ PATH: '/bin', MY_TELEGRAM_BOT: 'x', CLINIC: 'x' })).toEqual([]);
});

test('a fault never shows what was given, whatever it is and wherever it was put', () => {
  const name = fc.constantFrom(
    'HOST',
    'PORT',
    'PUBLIC_URL',
    'MASTER_KEY',
    'LOG_LEVEL',
    ...Object.keys(webhook),
    'ZONE',
    'TELEGRAM_X',
  );
  const given = fc.constantFrom('#', ' ', 'https://', '').map((prefix) => `${prefix}hemmelig verdi`);
  fc.assert(
    fc.property(fc.dictionary(name, given, { minKeys: 1 }), (env) => {
      const lines = linesOf(env);
      expect(lines.length).toBeGreaterThanOrEqual(Object.keys(env).length);
      expect(lines.join('\n')).not.toContain('hemmelig');
    }),
  );
});

describe('the settings once read', () => {
  const config = readConfig({ ...production, ...webhook });

  test('show no secret, however they are printed', () => {
    const lines: string[] = [];
    createLog('info', { write: (line) => lines.push(line) }).info(config as never, 'x');
    const shown = [
      JSON.stringify(config),
      inspect(config, { depth: null, showHidden: true }),
      inspect(config, { depth: null, customInspect: false }),
      format('%s %o %O %j', config, config, config, config),
      String(config.masterKey) + config.telegram?.token + config.telegram?.webhook?.secret,
      JSON.stringify(structuredClone(config.telegram?.token)),
      ...lines,
    ].join('\n');
    for (const secret of [masterKey, token, webhookSecret, '7, 7', '7,7'])
      expect(shown).not.toContain(secret);
    const wrapped = config.masterKey?.from === 'value' ? config.masterKey.keys : null;
    expect([`${wrapped}`, JSON.stringify(wrapped), inspect(wrapped)]).toEqual([
      '[secret]',
      '"[secret]"',
      '[secret]',
    ]);
  });

  test('cannot be changed', () => {
    const frozen = (value: object): boolean =>
      Object.isFrozen(value) &&
      Object.values(value).every((part) => typeof part !== 'object' || part === null || frozen(part));
    expect(frozen(config)).toBe(true);
  });
});

test('the public address is that of the program itself when none is set', () => {
  const web = (env: Record<string, string>): Config['web'] => readConfig(env).web;
  expect(publicUrl(web({}))).toBe('http://127.0.0.1:8080');
  expect(publicUrl(web({ HOST: '::1', PORT: '0' }), 4321)).toBe('http://[::1]:4321');
  expect(publicUrl(web({ PUBLIC_URL: 'https://Blimed.example/' }), 4321)).toBe('https://blimed.example');
});

test('README.md has the table of settings', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const table = /<!-- settings -->\n([\s\S]*)\n<!-- \/settings -->/.exec(readme)?.[1]?.trim();
  expect(table, 'put what settingsTable() gives between the markers in README.md').toBe(settingsTable());
});
