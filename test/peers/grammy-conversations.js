/**
 * The same bot as a conversation of the conversations plugin, with its state in Redis: the dialogue is code that is run anew
 * from its beginning for every message. It begins again after twelve questions, so that its log does not grow for ever.
 */
import { createServer } from 'node:http';
import { conversations, createConversation } from '@grammyjs/conversations';
import { RedisAdapter } from '@grammyjs/storage-redis';
import { Bot, webhookCallback } from 'grammy';
import { Redis } from 'ioredis';
import { botInfo, keyboard, menu, settings } from './step.js';

const questions = 12;
const bot = new Bot(settings.token, { botInfo, client: { apiRoot: settings.apiRoot } });
const storage = new RedisAdapter({ instance: new Redis(settings.redis) });
bot.use(
  conversations({
    storage: { type: 'key', version: 1, getStorageKey: (ctx) => `c${ctx.chatId}`, adapter: storage },
  }),
);
bot.use(
  createConversation(async (conversation, ctx) => {
    await ctx.reply(menu, { reply_markup: keyboard });
    for (let asked = 1; asked < questions; asked++) {
      const answer = await conversation.waitFor('message:text');
      await answer.reply(menu, { reply_markup: keyboard });
    }
  }, 'talk'),
);
bot.on('message:text', (ctx) => ctx.conversation.enter('talk'));
const take = webhookCallback(bot, 'http', { secretToken: settings.secret });
createServer(take).listen(settings.port, '127.0.0.1', () => process.stdout.write('ready\n'));
