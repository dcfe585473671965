/**
 * The environment, read once into a validated, frozen Config. The table `settings` is the only place that names
 * the variables, so that parsing, faults and the README cannot drift apart. Nothing else reads process.env, and a
 * fault never shows what was given.
 */
import { normalize } from 'node:path';
import type { z } from 'zod';
import type { Secret } from './secret.ts';
import type { RedisAddress } from './shapes.ts';
import * as shapes from './shapes.ts';

const demoMeetings = 'content/meetings/demo.yaml';

interface Setting {
  shape: shapes.Shape;
  /** The text that counts when the variable is not there: always, or in a demo (then production requires one, unless
   * there are words for none), or none (then the value is null, and these words say what that means). */
  fallback: string | { demo: string } | { absent: string } | { demo: string; absent: string };
  /** One sentence for the README. */
  tells: string;
  secret?: true;
  /** Got lost on its way, it would quietly change what the program is. */
  vital?: true;
}

const settings = {
  HOST: {
    shape: shapes.host,
    fallback: '127.0.0.1',
    tells: 'The address the program listens on; a demo listens on a loopback address only.',
  },
  PORT: {
    shape: shapes.wholeNumber(0, 65_535),
    fallback: '8080',
    tells: 'The port it listens on; 0 takes any free one.',
  },
  METRICS_PORT: {
    shape: shapes.wholeNumber(0, 65_535),
    fallback: { absent: 'none: no figures' },
    tells: 'The port on which Prometheus can read figures at `/metrics`; keep it closed to the outside.',
  },
  DATA_DIR: {
    shape: shapes.path,
    fallback: './data',
    tells: 'The folder where the store lies.',
  },
  REDIS_URL: {
    shape: shapes.redis,
    fallback: { absent: 'none: the store is a file in `DATA_DIR`' },
    tells: 'The Redis that is the store, for more than one process or machine (see Redis).',
    secret: true,
  },
  PUBLIC_URL: {
    shape: shapes.origin,
    fallback: { absent: '`http://HOST:PORT`' },
    tells: 'How phones reach the web chat; in production it must be https, unless its host is loopback.',
  },
  MASTER_KEY: {
    shape: shapes.keys,
    fallback: { absent: 'none: a demo' },
    tells:
      'The key that seals all other keys; with it the program runs in production, without it as a demo. Older ones may follow it.',
    secret: true,
  },
  MASTER_KEY_FILE: {
    shape: shapes.path,
    fallback: { absent: 'none' },
    tells: 'A file that holds the master key, instead of `MASTER_KEY`.',
    vital: true,
  },
  MASTER_KEY_COMMAND: {
    shape: shapes.command,
    fallback: { absent: 'none' },
    tells:
      'A command that prints the master key, such as one that asks a key service, instead of `MASTER_KEY`.',
    vital: true,
  },
  LOG_LEVEL: {
    shape: shapes.oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    fallback: 'info',
    tells: 'The least serious entries that are logged.',
  },
  TELEGRAM_BOT_TOKEN: {
    shape: shapes.botToken,
    fallback: { absent: 'none: Telegram is off' },
    tells: 'The token of the Telegram bot.',
    secret: true,
  },
  TELEGRAM_API_ROOT: {
    shape: shapes.apiRoot,
    fallback: 'https://api.telegram.org',
    tells: 'Where the Bot API is.',
  },
  TELEGRAM_PACE: {
    shape: shapes.wholeNumber(1, 10_000),
    fallback: '25',
    tells:
      'Messages a second to all chats together. Telegram takes about 30; more is for another Bot API, as in a measurement.',
  },
  TELEGRAM_WEBHOOK_URL: {
    shape: shapes.httpsAddress,
    fallback: { absent: 'none: long polling' },
    tells: 'The address to which Telegram sends what people write.',
  },
  TELEGRAM_WEBHOOK_SECRET: {
    shape: shapes.webhookSecret,
    fallback: { absent: 'none' },
    tells:
      'What Telegram shows to prove that a call is its own; a webhook needs it, in production with at least 32 characters.',
    secret: true,
  },
  CLINIC_NAME: {
    shape: shapes.oneLine,
    fallback: { demo: 'Demoklinikken' },
    tells: 'The name of the clinic, as people read it.',
  },
  CLINIC_READS: {
    shape: shapes.oneLine,
    fallback: { absent: 'none: nobody reads them' },
    tells:
      'When somebody at the clinic reads notices, in words that people are shown, such as `hverdager 9-15`.',
  },
  INVITATION_DAYS: {
    shape: shapes.wholeNumber(1, 90),
    fallback: '14',
    tells: 'How many days an invitation is valid.',
  },
  RETENTION_DAYS: {
    shape: shapes.wholeNumber(1, 730),
    fallback: { absent: 'a year, or two years after discharge where reminders were agreed to' },
    tells: 'After how many days without a word somebody is forgotten.',
  },
  ZONE: {
    shape: shapes.zone,
    fallback: 'Europe/Oslo',
    tells: "The clinic's time zone.",
  },
  MEETINGS_FILE: {
    shape: shapes.path,
    fallback: { demo: demoMeetings, absent: 'only those of `blimed import`' },
    tells:
      'A file with meetings that people are shown; those of the demo are invented and refused in production.',
  },
  LISTS_CONTACT: {
    shape: shapes.contact,
    fallback: { absent: 'none: lists come as files only' },
    tells: 'How whoever runs a server with meetings can reach you; it is told to each server that is asked.',
  },
  BLIMED_CRASH_AT: {
    shape: shapes.pointAndCount([
      'before-commit',
      'after-commit',
      'after-sending-mark',
      'after-answer',
      'in-recovery',
    ]),
    fallback: { absent: 'none' },
    tells: 'Ends the program when it passes a point for the n-th time, for the crash tests; only in a demo.',
  },
} satisfies Record<string, Setting>;

