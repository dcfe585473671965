// The Bot API methods of the pretended Telegram: each checks its parameters, changes the chats and returns the result.
// They answer as tdlib/telegram-bot-api does and refuse what it refuses, in its words. Unlike it they refuse parameters
// they don't know, so that no misspelt option (a message left unprotected) passes a test; nothing is silently ignored.
import type { MessageEntity, User } from 'grammy/types';
import { type ChatMessage, type Room, seconds, type World, wire } from './telegram-chat.ts';
import {
  badRequest,
  captionText,
  flag,
  integer,
  messageText,
  type Payload,
  Refusal,
  replyMarkup,
  structured,
  textEntities,
} from './telegram-rules.ts';

type Method = (world: World, payload: Payload) => unknown;

const HOURS_48 = 48 * 3600_000;
/** Not documented; bot authors see answers refused from about this age on. */
const TAP_ANSWER_TIME = 15_000;
const ACTIONS =
  /^(typing|choose_sticker|find_location|(upload|record)_(video|video_note|voice)|upload_(photo|document))$/;

/** The chat of the request. Throws 400 when there is none or the bot may not know it. */
function chatOf(world: World, payload: Payload): Room {
  const { chat_id: id } = payload;
  if (id === undefined || id === '') throw badRequest('chat_id is empty');
  const room = world.rooms.get(integer(id) ?? Number.NaN);
  if (!room?.open) throw badRequest('chat not found');
  return room;
}

/** The same for methods that reach the person: throws 403 when they left or blocked the bot. */
function reachable(world: World, payload: Payload): Room {
  const room = chatOf(world, payload);
  if (room.deactivated) throw new Refusal(403, 'Forbidden: user is deactivated');
  if (room.blocked) throw new Refusal(403, 'Forbidden: bot was blocked by the user');
  return room;
}

function send(world: World, room: Room, payload: Payload, parts: Partial<ChatMessage>): ChatMessage {
  const markup = replyMarkup(payload);
  world.limits?.count(room.chat.id, world.now());
  return world.place(room, world.bot as User, {
    keyboard: markup.inline,
    other_markup: markup.other,
    disable_notification: flag(payload.disable_notification),
    protect_content: flag(payload.protect_content),
    link_preview_options: preview(payload),
    ...parts,
  });
}

const preview = (payload: Payload) =>
  structured(payload.link_preview_options, 'link preview options') as ChatMessage['link_preview_options'];

const formatting = (entities: MessageEntity[]) => (entities.length > 0 ? { entities } : {});

/** The bot's own message to be edited. Throws 400. */
function editable(world: World, payload: Payload): ChatMessage {
  const id = integer(payload.message_id);
  if (id === undefined) throw badRequest('message identifier is not specified');
  const message = reachable(world, payload).find(id);
  if (message === undefined) throw badRequest('message to edit not found');
  if (message.from.id !== world.bot.id) throw badRequest("message can't be edited");
  return message;
}

/** Writes the change, or throws 400 when there is none. */
function change(world: World, message: ChatMessage, parts: Partial<ChatMessage>): void {
  const same = Object.entries(parts).every(
    ([key, value]) => JSON.stringify(message[key as keyof ChatMessage]) === JSON.stringify(value),
  );
  if (same)
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  Object.assign(message, parts, { edit_date: seconds(world.now()) });
  world.changed();
}

function inlineOnly(payload: Payload) {
  const { inline, other } = replyMarkup(payload);
  if (other !== undefined) throw badRequest('inline keyboard expected');
  return inline;
}

/** Deletes both sides' messages in private chats, in groups only the bot's own; none older than 48 hours. */
function erase(world: World, room: Room, message: ChatMessage): void {
  const foreign = message.from.id !== world.bot.id && room.chat.type !== 'private';
  if (foreign) throw badRequest("message can't be deleted");
  if (message.date * 1000 < world.now() - HOURS_48) throw badRequest("message can't be deleted for everyone");
  message.deleted = true;
  world.changed();
}

