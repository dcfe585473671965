/**
 * Reads Telegram's updates: from whatever came in to what happened, or to nothing when it is none of ours. Everything
 * is validated here, at the edge; groups, channels, other bots and broken updates are refused in silence.
 */
import { z } from 'zod';
import type { Inbound } from './channel.ts';

export const allowedUpdates = ['message', 'edited_message', 'callback_query', 'my_chat_member'] as const;

const id = z.int();
const chat = z.object({ id, type: z.string() });
const sender = z.object({ id, is_bot: z.boolean(), language_code: z.string().optional() });
const message = z.object({
  message_id: id,
  chat,
  from: sender.optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  /** Also comes with a place picked from the map; that of somebody else who is passed on is no place of this person's. */
  location: z
    .object({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
    .optional(),
  forward_origin: z.object({}).optional(),
});
const button = z.object({ text: z.string(), url: z.string().optional() });
const callback = z.object({
  id: z.string(),
  from: sender,
  data: z.string().optional(),
  message: z
    .object({
      message_id: id,
      chat,
      text: z.string().optional(),
      reply_markup: z.object({ inline_keyboard: z.array(z.array(button)) }).optional(),
    })
    .optional(),
});
const update = z.object({
  update_id: id,
  message: message.optional(),
  edited_message: message.optional(),
  callback_query: callback.optional(),
  my_chat_member: z
    .object({ chat, from: sender, new_chat_member: z.object({ status: z.string() }) })
    .optional(),
});

/** What happened, or null when the update is none of ours. */
export function inboundOf(raw: unknown): Inbound | null {
  const { data } = update.safeParse(raw);
  if (!data) return null;
  const { message, edited_message, callback_query, my_chat_member } = data;
  const id = `telegram:${data.update_id}`;
  if (message) {
    const base = basis(id, message.chat, message.from);
    return base && { ...base, what: said(message) };
  }
  if (edited_message) {
    const base = basis(id, edited_message.chat, edited_message.from);
    const text = edited_message.text ?? edited_message.caption;
    return base && text !== undefined ? { ...base, what: { kind: 'edited', text } } : null;
  }
  if (callback_query?.message) {
    const base = basis(id, callback_query.message.chat, callback_query.from);
    const [wait = '', choice = ''] = (callback_query.data ?? '').split('.');
    return base && { ...base, what: { kind: 'tapped', wait, choice } };
  }
  if (my_chat_member) {
    const base = basis(id, my_chat_member.chat, my_chat_member.from);
    const gone = my_chat_member.new_chat_member.status === 'kicked';
    return base && { ...base, what: { kind: gone ? 'left' : 'returned' } };
  }
  return null;
}

function basis(id: string, chat: { id: number; type: string }, from: z.infer<typeof sender> | undefined) {
  if (chat.type !== 'private' || !from || from.is_bot) return null;
  const language = from.language_code?.startsWith('en') ? 'en' : 'nb';
  return { id, chat: { channel: 'telegram', address: String(chat.id) }, language };
}

function said({ text, caption, location, forward_origin }: z.infer<typeof message>): Inbound['what'] {
  if (location && !forward_origin)
    return { kind: 'located', lat: location.latitude, lon: location.longitude };
  if (text === undefined) return { kind: 'unreadable', ...(caption === undefined ? {} : { text: caption }) };
  const start = /^\/start(?:@\w+)?(?:\s+(\S+))?\s*$/.exec(text);
  return start ? { kind: 'opened', token: start[1] ?? null } : { kind: 'said', text };
}

/** What is needed to show that a tap was taken. `text` is null where there is none to change. */
export type TapTrace = {
  query: string;
  chat: number;
  message: number;
  text: string | null;
  /** The rows of the keyboard that lead to web pages. */
  links: { text: string; url: string }[][];
};

export function tapOf(raw: unknown): TapTrace | null {
  const query = update.safeParse(raw).data?.callback_query;
  if (!query?.message) return null;
  const { message } = query;
  const rows = message.reply_markup?.inline_keyboard ?? [];
  return {
    query: query.id,
    chat: message.chat.id,
    message: message.message_id,
    text: message.text ?? null,
    links: rows
      .map((row) => row.flatMap(({ text, url }) => (url === undefined ? [] : [{ text, url }])))
      .filter((row) => row.length > 0),
  };
}