type Name = keyof typeof settings;
type Values = {
  [N in Name]:
    | z.output<(typeof settings)[N]['shape']['schema']>
    | ((typeof settings)[N]['fallback'] extends { absent: string } ? null : never);
};
const names = Object.keys(settings) as Name[];

/** Everything that is wrong with the environment; the message has one line per fault and shows no value. */
export class ConfigFaults extends Error {
  override readonly name = 'ConfigFaults';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** Where a crash test kills the program: at the n-th time (from 1) that it passes the point. */
export type CrashAt = Readonly<NonNullable<Values['BLIMED_CRASH_AT']>>;

/** Where the master key is to be had; the current one first, older ones after it. */
export type KeySource =
  | { readonly from: 'value'; readonly keys: Secret<readonly Uint8Array[]> }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'command'; readonly command: string };

const keySettings = ['MASTER_KEY', 'MASTER_KEY_FILE', 'MASTER_KEY_COMMAND'] as const;

/** What `mode` decides: a demo has no master key, and only a demo can be told to crash. */
type Mode =
  | { readonly mode: 'demo'; readonly masterKey: null; readonly crashAt: CrashAt | null }
  | { readonly mode: 'production'; readonly masterKey: KeySource; readonly crashAt: null };

/** The program's settings. Where a part is null, the feature is off. */
export type Config = Mode & {
  readonly dataDir: string;
  /** Null when the store is a file in `dataDir`. */
  readonly redis: Secret<RedisAddress> | null;
  readonly logLevel: Values['LOG_LEVEL'];
  /** `publicUrl` is null when phones reach the program where it listens: ask the function `publicUrl`. */
  readonly web: { readonly host: string; readonly port: number; readonly publicUrl: string | null };
  /** Null: nobody reads figures. */
  readonly metricsPort: number | null;
  /** Without a webhook the bot asks Telegram by long polling. `apiRoot` has no trailing slash; `pace` is messages a second. */
  readonly telegram: {
    readonly token: Secret;
    readonly apiRoot: string;
    readonly pace: number;
    readonly webhook: { readonly url: string; readonly secret: Secret } | null;
  } | null;
  /** `reads` says when somebody reads notices, in the clinic's words; null = nobody reads them. */
  readonly clinic: {
    readonly name: string;
    readonly reads: string | null;
    readonly invitationDays: number;
    readonly zone: string;
    readonly keepsDays: number | null;
    /** Null: only the lists that were taken in. */
    readonly meetingsFile: string | null;
    /** Null: nothing is fetched. */
    readonly listsContact: string | null;
  };
};

