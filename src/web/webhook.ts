/**
 * Telegram's webhook: the secret is compared before anything is read, the body is limited, and 200 means committed.
 * While the store is down Telegram is told to come back, and holds the queue for us.
 */
import { timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { StoreDown } from '../store/store.ts';

export type WebhookOptions = {
  /** The path of the webhook's address. */
  path: string;
  secret: string;
  /** Resolves when the update is committed, or is none of ours. */
  take(update: unknown): Promise<void>;
  failed(error: unknown): void;
};

const largestUpdate = 1024 * 1024;

export function webhookRoute({ path, secret, take, failed }: WebhookOptions): Hono {
  const app = new Hono();
  const expected = Buffer.from(secret);
  app.post(
    path,
    async (c, next) => {
      const given = Buffer.from(c.req.header('x-telegram-bot-api-secret-token') ?? '');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return c.body(null, 401);
      return next();
    },
    bodyLimit({ maxSize: largestUpdate, onError: (c) => c.body(null, 413) }),
    async (c) => {
      const update: unknown = await c.req.json().catch(() => undefined);
      if (update === undefined) return c.json({ error: 'Expected an update as JSON.' }, 400);
      try {
        await take(update);
        return c.body(null, 200);
      } catch (error) {
        failed(error);
        return c.body(null, error instanceof StoreDown ? 503 : 500, { 'retry-after': '5' });
      }
    },
  );
  return app;
}
