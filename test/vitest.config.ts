/**
 * How the tests are run. The time limits only end what hangs, since no test may depend on the speed of a machine;
 * the zone is far from the clinics' one, so that code which leans on the machine's own zone fails here.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    env: { TZ: 'Pacific/Auckland' },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
