/**
 * Several Redis servers that know one another: a Cluster of three, and a primary with two replicas under a Sentinel. They
 * are awaited by what they say of themselves, never by time.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durable, freePort, openLink, RedisServer } from './redis.ts';

/** Asks a server until its answer fits. */
async function until(server: RedisServer, command: string[], fits: RegExp): Promise<string> {
  const link = await openLink(server.url);
  try {
    for (;;) {
      const answer = String(await link.command('', ...command));
      if (fits.test(answer)) return answer;
    }
  } finally {
    await link.close();
  }
}

async function tell(server: RedisServer, ...command: string[]): Promise<string> {
  const link = await openLink(server.url);
  const answer = String(await link.command('', ...command));
  await link.close();
  return answer;
}

export class RedisCluster {
  readonly nodes: RedisServer[];

  private constructor(nodes: RedisServer[]) {
    this.nodes = nodes;
  }

  static async start(): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    const ports: number[] = [];
    for (let i = 0; i < 3; i++) {
      const bus = await freePort();
      ports.push(bus);
      const args = ['--cluster-enabled', 'yes', '--cluster-port', String(bus)];
      nodes.push(await RedisServer.start([...durable, ...args]));
    }
    const ranges = ['0 5460', '5461 10922', '10923 16383'];
    for (const [i, node] of nodes.entries()) {
      await tell(node, 'CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
      await tell(node, 'CLUSTER', 'ADDSLOTSRANGE', ...(ranges[i] ?? '').split(' '));
    }
    const [first, ...others] = nodes as [RedisServer, ...RedisServer[]];
    for (const [i, other] of others.entries()) {
      await tell(first, 'CLUSTER', 'MEET', '127.0.0.1', String(other.port), String(ports[i + 1]));
    }
    for (const node of nodes) {
      await until(
        node,
        ['CLUSTER', 'INFO'],
        /cluster_state:ok[\s\S]*cluster_known_nodes:3[\s\S]*cluster_size:3/,
      );
    }
    return new RedisCluster(nodes);
  }

  get url(): string {
    return `redis+cluster://${this.nodes.map(({ address }) => address).join(',')}`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

export class Watched {
  readonly primary: RedisServer;
  readonly replicas: RedisServer[];
  readonly sentinel: RedisServer;

  private constructor(primary: RedisServer, replicas: RedisServer[], sentinel: RedisServer) {
    this.primary = primary;
    this.replicas = replicas;
    this.sentinel = sentinel;
  }

  static async start(): Promise<Watched> {
    const primary = await RedisServer.start();
    const follow = ['--replicaof', '127.0.0.1', String(primary.port), '--repl-diskless-sync-delay', '0'];
    const replicas = [
      await RedisServer.start([...durable, ...follow]),
      await RedisServer.start([...durable, ...follow]),
    ];
    await until(primary, ['INFO', 'replication'], /slave0:\S*state=online[\s\S]*slave1:\S*state=online/);
    const folder = mkdtempSync(join(tmpdir(), 'bli-med-sentinel-'));
    const file = join(folder, 'sentinel.conf');
    const lines = [
      `sentinel monitor blimed 127.0.0.1 ${primary.port} 1`,
      'sentinel down-after-milliseconds blimed 500',
      'sentinel failover-timeout blimed 3000',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const sentinel = await RedisServer.start([file, '--sentinel'], { folder });
    await until(
      sentinel,
      ['SENTINEL', 'REPLICAS', 'blimed'],
      new RegExp(replicas.map(({ port }) => `(?=[\\s\\S]*:${port})`).join('')),
    );
    return new Watched(primary, replicas, sentinel);
  }

  url(replicas = 0): string {
    return `redis+sentinel://${this.sentinel.address}/blimed${replicas ? `?replicas=${replicas}` : ''}`;
  }

  async stop(): Promise<void> {
    for (const replica of this.replicas) replica.signal('SIGCONT');
    await Promise.all([this.sentinel, this.primary, ...this.replicas].map((server) => server.stop()));
  }
}
