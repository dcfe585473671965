// What Telegram refuses: the checks a request must pass, with the server's own words for each refusal.
// Tests lean on them, so a check here may be stricter than the real server but never milder.
// Pure: it knows no chats, no clock and no network. Wordings are those of tdlib/telegram-bot-api and tdlib/td.
import type { InlineKeyboardButton, MessageEntity } from 'grammy/types';

/** Parameters of one request: JSON values, or the strings and files of a form. */
export type Payload = Readonly<Record<string, unknown>>;

/** An `{ok: false}` answer: HTTP status, description, and for 429 the seconds to wait. */
export class Refusal extends Error {
  readonly code: number;
  readonly retryAfter: number | undefined;
  constructor(code: number, description: string, retryAfter?: number) {
    super(description);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export const badRequest = (why: string) => new Refusal(400, `Bad Request: ${why}`);
export const tooMany = (seconds: number) =>
  new Refusal(429, `Too Many Requests: retry after ${seconds}`, seconds);

/** An integer given as a number or as digits; undefined when it is neither. */
export function integer(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}

export const flag = (value: unknown) => value === true || value === 'true';

/** A structured parameter: forms carry it as JSON text. Throws 400 naming `what` when that can't be read. */
export function structured(value: unknown, what: string): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    throw badRequest(`can't parse ${what} JSON object`);
  }
}

function wellFormed(value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (!text.isWellFormed()) throw badRequest('strings must be encoded in UTF-8');
  return text;
}

/**
 * The text as the server keeps it (trimmed), 1-4096 characters. Characters are counted as UTF-16 units, the
 * larger of the two possible counts.
 */
export function messageText(payload: Payload, tooLong: string): string {
  const text = wellFormed(payload.text);
  if (text === '') throw badRequest('message text is empty');
  if (text.length > 4096) throw badRequest(tooLong);
  return text;
}

/** A caption as the server keeps it, 0-1024 characters. */
export function captionText(payload: Payload): string {
  const caption = wellFormed(payload.caption);
  if (caption.length > 1024) throw badRequest('message caption is too long');
  return caption;
}

/** Formatting given with a text; every entity must lie inside it. */
export function textEntities(payload: Payload, text: string): MessageEntity[] {
  const entities = (structured(payload.entities, 'entities') ?? []) as MessageEntity[];
  for (const { offset, length } of entities)
    if (!(offset >= 0 && length > 0 && offset + length <= text.length))
      throw badRequest('ENTITY_BOUNDS_INVALID');
  return entities;
}

export interface Markup {
  /** Rows of buttons under the message; empty when it has none. */
  readonly inline: InlineKeyboardButton[][];
  /** A reply keyboard, its removal, or a forced reply: belongs to the chat, not to the message. */
  readonly other: object | undefined;
}

/** Checks `reply_markup` (absent = none) as the server does. Throws 400. */
export function replyMarkup(payload: Payload): Markup {
  const markup = structured(payload.reply_markup, 'reply keyboard markup');
  if (markup === undefined) return { inline: [], other: undefined };
  if (typeof markup !== 'object' || markup === null) throw badRequest('object expected as reply markup');
  if (!('inline_keyboard' in markup)) return { inline: [], other: markup };
  const rows = markup.inline_keyboard;
  if (!Array.isArray(rows) || !rows.every(Array.isArray))
    throw badRequest('field "inline_keyboard" must be of type Array');
  const inline = rows.filter((row) => row.length > 0).map((row) => row.map(inlineButton));
  if (inline.flat().length > 100) throw badRequest('reply markup is too long');
  return { inline, other: undefined };
}

/** Of the kinds of inline button only `callback_data` and `url` are known; any other is refused. */
function inlineButton(button: Record<string, unknown>): InlineKeyboardButton {
  const { text, url, callback_data: data } = button;
  if (typeof text !== 'string' || text.trim() === '')
    throw badRequest('inline keyboard button text must be non-empty');
  if (!text.isWellFormed()) throw badRequest('inline keyboard button text must be encoded in UTF-8');
  if ((url === undefined) === (data === undefined))
    throw badRequest('text buttons are unallowed in the inline keyboard');
  if (url !== undefined) return { ...button, text, url: buttonUrl(String(url)) };
  const bytes = typeof data === 'string' ? Buffer.byteLength(data) : 0;
  if (bytes < 1 || bytes > 64) throw badRequest('BUTTON_DATA_INVALID');
  return { ...button, text, callback_data: String(data) };
}

/**
 * Only addresses another phone could open. TDLib refuses hosts without a dot; loopback numbers are refused here too,
 * so that an address of the developer's own machine can't pass a test.
 */
function buttonUrl(url: string): string {
  const invalid = (why: string) => badRequest(`inline keyboard button URL '${url}' is invalid: ${why}`);
  const parsed = URL.parse(url);
  if (parsed === null) throw invalid('Wrong HTTP URL');
  if (parsed.protocol === 'tg:') return url;
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') throw invalid('Unsupported URL protocol');
  const { hostname } = parsed;
  if (!hostname.includes('.') || hostname.startsWith('127.') || hostname.endsWith('.localhost'))
    throw invalid('Wrong HTTP URL');
  return url;
}

/**
 * Telegram's sending limits, in the time the caller gives: at most 30 messages in any second, and one a second to a
 * chat after a burst of three. The real figures are unpublished ("about"); these are those of its bot FAQ.
 */
export class SendingLimits {
  readonly #sent: number[] = [];
  readonly #chats = new Map<number, { left: number; at: number }>();

  /** Counts one message to `chat` at `now` (epoch ms); throws 429 with the wait when it is one too many. */
  count(chat: number, now: number): void {
    while (this.#sent.length > 0 && this.#sent[0]! <= now - 1000) this.#sent.shift();
    if (this.#sent.length >= 30) throw tooMany(1);
    const bucket = this.#chats.get(chat) ?? { left: 3, at: now };
    const left = Math.min(3, bucket.left + (now - bucket.at) / 1000);
    if (left < 1) throw tooMany(Math.ceil(1 - left));
    this.#chats.set(chat, { left: left - 1, at: now });
    this.#sent.push(now);
  }
}
