/**
 * The connection of the Redis store: one server, a primary behind Sentinels, or a Cluster, asked in the same way. It runs
 * commands and scripts, waits for replicas where that is wanted, and tells what can not be reached from what is refused
 * for good. It must never put an address or a password into an error of its own.
 */
import {
  ClientClosedError,
  createClient,
  createCluster,
  createSentinel,
  ErrorReply,
  RESP_TYPES,
} from 'redis';
import type { Millis } from '../core/time.ts';
import type { RedisAddress } from '../shapes.ts';
import type { Script } from './redis-lua.ts';
import { StoreDown } from './store.ts';

export type Argument = string | Buffer;
/** As the protocol has it: bulk strings are Buffers. */
export type Reply = Buffer | number | string | null | Reply[];

/** What waits for a connection longer than about this is refused; it was never written. */
const patience: Millis = 3_000;
/** Commands of so long a time give up together, since a signal for each would cost as much as the command. */
const together: Millis = 250;
/** What is written and not answered for so long counts as lost. */
const answerWithin: Millis = 10_000;
const replicasWithin: Millis = 1_000;
const mostBetweenTries: Millis = 1_000;

/** Errors of the server that pass by themselves or by an operator's hand: coming back helps. */
const passing =
  /^(OOM|MISCONF|READONLY|LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOREPLICAS|BUSY|NOAUTH|WRONGPASS|NOPERM|MOVED|ASK|ERR max number of clients)/;

type Node = { sendCommand(args: Argument[]): Promise<unknown> };
type Client = {
  send(key: string, args: Argument[]): Promise<unknown>;
  /** Every server that is written to. */
  masters(): Promise<Node[]>;
  close(): Promise<void>;
  destroy(): void;
};

export class RedisLink {
  readonly #client: Client;
  /** How many replicas must have a commit before it counts. */
  readonly replicas: number;
  readonly #waits = new Map<string, Promise<void>>();

  private constructor(client: Client, replicas: number) {
    this.#client = client;
    this.replicas = replicas;
  }

  /** @throws StoreDown when it can not be reached, or refuses the user */
  static async open(address: RedisAddress): Promise<RedisLink> {
    const link = new RedisLink(await connected(address).catch(refused), address.replicas);
    return link;
  }

  /** One command on the slot of this key. */
  command(key: string, ...args: Argument[]): Promise<Reply> {
    return this.#asked(() => this.#client.send(key, args));
  }

  /** One script on the slot of its key. The server is given the text when it does not have it yet. */
  run(script: Script, key: string, ...args: Argument[]): Promise<Reply> {
    return this.#asked(() => this.#run(script, key, args, (all) => this.#client.send(key, all)));
  }

