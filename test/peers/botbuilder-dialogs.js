/**
 * The same step as a waterfall of botbuilder-dialogs, behind Telegram's own webhook so that all are driven alike: each update becomes an
 * activity, state lies in Redis (through the three methods that a Storage has), and each answer goes to the Bot API by HTTP.
 */
import { createServer } from 'node:http';
import { CloudAdapter, ConversationState, MessageFactory, TurnContext } from 'botbuilder';
import { ChoicePrompt, DialogSet, TextPrompt, WaterfallDialog } from 'botbuilder-dialogs';
import { Api } from 'grammy';
import { Redis } from 'ioredis';
import { keyboard, menu, settings } from './step.js';

const redis = new Redis(settings.redis);
const storage = {
  async read(keys) {
    const found = await redis.mget(keys);
    return Object.fromEntries(keys.flatMap((key, i) => (found[i] ? [[key, JSON.parse(found[i])]] : [])));
  },
  async write(changes) {
    await redis.mset(Object.entries(changes).flatMap(([key, value]) => [key, JSON.stringify(value)]));
  },
  async delete(keys) {
    await redis.del(keys);
  },
};

const api = new Api(settings.token, { apiRoot: settings.apiRoot });
/** An adapter that sends by the Bot API. */
class TelegramAdapter extends CloudAdapter {
  async sendActivities(_context, activities) {
    const sent = activities
      .filter(({ type }) => type === 'message')
      .map(({ conversation, text }) =>
        api.sendMessage(Number(conversation.id), text ?? '', { reply_markup: keyboard }),
      );
    return (await Promise.all(sent)).map(({ message_id }) => ({ id: String(message_id) }));
  }
}

const state = new ConversationState(storage);
const dialogs = new DialogSet(state.createProperty('dialogs'));
dialogs.add(new TextPrompt('text'));
dialogs.add(new ChoicePrompt('choice'));
const ask = (step) => step.prompt('text', menu);
dialogs.add(new WaterfallDialog('talk', [...Array(12).fill(ask), (step) => step.replaceDialog('talk')]));

const adapter = new TelegramAdapter();
const turn = async (context) => {
  const dialog = await dialogs.createContext(context);
  const result = await dialog.continueDialog();
  if (result.status === 'empty') await dialog.beginDialog('talk');
  await state.saveChanges(context, false);
};
createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { message, update_id } = JSON.parse(Buffer.concat(chunks).toString());
  const who = { id: String(message.chat.id), name: message.chat.first_name };
  const activity = {
    ...MessageFactory.text(message.text),
    ...{ id: String(update_id), channelId: 'telegram', serviceUrl: settings.apiRoot, timestamp: new Date() },
    ...{ conversation: { id: who.id }, from: who, recipient: { id: 'bot', name: 'bot' } },
  };
  await adapter.runMiddleware(new TurnContext(adapter, activity), turn);
  response.writeHead(200).end();
}).listen(settings.port, '127.0.0.1', () => process.stdout.write('ready\n'));
