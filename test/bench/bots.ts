/**
 * The programs under test, each a process of its own that answers a webhook over HTTP: Bli med as it is started anywhere, and
 * its peers. Every one has a Redis of its own, with each write on the disk before it is answered, and they never run at the same time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, RedisServer } from '../fakes/redis.ts';
import type { Target } from './load.ts';
import { type Enrolment, enrol } from './people.ts';
import { Platform } from './platform.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const token = '110201543:DEMO-token_of_no_bot_0123456789abcdefg';
const secret = 'secret-of-the-benchmark';
/** So many messages a second that the pace never holds anything up. */
const unlimited = 10_000;

export const peers = ['grammy-session', 'grammy-conversations', 'botbuilder-dialogs'] as const;
export type Peer = (typeof peers)[number] | 'grammy-throttled';

/** `pace`: messages a second that the platform takes. */
export type Wish = { who: 'bli-med' | Peer; store: 'redis' | 'sqlite'; pace?: number };

/** Where a bot lives between its starts. */
export class House {
  readonly platform: Platform;
  readonly #redis: RedisServer | null;
  readonly #folder: string;
  readonly #wish: Wish;

  private constructor(platform: Platform, redis: RedisServer | null, wish: Wish) {
    this.platform = platform;
    this.#redis = redis;
    this.#folder = mkdtempSync(join(tmpdir(), 'bli-med-bench-'));
    this.#wish = wish;
  }

  static async open(wish: Wish): Promise<House> {
    const redis = wish.store === 'redis' ? await RedisServer.start() : null;
    return new House(await Platform.start(), redis, wish);
  }

  /** Bli med's own settings. */
  get settings(): Record<string, string> {
    return {
      DATA_DIR: this.#folder,
      LOG_LEVEL: 'info',
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_API_ROOT: this.platform.apiRoot,
      TELEGRAM_WEBHOOK_URL: 'https://blimed.example/hook',
      TELEGRAM_WEBHOOK_SECRET: secret,
      TELEGRAM_PACE: String(this.#wish.pace ?? unlimited),
      ...(this.#redis && { REDIS_URL: this.#redis.url }),
    };
  }

  /** While no bot runs here. */
  async enrol(people: Enrolment): Promise<void> {
    if (this.#wish.who === 'bli-med') await enrol(this.settings, people);
  }

  /** `args`: what a peer is told besides. */
  async start(...args: string[]): Promise<Bot> {
    const port = await freePort();
    const { who } = this.#wish;
    const ours = who === 'bli-med';
    const env = ours
      ? { ...this.settings, PORT: String(port) }
      : {
          ...{ PORT: String(port), REDIS_URL: this.#redis?.url ?? '', API_ROOT: this.platform.apiRoot },
          ...{ TOKEN: token, SECRET: secret },
        };
    const main = ours ? 'src/start.js' : `test/peers/${who}.js`;
    const target = { url: `http://127.0.0.1:${port}/hook`, secret };
    return Bot.start([main, ...args], env, ours ? '"event":"started"' : 'ready', target);
  }

  async close(): Promise<void> {
    await this.platform.stop();
    await this.#redis?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Bot {
  readonly target: Target;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, target: Target) {
    this.#child = child;
    this.target = target;
  }

  /** Resolves when it has printed `ready`. */
  static start(args: string[], env: Record<string, string>, ready: string, target: Target): Promise<Bot> {
    const child = spawnNode(args, env);
    return new Promise((resolve, reject) => {
      let said = '';
      child.stdout?.on('data', (chunk) => {
        if (said.includes(ready)) return;
        said += chunk;
        if (said.includes(ready)) resolve(new Bot(child, target));
      });
      child.once('exit', () => reject(new Error(`${args.join(' ')} ended and said:\n${said}`)));
    });
  }

  /** Memory that it holds, in MiB. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** Runs to its end; what it printed. */
export async function runToEnd(args: string[], env: Record<string, string>): Promise<string> {
  const child = spawnNode(args, env);
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code} and said:\n${said}`);
  return said;
}

function spawnNode(args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
