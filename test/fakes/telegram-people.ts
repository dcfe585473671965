// The people of the pretended Telegram: what a test lets them write, tap, block and hear.
// They can do only what a person in the app can do; anything else throws in the test, with what was possible instead.
// Every act becomes the update the real server would send, in full.
import type { Chat, ChatMember, Message, User } from 'grammy/types';
import {
  type ChatMessage,
  type Content,
  type Received,
  Room,
  seconds,
  type World,
  wire,
} from './telegram-chat.ts';

/** A message as a test points at it: what `hears`, `chat`, `received` or `sends` gave. */
export type MessageRef = { readonly message_id: number };

/** A person in one chat with the bot. */
export class Participant {
  readonly user: User;
  readonly room: Room;
  protected readonly world: World;

  constructor(world: World, user: User, room: Room) {
    this.world = world;
    this.user = user;
    this.room = room;
  }

  /** The person's id; in a private chat the chat's id as well. */
  get id(): number {
    return this.user.id;
  }

  /** The bot's messages in this chat as they are now; deleted ones are marked, not left out. */
  get chat(): readonly ChatMessage[] {
    return this.room.messages.filter((message) => message.from.id === this.world.bot.id);
  }

  /** Everything the bot said here, oldest first, as it was at the time. */
  get received(): readonly Received[] {
    return this.room.received;
  }

  /** Writes a text (1-4096 characters; the app would split a longer one). */
  sends(text: string): ChatMessage {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.length > 4096)
      throw new Error(`the app sends texts of 1 to 4096 characters, not ${trimmed.length}`);
    const entities = commandEntities(trimmed);
    return this.#write(trimmed, entities.length > 0 ? { entities } : {});
  }

  /** Presses START, with the payload of a t.me/bot?start=... link if there is one. */
  starts(payload?: string): ChatMessage {
    if (payload !== undefined && !/^[\w-]{1,64}$/.test(payload))
      throw new Error('a start payload has 1 to 64 characters of A-Z a-z 0-9 _ -');
    return this.sends(payload === undefined ? '/start' : `/start ${payload}`);
  }

  sendsSticker(): ChatMessage {
    const sticker = { ...media('sticker'), type: 'regular', width: 512, height: 512, emoji: '👍' } as const;
    return this.#write('', { sticker: { ...sticker, is_animated: false, is_video: false } });
  }

  sendsVoice(): ChatMessage {
    return this.#write('', { voice: { ...media('voice'), duration: 4, mime_type: 'audio/ogg' } });
  }

  sendsPhoto(caption = ''): ChatMessage {
    const size = (name: string, width: number, height: number) => ({ ...media(name), width, height });
    return this.#write(caption, { photo: [size('photo-s', 90, 67), size('photo-x', 800, 600)] });
  }

  /** Shares a place, by default the middle of Oslo. */
  sendsLocation(latitude = 59.9139, longitude = 10.7522): ChatMessage {
    return this.#write('', { location: { latitude, longitude } });
  }

  /** Changes a text already sent. */
  edits({ message_id }: MessageRef, text: string): void {
    const message = this.room.find(message_id);
    if (message?.from.id !== this.id)
      throw new Error(`${this.user.first_name} has no message ${message_id} here to edit`);
    const edit_date = seconds(this.world.now());
    const { entities: _before, ...rest } = message.content;
    const entities = commandEntities(text);
    message.content = entities.length > 0 ? { ...rest, entities } : rest;
    Object.assign(message, { text, edited: true, edit_date });
    this.world.updates.push('edited_message', { ...wire(message), edit_date }, this.room.chat.id);
  }

  /** Taps a button under a message, found by its label in the keyboard as it is now. Returns the tap's id. */
  taps({ message_id }: MessageRef, label: string): string {
    const message = this.room.find(message_id);
    if (message === undefined) throw new Error(`there is no message ${message_id} here any longer`);
    const buttons = message.keyboard.flat();
    const button = buttons.find(({ text }) => text === label);
    if (button === undefined) {
      const labels = buttons.map(({ text }) => `'${text}'`).join(', ') || 'none';
      throw new Error(`no button '${label}' under «${message.text}»; its buttons: ${labels}`);
    }
    if (!('callback_data' in button)) throw new Error(`'${label}' is a link; the bot is not told of its tap`);
    return this.tapsData(message, button.callback_data);
  }

  /** A tap with any data, as from an old keyboard or a tampered app; the message may be long gone. Returns its id. */
  tapsData({ message_id }: MessageRef, data: string): string {
    const { chat } = this.room;
    const message = this.room.find(message_id);
    const id = `${this.id}${String(this.world.tapNumber()).padStart(9, '0')}`;
    this.world.queries.set(id, { room: this.room, message, at: this.world.now() });
    this.world.updates.push(
      'callback_query',
      {
        id,
        from: this.user,
        message: message ? wire(message) : { chat, message_id, date: 0 },
        chat_instance: String(BigInt(chat.id) * -2_654_435_761n),
        data,
      },
      this.id,
    );
    return id;
  }

  /**
   * Resolves with the next thing the bot says here that contains `what` (or matches it), counting from what the last
   * `hears` gave. Rejects after 30 s of real time with what came instead.
   */
  hears(what: string | RegExp): Promise<Received> {
    const { room } = this;
    const fits = ({ text }: Received) =>
      typeof what === 'string' ? text.includes(what) : text.search(what) >= 0;
    return this.world.until(
      () => {
        const next = room.received.findIndex((received, index) => index >= room.heard && fits(received));
        if (next < 0) return undefined;
        room.heard = next + 1;
        return room.received[next];
      },
      () => {
        const came = room.received.slice(room.heard).map(({ kind, text }) => `\n  ${kind}: ${text}`);
        return `${this.user.first_name} did not hear ${what}; what came: ${came.join('') || 'nothing'}`;
      },
    );
  }

  #write(text: string, content: Content): ChatMessage {
    if (this.room.blocked) throw new Error(`${this.user.first_name} has blocked the bot; unblock it first`);
    if (this.room.deactivated) throw new Error(`${this.user.first_name}'s account is gone`);
    this.room.open = true;
    const message = this.world.place(this.room, this.user, { text, content });
    this.world.updates.push('message', wire(message), this.room.chat.id);
    return message;
  }
}

