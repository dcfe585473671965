/**
 * The container's files, as far as they can be looked at without an engine: that what the Dockerfile copies is there
 * and reaches the builder, and that the service is as shut in as it is meant to be. It builds and starts nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(root + path, 'utf8');
/** Each instruction on one line, without comments. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replaceAll('\\\n', '')
  .split('\n')
  .filter(Boolean);
const argumentsOf = (instruction: string): string[] =>
  instructions
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1).trim());
const copied = argumentsOf('COPY')
  .filter((line) => !line.startsWith('--from='))
  .flatMap((line) => line.split(/\s+/).slice(0, -1));

test.each(copied)('the Dockerfile copies %s, which is there and not ignored', (path) => {
  expect(existsSync(root + path)).toBe(true);
  expect(read('.dockerignore').split('\n')).toContain(`!${path}`);
});

test('nothing but what is copied reaches the builder', () => {
  const [first, ...rest] = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(first).toBe('*');
  expect(rest.toSorted()).toEqual([...new Set(copied)].map((path) => `!${path}`).toSorted());
});

test('the image runs the program as a plain user, without npm, and says how it is', () => {
  expect(argumentsOf('USER')).toEqual(['node']);
  expect(argumentsOf('CMD')).toEqual(['["node", "src/start.js"]']);
  expect(existsSync(`${root}src/start.js`)).toBe(true);
  expect(argumentsOf('VOLUME')).toEqual(['/data']);
  const check = argumentsOf('HEALTHCHECK')[0]?.replace(/^.*CMD /, '') ?? '';
  expect(JSON.parse(check).slice(0, 2)).toEqual(['node', '-e']);
  expect(() => new Function(JSON.parse(check)[2])).not.toThrow();
});

test('the service has no more rights than it needs', () => {
  const { services, volumes } = parse(read('infra/compose.yaml'));
  const service = services['bli-med'];
  expect(service).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    tmpfs: ['/tmp'],
    env_file: '/etc/bli-med/env',
  });
  expect(service.ports.every((port: string) => port.startsWith('127.0.0.1:'))).toBe(true);
  expect(service.volumes[0]).toBe('data:/data');
  expect(Object.keys(volumes)).toEqual(['data']);
});

test('Redis beside it is shut in as well, and is reached by nobody else', () => {
  const { services, volumes } = parse(read('infra/compose.redis.yaml'));
  const { redis } = services;
  expect(redis).toMatchObject({
    user: 'redis',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    restart: 'unless-stopped',
  });
  expect(redis.ports).toBeUndefined();
  expect(redis.volumes).toContain('./redis.conf:/etc/redis/redis.conf:ro');
  expect(existsSync(`${root}infra/redis.conf`)).toBe(true);
  expect(Object.keys(volumes)).toEqual(['redis']);
});