  /**
   * A script whose effect counts only when enough replicas have it, where the address asks for that. Both go in one breath,
   * so that the answer of the replicas is about this very connection.
   */
  runSafely(script: Script, key: string, ...args: Argument[]): Promise<Reply> {
    if (this.replicas === 0) return this.run(script, key, ...args);
    return this.#asked(() =>
      this.#run(script, key, args, async (all) => {
        const [reply] = await Promise.all([this.#client.send(key, all), this.#confirmed(key)]);
        return reply;
      }),
    );
  }

  /** That what this process wrote there before is where the address wants it, or StoreDown. */
  async settled(key: string): Promise<void> {
    if (this.replicas === 0) return;
    await this.#asked(() => this.#confirmed(key));
  }

  /** One wait for all that is written on a slot in this breath: it holds up what comes after it. */
  #confirmed(key: string): Promise<void> {
    const known = this.#waits.get(key);
    if (known) return known;
    const wait = ['WAIT', String(this.replicas), String(replicasWithin)];
    const confirmed = new Promise((resolve) => setImmediate(resolve)).then(async () => {
      this.#waits.delete(key);
      if (Number(await this.#client.send(key, wait)) < this.replicas) throw new Unconfirmed();
    });
    this.#waits.set(key, confirmed);
    return confirmed;
  }

  /** One command on every server that is written to. */
  everywhere(...args: Argument[]): Promise<Reply[]> {
    return this.#asked(async () => {
      const masters = await this.#client.masters();
      return Promise.all(masters.map((master) => master.sendCommand(args)));
    }) as Promise<Reply[]>;
  }

  /** The names of all keys that begin with `start`, each once; for moving a store only. */
  async *scan(start: string): AsyncGenerator<string> {
    const seen = new Set<string>();
    const masters = await this.#asked(() => this.#client.masters());
    for (const master of masters as unknown as Node[]) {
      let cursor = '0';
      do {
        const args = ['SCAN', cursor, 'MATCH', `${start}*`, 'COUNT', '1000'];
        const [next, keys] = (await this.#asked(() => master.sendCommand(args))) as [Buffer, Buffer[]];
        cursor = String(next);
        for (const key of keys.map(String)) {
          if (!seen.has(key)) yield key;
          seen.add(key);
        }
      } while (cursor !== '0');
    }
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([this.#client.close().catch(() => {}), late]);
    clearTimeout(timer);
    try {
      this.#client.destroy();
    } catch (error) {
      if (!(error instanceof ClientClosedError)) throw error;
    }
  }

  async #run(
    script: Script,
    key: string,
    args: Argument[],
    send: (args: Argument[]) => Promise<unknown>,
  ): Promise<unknown> {
    try {
      return await send(['EVALSHA', script.sha, '1', key, ...args]);
    } catch (error) {
      if (!(error instanceof ErrorReply && error.message.startsWith('NOSCRIPT'))) throw error;
      return send(['EVAL', script.lua, '1', key, ...args]);
    }
  }

  async #asked(work: () => Promise<unknown>): Promise<Reply> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Unanswered()), answerWithin);
    });
    try {
      return (await Promise.race([work(), late])) as Reply;
    } catch (error) {
      return refused(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Written where the program writes, but not known to be anywhere else. */
export class Unconfirmed extends Error {
  override readonly name = 'Unconfirmed';
}

class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** What the server refuses for good is a fault of this program; all else means that one should come back. */
function refused(error: unknown): never {
  const forGood = error instanceof ErrorReply && !passing.test(error.message);
  throw forGood || error instanceof TypeError ? error : new StoreDown(error);
}

async function connected(address: RedisAddress): Promise<Client> {
  const { nodes, username, password, tls } = address;
  const limited = limits();
  const socket = {
    ...(tls ? { tls: true as const } : {}),
    connectTimeout: patience,
    reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, mostBetweenTries),
  };
  const user = {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password: password.reveal() }),
  };
  const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.MAP]: Array };
  // The driver's own limit would make a signal for every command.
  const commandOptions = { timeout: 0, typeMapping };
  const [first] = nodes;
  switch (address.kind) {
    case 'server': {
      const client = createClient({
        ...user,
        socket: { ...socket, ...first },
        database: address.database,
        commandOptions,
      });
      await begun(client, () => client.connect());
      return {
        send: (_, args) => client.sendCommand(args, limited()),
        masters: async () => [{ sendCommand: (args) => client.sendCommand(args, limited()) }],
        close: async () => void (await client.close()),
        destroy: () => client.destroy(),
      };
    }
    case 'sentinel': {
      const client = createSentinel({
        name: address.master,
        sentinelRootNodes: [...nodes],
        nodeClientOptions: { ...user, socket, database: address.database },
        sentinelClientOptions: { socket },
        commandOptions,
        // All goes over one connection in order, so that WAIT speaks of what was written just before it.
        masterPoolSize: 1,
        reserveClient: true,
        scanInterval: 1_000,
      });
      await begun(client, () => client.connect());
      return {
        send: (_, args) => client.sendCommand(false, args, limited()),
        masters: async () => [{ sendCommand: (args) => client.sendCommand(false, args, limited()) }],
        close: () => client.close(),
        destroy: () => client.destroy(),
      };
    }
    case 'cluster': {
      const client = createCluster({
        rootNodes: nodes.map((node) => ({ socket: { ...socket, ...node } })),
        defaults: { ...user, socket },
      });
      await begun(client, () => client.connect());
      return {
        send: (key, args) => client.sendCommand(key, false, args, { ...commandOptions, ...limited() }),
        masters: () =>
          Promise.all(
            client.masters.map(async (master) => {
              const node = await client.nodeClient(master);
              return { sendCommand: (args) => node.sendCommand(args, { ...commandOptions, ...limited() }) };
            }),
          ),
        close: () => client.close(),
        destroy: () => client.destroy(),
      };
    }
  }
}

/** Ends the wait for a connection. */
function limits(): () => { abortSignal: AbortSignal } {
  let since = Number.NEGATIVE_INFINITY;
  let abortSignal = AbortSignal.timeout(patience);
  return () => {
    const now = performance.now();
    if (now - since >= together) {
      since = now;
      abortSignal = AbortSignal.timeout(patience);
    }
    return { abortSignal };
  };
}

type Beginner = {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  destroy(): unknown;
};

/** Connects, or gives up after a while: by itself the driver tries for ever. Later breaks show in what is asked. */
async function begun(client: Beginner, connect: () => Promise<unknown>): Promise<void> {
  let last: unknown;
  client.on('error', (error) => {
    last = error;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(last ?? new Unanswered()), patience);
  });
  try {
    await Promise.race([connect(), late]);
  } catch (error) {
    try {
      client.destroy();
    } catch {
      // It never was open: what counts is why.
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
