/**
 * The program on Redis, as a process of its own: which servers it trusts, that a store which lost something is noticed,
 * and that two of it can stand side by side. The secret in its address must never be seen.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { LostTail } from '../src/store/lost-tail.ts';
import { faultsOfRedis } from '../src/store/redis-checks.ts';
import type { RedisLink } from '../src/store/redis-link.ts';
import { openLink, openStore, RedisServer } from './fakes/redis.ts';
import { command, emptyFolder, Running } from './fakes/running.ts';
import { FakeTelegram } from './fakes/telegram.ts';
import { WebPerson } from './fakes/web-person.ts';

const servers: RedisServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function serve(args?: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(args);
  servers.push(server);
  return server;
}

const meetings = join(emptyFolder(), 'meetings.yaml');
writeFileSync(meetings, readFileSync(new URL('../content/meetings/demo.yaml', import.meta.url)));
const production = (url: string, DATA_DIR = emptyFolder()) => ({
  DATA_DIR,
  REDIS_URL: url,
  PORT: '0',
  MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  CLINIC_NAME: 'Eksempelklinikken',
  MEETINGS_FILE: meetings,
});

const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];

describe('a Redis', () => {
  test('that keeps everything serves production', async () => {
    const server = await serve();
    const running = await Running.start(production(server.url));
    expect(running.output).not.toContain('redis-unsound');
    expect(await running.stop()).toBe(0);
  });

  test.each([
    [
      ['--appendonly', 'no'],
      [/appendonly yes/, /appendfsync always/],
    ],
    [['--appendonly', 'yes', '--appendfsync', 'everysec'], [/appendfsync always/]],
    [[...durable, '--maxmemory-policy', 'allkeys-lru'], [/maxmemory-policy noeviction/]],
    [[...durable, '--user', 'default', 'on', 'nopass', '~*', '+@all', '-config'], [/\+config\|get/]],
  ])('that may forget is refused in production: %j', async (args, says) => {
    const server = await serve(args);
    const { code, stdout, stderr } = await command([], production(server.url));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.trim().split('\n')).toEqual(says.map((one) => expect.stringMatching(one)));
    const link = await openLink(server.url);
    const keys: string[] = [];
    for await (const key of link.scan('')) keys.push(key);
    await link.close();
    expect(keys).toEqual([]);
  });

  test('that may forget is good enough for a demo, which says so', async () => {
    const server = await serve(['--appendonly', 'no']);
    const running = await Running.start({ DATA_DIR: emptyFolder(), REDIS_URL: server.url });
    expect(running.output).toMatch(/"event":"redis-unsound","code":"redis-appendonly"/);
    expect(await running.stop()).toBe(0);
  });

  test('as infra/redis.conf and its users have it serves production', async () => {
    const read = (name: string) => readFileSync(new URL(`../infra/${name}`, import.meta.url), 'utf8');
    const folder = emptyFolder();
    const [users, conf] = [join(folder, 'users.acl'), join(folder, 'redis.conf')];
    const example = read('redis.acl.example');
    expect(example).toContain('A-PASSWORD-OF-YOUR-OWN');
    writeFileSync(users, example.replace('A-PASSWORD-OF-YOUR-OWN', 'geheim'));
    writeFileSync(
      conf,
      read('redis.conf')
        .replace('/etc/redis/users.acl', users)
        .replace(/^(dir|bind) .*/gm, ''),
    );
    const server = await serve([conf]);
    const settings = production(`redis://bli-med:geheim@${server.address}`);
    const running = await Running.start(settings);
    const anna = new WebPerson({ running: async () => running });
    await anna.opens(null);
    await anna.hears('Hello');
    expect(await running.stop()).toBe(0);
    const moved = await command(['move', '--from', 'redis', '--to', `sqlite:${emptyFolder()}`], settings);
    expect(moved).toMatchObject({ code: 0, stderr: '' });
    const link = await openLink(settings.REDIS_URL);
    await expect(link.everywhere('FLUSHALL')).rejects.toThrow();
    await link.command('bm:x', 'SET', 'bm:x', '1');
    await expect(link.command('x', 'SET', 'x', '1')).rejects.toThrow();
    await link.everywhere('BGREWRITEAOF');
    await link.close();
  });

  test('with fewer replicas than are counted on is refused', async () => {
    const server = await serve();
    const { code, stderr } = await command([], production(`${server.url}?replicas=1`));
    expect(code).toBe(1);
    expect(stderr).toMatch(/fewer replicas/);
  });

  test('that is not there, or knows another password, is said plainly and without the secret', async () => {
    const server = await serve([...durable, '--requirepass', 'another']);
    const told = await command([], production(`redis://:geheim@${server.address}`));
    expect(told).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/password in REDIS_URL/),
    });
    await server.kill();
    const gone = await command([], production(`redis://:geheim@${server.address}`));
    expect(gone).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/can not be reached/) });
    expect(JSON.stringify([told, gone])).not.toContain('geheim');
  });

  test('that is too old is refused, in a demo as well', async () => {
    const info = 'redis_version:6.2.14\r\n';
    const link = { replicas: 0, everywhere: async (name: string) => (name === 'INFO' ? [info] : [[]]) };
    const faults = await faultsOfRedis(link as unknown as RedisLink);
    expect(faults[0]).toEqual({
      code: 'redis-too-old',
      says: expect.stringMatching(/6\.2\.14/),
      fatal: true,
    });
  });

  test('may be killed and come back: whoever writes meanwhile is told to come again, and is answered then', async () => {
    const server = await serve();
    const running = await Running.start({ DATA_DIR: emptyFolder(), REDIS_URL: server.url });
    const anna = new WebPerson({ running: async () => running });
    await anna.opens(null);
    await anna.hears('Hello');
    await server.kill();
    await expect(anna.taps('English')).rejects.toThrow(/503/);
    await server.again();
    await anna.taps('English');
    const answer = await anna.hears('');
    expect(anna.shown.filter(({ text }) => text === answer.text)).toHaveLength(1);
    expect(await running.stop()).toBe(0);
  });

  test('that is away does not keep the program from stopping calmly', async () => {
    const server = await serve();
    const running = await Running.start({ DATA_DIR: emptyFolder(), REDIS_URL: server.url });
    await server.kill();
    expect(await running.stop()).toBe(0);
  });

  test('made for a demo, or with another number of partitions, is not opened', async () => {
    const server = await serve();
    const demo = await Running.start({ DATA_DIR: emptyFolder(), REDIS_URL: server.url });
    await demo.stop();
    const { code, stderr } = await command([], production(server.url));
    expect(code).toBe(1);
    expect(stderr).toMatch(/made for demo .* another REDIS_URL/);
    const store = await openStore(server.url);
    await store.setNote('partitions', '4');
    await store.close();
    const other = await command([], { DATA_DIR: emptyFolder(), REDIS_URL: server.url, PORT: '0' });
    expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/has 4 partitions/) });
  });
});