/**
 * Reads the settings. An empty variable counts as not there, except that an empty secret is a fault: a secret
 * that got lost on its way must not quietly turn production into a demo.
 * @param env variables by name
 * @throws ConfigFaults with every fault, not only the first
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const production = keySettings.some((name) => env[name] !== undefined);
  const faults = unknownNames(env);
  const read: Record<string, unknown> = {};
  for (const name of names) {
    const { shape, fallback, secret, vital }: Setting = settings[name];
    const given = env[name]?.trim();
    const text = given || withoutValue(fallback, production);
    if (given === '' && (secret || vital)) {
      faults.push(`${name}: set but empty; expected ${shape.expects}, or remove the variable`);
    } else if (text === undefined) {
      faults.push(`${name}: required in production; expected ${shape.expects}`);
    } else {
      const result = text === null ? { success: true, data: null } : shape.schema.safeParse(text);
      if (result.success) read[name] = result.data;
      else faults.push(`${name}: expected ${shape.expects}`);
    }
  }
  faults.push(...contradictions(read as Partial<Values>, production));
  if (faults.length > 0) throw new ConfigFaults(faults);
  return assembled(read as Values);
}

/** What counts when nothing is given: a text, null for "off", or undefined where production cannot do without. */
function withoutValue(fallback: Setting['fallback'], production: boolean): string | null | undefined {
  if (typeof fallback === 'string') return fallback;
  if ('demo' in fallback && !production) return fallback.demo;
  return 'absent' in fallback ? null : undefined;
}

/** Variables that bear one of our prefixes but are none of ours: a misspelt setting would silently do nothing. */
function unknownNames(env: Record<string, string | undefined>): string[] {
  return Object.keys(env)
    .filter((name) => /^(TELEGRAM|CLINIC|BLIMED)_/.test(name) && !Object.hasOwn(settings, name))
    .map((name) => {
      const nearest = names.toSorted((a, b) => distance(name, a) - distance(name, b))[0];
      return `${name}: no such setting; did you mean ${nearest}?`;
    });
}

/** How many letters to insert, delete or change to make one word of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

/** What is wrong between settings that are each well formed. A setting with a fault of its own is undefined here. */
function contradictions(read: Partial<Values>, production: boolean): string[] {
  const faults: string[] = [];
  const { HOST, PORT, PUBLIC_URL, TELEGRAM_WEBHOOK_URL, TELEGRAM_WEBHOOK_SECRET } = read;
  const given = keySettings.filter((name) => read[name]);
  if (given.length > 1) faults.push(`${given.join(', ')}: expected only one of them`);
  if (!production && HOST !== undefined && !shapes.isLoopback(HOST)) {
    faults.push(
      'HOST: expected 127.0.0.1, ::1 or localhost, since this is a demo; only with MASTER_KEY may it be open',
    );
  }
  if (production && HOST !== undefined && PORT !== undefined && PUBLIC_URL !== undefined) {
    const url = publicUrl({ host: HOST, port: PORT, publicUrl: PUBLIC_URL });
    if (!shapes.isPrivate(new URL(url))) {
      faults.push('PUBLIC_URL: expected an https address in production, unless its host is loopback');
    }
  }
  if (TELEGRAM_WEBHOOK_URL && read.TELEGRAM_BOT_TOKEN === null) {
    faults.push('TELEGRAM_BOT_TOKEN: needed when TELEGRAM_WEBHOOK_URL is set');
  }
  if (TELEGRAM_WEBHOOK_URL && TELEGRAM_WEBHOOK_SECRET === null) {
    faults.push('TELEGRAM_WEBHOOK_SECRET: needed when TELEGRAM_WEBHOOK_URL is set');
  }
  if (production && TELEGRAM_WEBHOOK_SECRET && TELEGRAM_WEBHOOK_SECRET.reveal().length < 32) {
    faults.push('TELEGRAM_WEBHOOK_SECRET: expected at least 32 characters in production');
  }
  if (production && read.MEETINGS_FILE && normalize(read.MEETINGS_FILE).endsWith(demoMeetings)) {
    faults.push('MEETINGS_FILE: expected real meetings in production; those of the demo are invented');
  }
  if (production && read.BLIMED_CRASH_AT) {
    faults.push('BLIMED_CRASH_AT: works only in a demo; remove it, or remove MASTER_KEY');
  }
  return faults;
}