/** An uploaded file, given in its own field or as `attach://` another one. Throws 400. */
function upload(payload: Payload): File {
  const { document } = payload;
  const named = typeof document === 'string' && /^attach:\/\/(.+)$/.exec(document)?.[1];
  const file = named ? payload[named] : document;
  if (!(file instanceof File)) throw badRequest('there is no document in the request');
  if (file.size === 0) throw badRequest('file must be non-empty');
  return file;
}

/** A setMy... method that only stores what it was given, per scope and language. */
const stored =
  (name: string, check: (payload: Payload) => unknown): Method =>
  (world, payload) => {
    const { language_code: language = '' } = payload;
    if (!/^([a-z]{2})?$/.test(String(language))) throw badRequest('invalid language code specified');
    const scope = structured(payload.scope, 'scope') as { type: string } | undefined;
    world.profile.set(`${name} ${scope?.type ?? 'default'} ${language}`.trim(), check(payload));
    return true;
  };

const text = (payload: Payload, key: string, most: number) => {
  const value = String(payload[key] ?? '').trim();
  if (value.length > most) throw badRequest(`${key} is too long`);
  return value;
};

const SENDING = ['chat_id', 'reply_markup', 'disable_notification', 'protect_content'];

/** The parameters known of each method. Parse modes are left out on purpose: they read what people wrote as markup. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  getMe: [],
  getUpdates: ['offset', 'limit', 'timeout', 'allowed_updates'],
  setWebhook: ['url', 'secret_token', 'max_connections', 'allowed_updates', 'drop_pending_updates'],
  deleteWebhook: ['drop_pending_updates'],
  getWebhookInfo: [],
  sendMessage: [...SENDING, 'text', 'entities', 'link_preview_options'],
  sendDocument: [...SENDING, 'document', 'caption'],
  editMessageText: ['chat_id', 'message_id', 'reply_markup', 'text', 'entities', 'link_preview_options'],
  editMessageReplyMarkup: ['chat_id', 'message_id', 'reply_markup'],
  deleteMessage: ['chat_id', 'message_id'],
  deleteMessages: ['chat_id', 'message_ids'],
  answerCallbackQuery: ['callback_query_id', 'text', 'show_alert', 'cache_time'],
  sendChatAction: ['chat_id', 'action'],
  setMyCommands: ['commands', 'scope', 'language_code'],
  setMyDescription: ['description', 'language_code'],
  setMyShortDescription: ['short_description', 'language_code'],
};

/** Carries a request out and resolves with its result. Rejects with the Refusal a bot would get. */
export async function carryOut(world: World, method: string, payload: Payload): Promise<unknown> {
  const run = METHODS.get(method);
  if (run === undefined) throw new Refusal(404, 'Not Found: method not found');
  const known = PARAMETERS[method] ?? [];
  const attached = Object.values(payload).map((value) => /^attach:\/\/(.+)$/.exec(String(value))?.[1]);
  for (const name of Object.keys(payload))
    if (!known.includes(name) && !attached.includes(name))
      throw badRequest(`the fake Telegram knows no parameter '${name}' of ${method}`);
  return run(world, payload);
}

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>(
  Object.entries({
    getMe: (world) => world.bot,

    getUpdates: (world, payload) => {
      const limit = Math.min(Math.max(integer(payload.limit) ?? 100, 1), 100);
      const timeout = Math.min(Math.max(integer(payload.timeout) ?? 0, 0), 50);
      const updates = world.updates.poll(integer(payload.offset) ?? 0, limit, timeout);
      world.updates.allow(structured(payload.allowed_updates, 'allowed_updates'));
      return updates;
    },

    setWebhook: (world, payload) => {
      const connections = Math.min(Math.max(integer(payload.max_connections) ?? 40, 1), 100);
      const { url = '', secret_token: secret } = payload;
      if (url === '') world.updates.deleteWebhook();
      else world.updates.setWebhook(String(url), secret as string | undefined, connections);
      world.updates.allow(structured(payload.allowed_updates, 'allowed_updates'));
      if (flag(payload.drop_pending_updates)) world.updates.drop();
      return true;
    },

    deleteWebhook: (world, payload) => {
      world.updates.deleteWebhook();
      if (flag(payload.drop_pending_updates)) world.updates.drop();
      return true;
    },

    getWebhookInfo: (world) => world.updates.webhookInfo,

    sendMessage: (world, payload) => {
      const text = messageText(payload, 'message is too long');
      const content = formatting(textEntities(payload, text));
      const room = reachable(world, payload);
      const message = send(world, room, payload, { text, content });
      world.said(room, 'text', message);
      return wire(message);
    },

    sendDocument: (world, payload) => {
      const file = upload(payload);
      const text = captionText(payload);
      const room = reachable(world, payload);
      const file_unique_id = `D${world.rooms.size}-${room.messages.length}`;
      const document = {
        file_id: `BQAC${file_unique_id}`,
        file_unique_id,
        file_name: file.name,
        mime_type: file.type || 'application/octet-stream',
        file_size: file.size,
      };
      return file.bytes().then((bytes) => {
        const message = send(world, room, payload, { text, content: { document }, file: bytes });
        world.said(room, 'document', message);
        return wire(message);
      });
    },

    editMessageText: (world, payload) => {
      const text = messageText(payload, 'MESSAGE_TOO_LONG');
      const content = formatting(textEntities(payload, text));
      const keyboard = inlineOnly(payload);
      const message = editable(world, payload);
      if ('document' in message.content) throw badRequest('there is no text in the message to edit');
      change(world, message, { text, content, keyboard });
      Object.assign(message, { edited: true, link_preview_options: preview(payload) });
      world.said(chatOf(world, payload), 'edit', message);
      return wire(message);
    },

    editMessageReplyMarkup: (world, payload) => {
      const keyboard = inlineOnly(payload);
      const message = editable(world, payload);
      change(world, message, { keyboard });
      return wire(message);
    },

    deleteMessage: (world, payload) => {
      const room = chatOf(world, payload);
      const message = room.find(integer(payload.message_id));
      if (message === undefined) throw badRequest('message to delete not found');
      erase(world, room, message);
      return true;
    },

    deleteMessages: (world, payload) => {
      const ids = structured(payload.message_ids, 'message_ids') ?? [];
      if (!Array.isArray(ids)) throw badRequest('expected an Array of message identifiers');
      if (ids.length === 0) throw badRequest('message identifiers are not specified');
      if (ids.length > 100) throw badRequest('too many message identifiers specified');
      const room = chatOf(world, payload);
      for (const message of ids.map((id) => room.find(integer(id))))
        if (message !== undefined) erase(world, room, message);
      return true;
    },

    answerCallbackQuery: (world, payload) => {
      const toast = text(payload, 'text', Number.POSITIVE_INFINITY);
      if (toast.length > 200) throw badRequest('MESSAGE_TOO_LONG');
      const id = String(payload.callback_query_id);
      const query = world.queries.get(id);
      if (query === undefined || query.at < world.now() - TAP_ANSWER_TIME)
        throw badRequest('query is too old and response timeout expired or query ID is invalid');
      world.queries.delete(id);
      if (toast !== '' && query.message !== undefined) world.said(query.room, 'toast', query.message, toast);
      return true;
    },

    sendChatAction: (world, payload) => {
      if (!ACTIONS.test(String(payload.action))) throw badRequest('wrong parameter action in request');
      reachable(world, payload);
      return true;
    },

    setMyCommands: stored('commands', (payload) => {
      const commands = structured(payload.commands, 'commands');
      if (!Array.isArray(commands)) throw badRequest('expected an Array of BotCommand');
      if (commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH');
      for (const { command, description } of commands) {
        if (!/^\/?[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
        if (!/^.{1,256}$/su.test(description)) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
      }
      return commands;
    }),

    setMyDescription: stored('description', (payload) => text(payload, 'description', 512)),
    setMyShortDescription: stored('short description', (payload) => text(payload, 'short_description', 120)),
  } satisfies Record<string, Method>),
);
