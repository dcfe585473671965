/**
 * A plain grammY bot: a session in Redis, a webhook over HTTP, and one answer with buttons to each message. Two writes that
 * belong together are not one here, and an update that comes twice is answered twice.
 */
import { createServer } from 'node:http';
import { RedisAdapter } from '@grammyjs/storage-redis';
import { Bot, session, webhookCallback } from 'grammy';
import { Redis } from 'ioredis';
import { botInfo, keyboard, menu, settings } from './step.js';

const bot = new Bot(settings.token, { botInfo, client: { apiRoot: settings.apiRoot } });
const storage = new RedisAdapter({ instance: new Redis(settings.redis) });
bot.use(session({ initial: () => ({ turns: 0, step: 'start' }), storage }));
bot.on('message:text', async (ctx) => {
  ctx.session.turns++;
  ctx.session.step = 'menu';
  await ctx.reply(menu, { reply_markup: keyboard });
});
const take = webhookCallback(bot, 'http', { secretToken: settings.secret });
createServer(take).listen(settings.port, '127.0.0.1', () => process.stdout.write('ready\n'));