describe('a store that lost something', () => {
  test('is not opened in production, until somebody says so', async () => {
    const server = await serve();
    const settings = production(server.url);
    const file = join(settings.DATA_DIR, 'redis-commits.json');
    await (await Running.start(settings)).stop();
    const noted = readFileSync(file, 'utf8');
    await (await Running.start(settings)).stop();

    const link = await openLink(server.url);
    await link.everywhere('FLUSHALL');
    const emptied = await command([], settings);
    expect(emptied).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/is empty.*delete/) });
    expect(readFileSync(file, 'utf8')).toBe(noted);
    await link.close();

    rmSync(file);
    expect(await (await Running.start(settings)).stop()).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8')).store).not.toBe(JSON.parse(noted).store);
  });

  test('is warned of in a demo, which goes on', async () => {
    const server = await serve();
    const settings = { DATA_DIR: emptyFolder(), REDIS_URL: server.url };
    await (await Running.start(settings)).stop();
    const link = await openLink(server.url);
    await link.everywhere('FLUSHALL');
    await link.close();
    const running = await Running.start(settings);
    expect(running.output).toContain('store-went-back');
    expect(await running.stop()).toBe(0);
  });
});

describe('the note of commits', () => {
  const file = () => join(emptyFolder(), 'commits.json');
  /** A store that says what the test wants. */
  const counted = (name: string | null, commits: number[]) => ({
    commits: async () => [...commits],
    claimed: async () => name,
    claim: async (_: string, value: string) => name ?? value,
  });
  const faultOf = async (name: string | null, commits: number[], noted: string) =>
    (await LostTail.fault(counted(name, commits), noted))?.message ?? null;

  test('is nothing at first, and then what the store has', async () => {
    const path = file();
    expect(await faultOf(null, [0, 0], path)).toBeNull();
    const guard = await LostTail.watch(counted('a', [3, 4]), path, () => {});
    await guard.end();
    expect(await faultOf('a', [3, 4], path)).toBeNull();
    expect(await faultOf('a', [5, 4], path)).toBeNull();
    expect(await faultOf('a', [9, 3], path)).toMatch(/went back: at least 1 of 7/);
    expect(await faultOf('a', [9], path)).toMatch(/at least 4 of 7/);
    expect(await faultOf('b', [9, 9], path)).toMatch(/another store/);
    expect(await faultOf(null, [0, 0], path)).toMatch(/is empty, but it had seen 7/);
  });

  test('that can not be read stops as well', async () => {
    const path = file();
    for (const text of ['', '{}', '{"store":"a","commits":["x"]}']) {
      writeFileSync(path, text);
      expect(await faultOf('a', [1], path)).toMatch(/can not be read/);
    }
  });

  test('never becomes less while the program runs: it tells once, and keeps what it had', async () => {
    const path = file();
    const commits = [5, 5];
    let told = 0;
    const guard = await LostTail.watch(counted('a', commits), path, () => told++);
    commits[1] = 4;
    await guard.note();
    await guard.note();
    await guard.end();
    expect(told).toBe(1);
    expect(JSON.parse(readFileSync(path, 'utf8')).commits).toEqual([5, 5]);
  });
});

