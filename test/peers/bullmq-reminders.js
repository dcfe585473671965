/**
 * The same with BullMQ: as many delayed jobs as there are reminders, all due, and a worker that does nothing with each and
 * removes it. Only the dispatch is measured, not the adding.
 */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const total = Number(process.argv[2]);
const concurrency = 64;
const connection = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
const queue = new Queue('reminders', { connection });
const jobs = (from, count) =>
  Array.from({ length: count }, (_, i) => ({
    name: 'reminder',
    data: { person: `person-${from + i}`, plan: 'demo@2026-11-22', kind: 'day-before' },
    opts: { delay: 1, removeOnComplete: true },
  }));
for (let from = 0; from < total; from += 1000) await queue.addBulk(jobs(from, Math.min(1000, total - from)));
const went = new Set();
const all = Promise.withResolvers();
const worker = new Worker(
  'reminders',
  async ({ data }) => {
    went.add(data.person);
    if (went.size === total) all.resolve();
  },
  { connection: connection.duplicate(), concurrency, autorun: false },
);
const start = performance.now();
void worker.run();
await all.promise;
const took = performance.now() - start;
await worker.close();
await queue.close();
process.stdout.write(`${JSON.stringify({ count: went.size, took })}\n`);
process.exit(0);
