/**
 * The real program as a process of its own: started with its environment and a folder, read by what it prints, stopped
 * calmly or killed. Nothing here waits for time; it waits for what the program says, for its end, or for an answer.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { SystemClock } from '../../src/engine/clock.ts';
import { Directory } from '../../src/engine/directory.ts';
import { masterKeyOf } from '../../src/engine/master-key.ts';
import { openStore } from '../../src/engine/open-store.ts';
import { partitions } from '../../src/engine/program.ts';
import { silentLog } from '../../src/log.ts';
import { Vault } from '../../src/store/vault.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Settings = Readonly<Record<string, string>>;

const folders: string[] = [];
const children = new Set<ChildProcess>();

// A test that failed may leave its program behind.
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that goes when the tests of the file are over. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'blimed-test-'));
  folders.push(folder);
  return folder;
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

function begin(args: string[], settings: Settings, cwd: string): ChildProcess {
  const env = { PATH: process.env.PATH ?? '', TZ: 'Pacific/Auckland', ...settings };
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, ['src/start.js', ...args], { cwd, env, stdio: [...stdio] });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

/** Runs a command of the program to its end. */
export async function command(
  args: string[],
  settings: Settings,
  cwd: string = root,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = begin(args, settings, cwd);
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text.stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...text };
}

export class Running {
  /** Everything it has printed so far, on both streams. */
  output = '';
  /** How it ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #over = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    const heard = (chunk: unknown) => {
      this.output += chunk;
      for (const listener of [...this.#listeners]) listener();
    };
    child.stdout?.on('data', heard);
    child.stderr?.on('data', heard);
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        heard('');
        resolve({ code, signal });
      });
    });
  }

  /** Resolves when it has started; rejects with what it said when it ends before. */
  static async start(settings: Settings, cwd: string = root): Promise<Running> {
    const running = new Running(begin([], { PORT: '0', LOG_LEVEL: 'trace', ...settings }, cwd));
    await running.says(/"event":"started"/);
    return running;
  }

  /** Resolves with what it has printed that fits; rejects when it ends without. */
  says(what: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = what.exec(this.output);
        if (!found && !this.#over) return;
        this.#listeners.delete(look);
        if (found) resolve(found);
        else reject(new Error(`the program ended without saying ${what}; it said:\n${this.output}`));
      };
      this.#listeners.add(look);
      look();
    });
  }

  get address(): string {
    return /listens on (\S+)/.exec(this.output)?.[1] ?? '';
  }

  /** The tokens of the two invitations that a demo prints, for the web chat and for Telegram. */
  get invitations(): { web: string; telegram: string } {
    const find = (pattern: RegExp) => pattern.exec(this.output)?.[1] ?? '';
    return { web: find(/\/chat#i=([\w-]+)/), telegram: find(/\?start=([\w-]+)/) };
  }

  /** Moves the demo's time on to the next thing that is due; false when it died over it. */
  advance(): Promise<boolean> {
    const headers = { 'content-type': 'application/json' };
    return fetch(`${this.address}/demo/advance`, { method: 'POST', headers, body: '{"to":"next"}' }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Tells it to stop, as a supervisor does; the exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return (await this.ended).code;
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

/**
 * The program under a supervisor: whenever it ends it is started again. Each start takes the next of the crash
 * points; when they are used up, it crashes no more.
 */
export class Kept {
  deaths = 0;
  /** What all of them printed. */
  output = '';
  readonly #settings: Settings;
  #crashes: string[] = [];
  #current: Promise<Running>;
  #stopping = false;

  private constructor(settings: Settings, crashes: string[]) {
    this.#settings = settings;
    this.crashes(...crashes);
    this.#current = this.#begin();
  }

  static async start(settings: Settings, crashes: string[] = []): Promise<Kept> {
    const kept = new Kept(settings, crashes);
    await kept.running();
    return kept;
  }

  /** The crash points of the next starts, one each. */
  crashes(...points: string[]): void {
    this.#crashes = points;
  }

  /** The one that runs now, or that is being started. */
  running(): Promise<Running> {
    return this.#current;
  }

  async #begin(): Promise<Running> {
    const crash = this.#crashes.shift();
    const running = await Running.start({ ...this.#settings, ...(crash && { BLIMED_CRASH_AT: crash }) });
    void running.ended.then(({ signal }) => {
      this.output += running.output;
      if (this.#stopping) return;
      if (signal === 'SIGKILL') this.deaths++;
      this.#current = this.#begin();
    });
    return running;
  }

  /** Kills it; resolves when the next one has started. */
  async kill(): Promise<void> {
    await (await this.running()).kill();
    await this.running();
  }

  /** Stops it calmly, with nothing left in flight; resolves when the next one has started. */
  async restart(): Promise<void> {
    await (await this.running()).stop();
    await this.running();
  }

  /** Stops it calmly for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const code = await (await this.running()).stop();
    if (code !== 0) throw new Error(`the program ended with ${code}:\n${this.output}`);
  }

  /**
   * Stops it, and looks at what lies in its store. Nothing else of the program is opened: reading all dialogues would hold up the fake
   * Telegram of whatever runs beside this.
   */
  async left<T>(look: (vault: Vault, directory: Directory) => Promise<T>): Promise<T> {
    await this.stop();
    const config = readConfig(this.#settings);
    const store = await openStore(config, partitions, silentLog);
    try {
      const vault = await Vault.open(store, masterKeyOf(config));
      return await look(vault, new Directory({ vault, clock: new SystemClock(), partitions }));
    } finally {
      await store.close();
    }
  }
}

/** Which of these were printed. A short figure counts only where it stands alone, since times and ports hold any. */
export const printed = (output: string, marks: readonly string[]): string[] =>
  marks.filter((mark) =>
    /^\d{1,5}$/.test(mark) ? new RegExp(`(?<!\\d)${mark}(?!\\d)`).test(output) : output.includes(mark),
  );
