// The state of the pretended Telegram: chats, the messages lying in them, button taps waiting for their answer.
// Both sides share it: the bot's methods change it over HTTP, people change it from the test. It moves only when one of
// them acts; time is whatever the clock says, and nothing here waits on a timer except a test's own patience.
import type {
  Chat,
  InlineKeyboardButton,
  LinkPreviewOptions,
  Message,
  Update,
  User,
  UserFromGetMe,
} from 'grammy/types';
import type { SendingLimits } from './telegram-rules.ts';
import type { Updates } from './telegram-updates.ts';

/** A message in a chat, from either side, as it is now. */
export interface ChatMessage {
  readonly message_id: number;
  readonly chat: Chat.PrivateChat | Chat.SupergroupChat;
  readonly from: User;
  /** Unix seconds, like `edit_date`. */
  readonly date: number;
  /** The text, or the caption of a document or photo; '' when there is neither. */
  text: string;
  /** Inline keyboard, row by row; [] when there is none. */
  keyboard: InlineKeyboardButton[][];
  /** The text was changed after sending. */
  edited: boolean;
  /** Gone from the chat; the message stays listed so that a test can ask. */
  deleted: boolean;
  edit_date: number | undefined;
  readonly disable_notification: boolean;
  readonly protect_content: boolean;
  link_preview_options: LinkPreviewOptions | undefined;
  /** A reply keyboard, its removal or a forced reply that came with it. */
  readonly other_markup: object | undefined;
  /** Bytes of an uploaded document. */
  readonly file: Uint8Array | undefined;
  /** Further fields of the wire message: entities, sticker, document ... */
  content: Content;
}

/** What a message can hold besides its text. */
export type Content = Partial<
  Pick<Message, 'entities' | 'sticker' | 'voice' | 'photo' | 'location' | 'document'>
>;

/** Something the bot said, kept as it was at that time. */
export interface Received {
  /** 'toast' is the little note shown by answerCallbackQuery. Keyboard-only edits say nothing and are not listed. */
  readonly kind: 'text' | 'edit' | 'document' | 'toast';
  readonly text: string;
  /** Labels of the buttons under it, in reading order. */
  readonly labels: readonly string[];
  /** The message said, edited or tapped: hand it to `taps`. */
  readonly message_id: number;
  readonly message: ChatMessage;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** One chat of the bot: private (id = the person's id) or a group. */
export class Room {
  readonly chat: Chat.PrivateChat | Chat.SupergroupChat;
  readonly messages: ChatMessage[] = [];
  readonly received: Received[] = [];
  /** How much of `received` the test has already listened to. */
  heard = 0;
  /** The bot may write here: the person has written to it, or it was added to the group. */
  open = false;
  blocked = false;
  deactivated = false;

  constructor(chat: Chat.PrivateChat | Chat.SupergroupChat) {
    this.chat = chat;
  }

  /** The message with that id unless it was deleted. */
  find(messageId: number | undefined): ChatMessage | undefined {
    return this.messages.find((message) => message.message_id === messageId && !message.deleted);
  }
}

/** A tap that waits for answerCallbackQuery. */
export interface Query {
  readonly room: Room;
  readonly message: ChatMessage | undefined;
  readonly at: number;
}

/** How long a test waits, in wall-clock milliseconds, before it is told what did happen instead. */
const PATIENCE = 30_000;

/** Everything one bot shares with its people. */
export class World {
  readonly bot: UserFromGetMe;
  readonly rooms = new Map<number, Room>();
  readonly queries = new Map<string, Query>();
  /** Last commands, description and short description the bot set, by method, scope and language. */
  readonly profile = new Map<string, unknown>();
  readonly updates: Updates;
  /** Undefined when the test switched the sending limits off. */
  readonly limits: SendingLimits | undefined;
  readonly now: () => number;
  readonly #waiting = new Set<{ look: () => void; give: (reason: string) => void }>();
  #ids = 0;
  #taps = 0;

  constructor(bot: UserFromGetMe, now: () => number, updates: Updates, limits: SendingLimits | undefined) {
    this.bot = bot;
    this.now = now;
    this.updates = updates;
    this.limits = limits;
  }

  /** A number no tap had before. */
  tapNumber(): number {
    return ++this.#taps;
  }

  /** Puts a message into a chat. One counter serves all chats, as for a real bot's private chats. */
  place(room: Room, from: User, parts: Partial<ChatMessage>): ChatMessage {
    const message: ChatMessage = {
      text: '',
      keyboard: [],
      edited: false,
      deleted: false,
      edit_date: undefined,
      disable_notification: false,
      protect_content: false,
      link_preview_options: undefined,
      other_markup: undefined,
      file: undefined,
      content: {},
      ...parts,
      message_id: ++this.#ids,
      chat: room.chat,
      from,
      date: seconds(this.now()),
    };
    room.messages.push(message);
    return message;
  }

  /** Notes that the bot said something, and wakes whoever waits for it. */
  said(room: Room, kind: Received['kind'], message: ChatMessage, text = message.text): void {
    const labels = message.keyboard.flat().map((button) => button.text);
    const { message_id } = message;
    room.received.push({ kind, text, labels, message_id, message, at: this.now() });
    this.changed();
  }

  /** Everything that waits looks again. */
  changed(): void {
    for (const waiter of [...this.#waiting]) waiter.look();
  }

  /** Resolves as soon as `look` finds something (not undefined); rejects with `missing()` when patience runs out. */
  until<T>(look: () => T | undefined, missing: () => string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => waiter.give(missing()), PATIENCE);
    const end = () => {
      clearTimeout(timer);
      this.#waiting.delete(waiter);
    };
    const waiter = {
      look: () => {
        const found = look();
        if (found === undefined) return;
        end();
        resolve(found);
      },
      give: (reason: string) => {
        end();
        reject(new Error(reason));
      },
    };
    this.#waiting.add(waiter);
    waiter.look();
    return promise;
  }

  /** Nobody waits any longer. */
  stop(): void {
    for (const waiter of [...this.#waiting]) waiter.give('the fake Telegram was stopped while a test waited');
  }
}

export const seconds = (millis: number) => Math.floor(millis / 1000);

/** The message as the Bot API writes it. */
export function wire(message: ChatMessage): Message & Update.NonChannel {
  const { message_id, from, chat, date, edit_date, text, keyboard, content, link_preview_options } = message;
  const plain = Object.keys(content).every((field) => field === 'entities');
  return {
    message_id,
    from,
    chat,
    date,
    ...(edit_date !== undefined && { edit_date }),
    ...(text !== '' && (plain ? { text } : { caption: text })),
    ...content,
    ...(link_preview_options && { link_preview_options }),
    ...(keyboard.length > 0 && { reply_markup: { inline_keyboard: keyboard } }),
    ...(message.protect_content && { has_protected_content: true }),
  };
}