function assembled(read: Values): Config {
  const token = read.TELEGRAM_BOT_TOKEN;
  const url = read.TELEGRAM_WEBHOOK_URL;
  const secret = read.TELEGRAM_WEBHOOK_SECRET;
  const masterKey = keySource(read);
  const mode: Mode = masterKey
    ? { mode: 'production', masterKey, crashAt: null }
    : { mode: 'demo', masterKey: null, crashAt: read.BLIMED_CRASH_AT };
  return frozen({
    ...mode,
    dataDir: read.DATA_DIR,
    redis: read.REDIS_URL,
    logLevel: read.LOG_LEVEL,
    web: { host: read.HOST, port: read.PORT, publicUrl: read.PUBLIC_URL },
    metricsPort: read.METRICS_PORT,
    telegram: token && {
      token,
      apiRoot: read.TELEGRAM_API_ROOT,
      pace: read.TELEGRAM_PACE,
      webhook: url !== null && secret !== null ? { url, secret } : null,
    },
    clinic: {
      name: read.CLINIC_NAME,
      reads: read.CLINIC_READS,
      invitationDays: read.INVITATION_DAYS,
      zone: read.ZONE,
      keepsDays: read.RETENTION_DAYS,
      meetingsFile: read.MEETINGS_FILE,
      listsContact: read.LISTS_CONTACT,
    },
  });
}

function keySource({ MASTER_KEY, MASTER_KEY_FILE, MASTER_KEY_COMMAND }: Values): KeySource | null {
  if (MASTER_KEY) return { from: 'value', keys: MASTER_KEY };
  if (MASTER_KEY_FILE !== null) return { from: 'file', path: MASTER_KEY_FILE };
  return MASTER_KEY_COMMAND === null ? null : { from: 'command', command: MASTER_KEY_COMMAND };
}

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) frozen(part);
  return Object.freeze(value);
}

/**
 * The address under which phones reach the program, without a slash at the end.
 * @param port where the program really listens, which is not `web.port` when that is 0
 */
export function publicUrl(web: Config['web'], port: number = web.port): string {
  return web.publicUrl ?? `http://${shapes.hostInUrl(web.host)}:${port}`;
}

/** The settings as a markdown table: the one in README.md, held equal by a test. */
export function settingsTable(): string {
  const rows = Object.entries<Setting>(settings).map(([name, { shape, fallback, tells, secret }]) => {
    const otherwise =
      typeof fallback === 'string'
        ? `\`${fallback}\``
        : 'demo' in fallback
          ? `\`${fallback.demo}\` in a demo; ${'absent' in fallback ? `in production ${fallback.absent}` : 'required in production'}`
          : fallback.absent;
    return `| \`${name}\` | ${tells}${secret ? ' **Secret.**' : ''} | ${shape.expects} | ${otherwise} |`;
  });
  return [
    '| Variable | What it is for | Value | When it is not set |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