/** A person with their private chat. */
export class Person extends Participant {
  /** Blocks the bot; it is told. */
  blocks(): void {
    this.#membership(true);
  }

  /** Unblocks it; it is told. */
  unblocks(): void {
    this.#membership(false);
  }

  #membership(blocked: boolean): void {
    if (this.room.blocked === blocked || !this.room.open)
      throw new Error(`${this.user.first_name} can't ${blocked ? 'block' : 'unblock'} the bot now`);
    this.room.blocked = blocked;
    const kicked: ChatMember = { user: this.world.bot, status: 'kicked', until_date: 0 };
    const member: ChatMember = { user: this.world.bot, status: 'member' };
    this.#tellMember(this.room.chat, blocked ? member : kicked, blocked ? kicked : member);
  }

  #tellMember(chat: Chat, old_chat_member: ChatMember, new_chat_member: ChatMember): void {
    const body = { chat, from: this.user, date: seconds(this.world.now()), old_chat_member, new_chat_member };
    this.world.updates.push('my_chat_member', body, chat.id);
  }

  /** The account is deleted; the bot is not told. */
  deactivates(): void {
    this.room.deactivated = true;
  }

  /**
   * The same person in a group (negative id). The first to come adds the bot, which is told; it reads everything there,
   * as a bot without privacy mode does.
   */
  inGroup(id: number): Participant {
    if (id >= 0) throw new Error('a group has a negative id');
    const known = this.world.rooms.get(id);
    const room = known ?? new Room({ id, type: 'supergroup', title: 'Demo group' });
    if (known === undefined) {
      room.open = true;
      this.world.rooms.set(id, room);
      const left: ChatMember = { user: this.world.bot, status: 'left' };
      this.#tellMember(room.chat, left, { user: this.world.bot, status: 'member' });
    }
    return new Participant(this.world, this.user, room);
  }
}

/** A command as TDLib finds it: up to 64 plain letters after a slash, no other letter or slash on either side. */
const COMMAND = /(?<![\p{L}\p{N}_/<>])\/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]{3,32})?(?![\p{L}\p{N}_/<>])/gu;

function commandEntities(text: string): NonNullable<Message['entities']> {
  return [...text.matchAll(COMMAND)].map((match) => ({
    type: 'bot_command',
    offset: match.index,
    length: match[0].length,
  }));
}

const media = (name: string) => ({
  file_id: `AgAD-${name}`,
  file_unique_id: `AQAD-${name}`,
  file_size: 1842,
});
