/**
 * Real Redis servers for the tests: each a process of its own on a free port of this machine, in a folder that goes when
 * it goes, with every write on the disk before it is answered. Nothing here waits for time; it waits for what a server
 * says or answers. It must never end a process it did not start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as shapes from '../../src/shapes.ts';
import { RedisStore } from '../../src/store/redis.ts';
import { RedisLink } from '../../src/store/redis-link.ts';

export const partitions = 16;
export const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];

/** What the program itself reads from such an address. */
export const addressOf = (url: string): shapes.RedisAddress => shapes.redis.schema.parse(url).reveal();
export const openLink = (url: string): Promise<RedisLink> => RedisLink.open(addressOf(url));
export const openStore = async (url: string): Promise<RedisStore> =>
  new RedisStore(await openLink(url), partitions);

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** A test that failed may leave its server behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class RedisServer {
  readonly port: number;
  readonly folder: string;
  readonly #args: string[];
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(port: number, folder: string, args: string[]) {
    this.port = port;
    this.folder = folder;
    this.#args = args;
  }

  /** `args`: further settings, as on its command line; a Sentinel's file comes first. */
  static async start(args: string[] = durable, made: { folder?: string } = {}) {
    const folder = made.folder ?? mkdtempSync(join(tmpdir(), 'bli-med-redis-'));
    for (let tries = 0; ; tries++) {
      const server = new RedisServer(await freePort(), folder, args);
      try {
        await server.again();
        return server;
      } catch (error) {
        // Somebody else may have taken the port meanwhile.
        if (tries === 2 || !String(error).includes('ended')) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it, on what its folder holds. */
  again(): Promise<void> {
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    if (!this.#args.includes('--sentinel')) own.push('--save', '');
    const [first = '', ...rest] = this.#args;
    const args = first.startsWith('/') ? [first, ...own, ...rest] : [...own, ...this.#args];
    return new Promise((resolve, reject) => {
      const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] });
      this.#child = child;
      running.add(child);
      child.once('exit', () => running.delete(child));
      this.#output = '';
      const heard = (chunk: unknown) => {
        this.#output += chunk;
        if (/Ready to accept connections|Sentinel ID is/.test(this.#output)) resolve();
      };
      child.stdout?.on('data', heard);
      child.stderr?.on('data', heard);
      child.once('error', (error) =>
        reject(new Error('the tests of the Redis store need redis-server on the PATH', { cause: error })),
      );
      child.once('exit', () => reject(new Error(`redis-server ended:\n${this.#output}`)));
    });
  }

  /** The bytes of its log of writes. */
  log(): string {
    const folder = join(this.folder, 'appendonlydir');
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    return files.join('\n');
  }

  /** Ends it as a power cut does, as far as a process can. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it calmly; its folder stays. */
  halt(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill(signal);
    });
  }
}
