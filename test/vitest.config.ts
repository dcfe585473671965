/**
 * How the tests are run. The time limits only end what hangs, since no test may depend on the speed of a machine;
 * the zone is far from the clinics' one, so that code which leans on the machine's own zone fails here.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Minutes of kills, outages, failovers and terminals: run by `npm run test:faults`. */
const slow = ['faults', 'move', 'play', 'redis-start', 'redis-processes', 'redis-failover'].map(
  (name) => `test/${name}.test.ts`,
);

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    exclude: process.env.FAULTS ? [] : slow,
    env: { TZ: 'Pacific/Auckland' },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
