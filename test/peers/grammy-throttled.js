/**
 * The plain grammY bot with its own throttler, which keeps to the platform's limit in memory: as soon as it listens it sends reminders
 * to everybody, and answers whoever writes meanwhile.
 */
import { createServer } from 'node:http';
import { RedisAdapter } from '@grammyjs/storage-redis';
import { apiThrottler } from '@grammyjs/transformer-throttler';
import { Bot, session, webhookCallback } from 'grammy';
import { Redis } from 'ioredis';
import { botInfo, keyboard, menu, settings } from './step.js';

const [from, count, pace] = process.argv.slice(2).map(Number);
const bot = new Bot(settings.token, { botInfo, client: { apiRoot: settings.apiRoot } });
const limit = { reservoir: pace, reservoirRefreshAmount: pace, reservoirRefreshInterval: 1000 };
bot.api.config.use(apiThrottler({ global: limit }));
const storage = new RedisAdapter({ instance: new Redis(settings.redis) });
bot.use(session({ initial: () => ({ turns: 0, step: 'start' }), storage }));
bot.on('message:text', async (ctx) => {
  ctx.session.turns++;
  await ctx.reply(menu, { reply_markup: keyboard });
});
// It waits for its turn longer than a webhook may take, so the webhook does not wait for it.
const take = webhookCallback(bot, 'http', {
  secretToken: settings.secret,
  onTimeout: 'return',
  timeoutMilliseconds: 1000,
});
createServer(take).listen(settings.port, '127.0.0.1', () => {
  process.stdout.write('ready\n');
  for (let n = 0; n < count; n++) void bot.api.sendMessage(from + n, menu);
});