describe('two of the program on one Redis', () => {
  const running: Running[] = [];
  afterEach(() => Promise.all(running.splice(0).map((one) => one.kill())));

  test('stand side by side: what the one hears the other sends, and when it goes the other goes on', async () => {
    const server = await serve();
    const folders = [emptyFolder(), emptyFolder()];
    for (const folder of folders) writeFileSync(join(folder, 'demo.key'), Buffer.alloc(32, 3));
    const one = await Running.start({ DATA_DIR: folders[0] ?? '', REDIS_URL: server.url });
    running.push(one);
    const two = await Running.start({ DATA_DIR: folders[1] ?? '', REDIS_URL: server.url });
    running.push(two);
    const anna = new WebPerson({ running: async () => two });
    await anna.opens(null);
    await anna.hears('Hello');
    expect(await one.stop()).toBe(0);
    const berit = new WebPerson({ running: async () => two });
    await berit.opens(null);
    await berit.hears('Hello');
    expect(await two.stop()).toBe(0);
    expect(existsSync(join(folders[1] ?? '', 'bli-med.sqlite'))).toBe(false);
  });

  test('take turns at Telegram, which bears one of them: when the one dies, the other asks and answers', async () => {
    const server = await serve();
    const token = '110201543:DEMO-token_of_no_bot_0123456789abcdefg';
    const telegram = await FakeTelegram.start({ token, limits: false });
    const folders = [emptyFolder(), emptyFolder()];
    for (const folder of folders) writeFileSync(join(folder, 'demo.key'), Buffer.alloc(32, 3));
    const settings = (DATA_DIR = '') => ({
      DATA_DIR,
      REDIS_URL: server.url,
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
    });
    const one = await Running.start(settings(folders[0]));
    const two = await Running.start(settings(folders[1]));
    running.push(one, two);
    const anna = telegram.user();
    anna.starts();
    await anna.hears('Hello');
    await one.kill();
    const berit = telegram.user();
    berit.starts();
    await berit.hears('Hello');
    expect(one.output + two.output).not.toContain('poll-failed');
    expect(await two.stop()).toBe(0);
    await telegram.stop();
  });
});
