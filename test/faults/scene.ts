/**
 * The real program over a store of its own, under a supervisor that starts it again however it ends, with the fake
 * Telegram before it. Between a death and the next start it looks at what the dead one left on the disk, so that every
 * doubt is known before it is settled. It must never help the program, and never read what it says about itself.
 */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { type Person, personKey } from '../../src/core/records.ts';
import type { Millis } from '../../src/core/time.ts';
import { masterKeyOf } from '../../src/engine/master-key.ts';
import { openProgram, ownClinic, type Program } from '../../src/engine/program.ts';
import { silentLog } from '../../src/log.ts';
import { SqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { Vault } from '../../src/store/vault.ts';
import type { Chance } from '../../src/tools/chance.ts';
import { seat } from '../enrolled.ts';
import { freePort, openStore, type RedisServer } from '../fakes/redis.ts';
import { emptyFolder, Running, type Settings } from '../fakes/running.ts';
import { FakeTelegram } from '../fakes/telegram.ts';

const token = '110201543:DEMO-token_of_no_bot_0123456789abcdefg';
const hour: Millis = 3_600_000;
/** Longer than the program may ever need for one thing; only what hangs is ended by it. */
const patience: Millis = 90_000;
/** So long after a failure the program tries again at the latest. */
const longestBackOff: Millis = 10 * 60_000;
/** How often it is asked what nothing tells by itself. */
const askAgainAfter: Millis = 50;
/** Marks of events live two days by the program's clock, as do answers, so no jump may be longer. */
const longestJump: Millis = 36 * hour;
export const pause = () => new Promise((resolve) => setTimeout(resolve, askAgainAfter));

/**
 * One message of the outbox, as it was last seen. `ref`: the platform's name for it, once it was sent; `doubts`: how many
 * blows it was being sent over.
 */
export type Entry = {
  seq: number;
  state: 'waits' | 'sent' | 'gone';
  ref: string | null;
  doubts: number;
};

/** Everything that looks at the store have shown, taken together. */
export type Findings = {
  entries: Map<string, Entry>;
  /** How many messages were ever committed, where the store counts them; else as many as were seen. */
  committed: number;
  /** Updates (their ids) that bear the mark of a decision. */
  decided: Set<number>;
};

/** `disk`: a folder for the store that may run full. `frail`: what is struck is not the program, which lives on. */
export type SceneOptions = { redis?: RedisServer; disk?: string; frail?: true };

export class Scene {
  readonly telegram: FakeTelegram;
  readonly settings: Settings;
  readonly findings: Findings = { entries: new Map(), committed: 0, decided: new Set() };
  /** Ids of the updates that were made, in order. */
  readonly updates: number[] = [];
  /** How often something died or went away. */
  blows = 0;
  /** What all of them printed. */
  output = '';
  readonly #redis: RedisServer | null;
  readonly #folder: string;
  /** Something else than the program may be struck. */
  readonly #frail: boolean;
  #running: Promise<Running> | null = null;
  #strike: (() => Promise<void> | void) | null = null;
  #partition = 0;

  private constructor(telegram: FakeTelegram, { redis, disk, frail }: SceneOptions, figures: number) {
    this.telegram = telegram;
    this.#redis = redis ?? null;
    this.#folder = disk ?? emptyFolder();
    this.#frail = redis !== undefined || disk !== undefined || frail === true;
    this.settings = {
      DATA_DIR: this.#folder,
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      LOG_LEVEL: 'info',
      METRICS_PORT: String(figures),
      ...(redis && { REDIS_URL: redis.url }),
    };
    telegram.onRequest = async () => {
      await this.#strike?.();
    };
  }

  static async open(options: SceneOptions = {}): Promise<Scene> {
    const telegram = await FakeTelegram.start({ token, limits: false, clock: () => Date.now() });
    return new Scene(telegram, options, await freePort());
  }

  /** The store's parts, while no program runs. */
  async within<T>(work: (program: Program) => Promise<T>): Promise<T> {
    const program = await openProgram(readConfig(this.settings), silentLog);
    try {
      return await work(program);
    } finally {
      await program.store.close();
    }
  }

  /** Puts enrolled people into the store, as if they had long been there. */
  async seat(people: Person[]): Promise<void> {
    await this.within(async (program) => {
      this.#partition = program.engine.directory.partitionOf(ownClinic);
      for (const person of people) await seat(program, person);
    });
  }

  async start(): Promise<void> {
    this.#running = this.#begin();
    await this.#running;
  }

  async #begin(): Promise<Running> {
    const running = await Running.start(this.settings);
    void running.ended.then(() => {
      this.output += running.output;
    });
    return running;
  }

  /** The one that runs now, or that is being started. */
  async running(): Promise<Running> {
    if (!this.#running) throw new Error('nothing was started');
    return this.#running;
  }

  /** A power cut, a look at what it left, and the next start. `struck` is told when it is dead. */
  async kill(struck: () => void, meanwhile: () => void): Promise<void> {
    const before = this.running();
    this.#running = before.then(async (running) => {
      await running.kill();
      struck();
      await this.look();
      meanwhile();
      return this.#begin();
    });
    await this.#running;
  }

  /**
   * Strikes a blow at a moment drawn by chance: over one of the next requests to Telegram, which is carried out only once
   * `struck` was called, or some milliseconds after one. Something must be going on, or the moment never comes.
   */
  soon(chance: Chance, blow: (struck: () => void) => Promise<void>): Promise<void> {
    let left = chance.between(1, 20);
    const over = chance.hits(0.5);
    const later = chance.between(0, 25);
    this.blows++;
    return new Promise((resolve, reject) => {
      const strike = () => new Promise<void>((struck) => void blow(struck).then(resolve, reject));
      this.#strike = async () => {
        if (--left > 0) return;
        this.#strike = null;
        if (over) await strike();
        else setTimeout(strike, later);
      };
    });
  }

  /** What lies in the store now that no program runs is added to the findings. */
  async look(): Promise<void> {
    const { entries, decided } = this.findings;
    await this.#reading(async (store) => {
      for (const entry of entries.values()) if (entry.state === 'waits') entry.state = 'gone';
      for await (const row of store.rows()) {
        // Redis numbers by time, SQLite one by one.
        if (row.table === 'numbers' && !this.#redis)
          this.findings.committed = Math.max(this.findings.committed, row.cells[0]);
        if (row.table !== 'outbox') continue;
        const [, id, , , , seq, , , state, attempts, , , ref] = row.cells;
        const before = entries.get(id)?.doubts ?? 0;
        // While the program lives, nobody can look in between: there it counts how often a message was begun.
        const doubts = this.#frail ? Math.max(0, attempts - 1) : before + (state === 'sending' ? 1 : 0);
        const sent = state === 'sent';
        entries.set(id, { seq, state: sent ? 'sent' : 'waits', ref: sent ? ref : null, doubts });
      }
      if (this.#redis) this.findings.committed = entries.size;
      const vault = await Vault.open(store, masterKeyOf(readConfig(this.settings)));
      for (const update of this.updates) {
        if (decided.has(update)) continue;
        if ((await vault.load(this.#partition, `telegram:${update}`, [])).seen) decided.add(update);
      }
    });
  }

  /** A copy where that can be had: whoever opened the file itself would mend what the program must mend. */
  async #reading(work: (store: Store) => Promise<void>): Promise<void> {
    const copies = emptyFolder();
    for (const name of readdirSync(this.#folder)) cpSync(join(this.#folder, name), join(copies, name));
    const store = this.#redis
      ? await openStore(this.#redis.url)
      : new SqliteStore(join(copies, 'bli-med.sqlite'));
    try {
      await work(store);
    } finally {
      await store.close();
      rmSync(copies, { recursive: true });
    }
  }

  /** Resolves once `look` is true. */
  async until(look: () => boolean, missing: () => string): Promise<void> {
    for (const end = Date.now() + patience; !look(); await pause())
      if (Date.now() > end) throw new Error(missing());
  }

  /** Moves the demo's time on to this moment, however often the program dies over it. */
  async reach(moment: Millis): Promise<void> {
    for (;;) {
      const now = await this.#advance(0);
      if (now !== null && now >= moment) return;
      if (now === null) {
        await pause();
        continue;
      }
      await this.#advance(Math.min(longestJump, moment - now));
    }
  }

  async #advance(millis: Millis): Promise<Millis | null> {
    const { address } = await this.running();
    // The page takes positive durations only.
    const body = JSON.stringify({ by: `PT${Math.max(0.001, millis / 1000)}S` });
    const headers = { 'content-type': 'application/json' };
    try {
      const response = await fetch(`${address}/demo/advance`, { method: 'POST', headers, body });
      if (!response.ok) return null;
      const { now } = (await response.json()) as { now: string };
      return Temporal.Instant.from(now).epochMilliseconds;
    } catch {
      await this.running();
      return null;
    }
  }

  /** Resolves when everything that came in is taken, and nothing waits to be sent. Nobody may begin anything meanwhile. */
  async drained(): Promise<void> {
    await this.telegram.idle();
    const end = Date.now() + patience;
    while (Date.now() < end) {
      const figures = await fetch(`http://127.0.0.1:${this.settings.METRICS_PORT}/metrics`);
      if (/^blimed_outbox_oldest_seconds 0$/m.test(await figures.text())) return;
      await pause();
    }
    throw new Error('the outbox does not empty');
  }

  /** The version of somebody's record: one more for every decision about them. While no program runs. */
  async versions(owners: string[]): Promise<number[]> {
    return this.within(async ({ vault }) => {
      const { records } = await vault.load(this.#partition, null, owners.map(personKey));
      return records.map(({ version }) => version);
    });
  }

  /** Lets that go out too which was to be tried again only later. */
  async triesAgain(): Promise<void> {
    await this.start();
    await this.#advance(longestBackOff);
    await this.settle();
  }

  /** Lets everything that may go out now do so, stops calmly, and looks. */
  async settle(): Promise<void> {
    await this.drained();
    const code = await (await this.running()).stop();
    if (code !== 0) throw new Error(`the program ended with ${code}:\n${this.output}`);
    this.#running = null;
    await this.look();
  }

  async stop(): Promise<void> {
    await this.telegram.stop();
    const running = await this.#running?.catch(() => null);
    await running?.kill();
  }
}
