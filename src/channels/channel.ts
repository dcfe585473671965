/**
 * What a channel is to the engine: something that takes one message for one chat and says honestly what became of
 * it. A channel never retries by itself and keeps no state that matters after a crash.
 */
import type { Outgoing } from '../core/decision.ts';
import type { Point } from '../core/meeting.ts';
import type { Chat } from '../core/records.ts';
import type { Millis } from '../core/time.ts';

export type SendableFile = { name: string; type: string; body: string };

/** What the platform made of a request. */
export type Outcome =
  /** Accepted; `ref` is the platform's name for the message, if it has one. */
  | { kind: 'sent'; ref: string | null }
  /** Surely not sent. `wait`: how long the platform wants to be left alone; `everybody`: not only by this chat. */
  | { kind: 'later'; wait: Millis | null; everybody: boolean }
  /** The request had begun and nobody knows how it ended. */
  | { kind: 'ambiguous' }
  /** Nothing can be sent to this chat any more, until the person writes again. */
  | { kind: 'unreachable' }
  /** The platform will never take this message. `why` bears no personal data. */
  | { kind: 'refused'; why: string };

export type Channel = {
  name: string;
  /** Messages a second: over all chats, and to one chat after a short burst; null where there is no limit. */
  pace: { overall: number; each: number; burst: number } | null;
  send(chat: Chat, message: Outgoing, file: SendableFile | null): Promise<Outcome>;
  /** Removes messages from the chat as far as the platform lets a bot; best effort. */
  wipe(chat: Chat, refs: string[]): Promise<Outcome>;
  /** Told when a message is marked as sent, and under which number the store has it. */
  sent?(chat: Chat, seq: number, message: Outgoing): void;
};

export type Inbound = {
  /** The same when the same thing arrives twice. */
  id: string;
  chat: Chat;
  /** The language the person's app speaks, as a first guess. */
  language: string;
  what:
    | { kind: 'opened'; token: string | null }
    | { kind: 'said'; text: string }
    | { kind: 'edited'; text: string }
    | { kind: 'tapped'; wait: string; choice: string }
    | { kind: 'unreadable'; text?: string }
    | ({ kind: 'located' } & Point)
    | { kind: 'left' }
    | { kind: 'returned' };
};

/** `chosen`: the label of the choice that a tap made just now; null when it made none, or had made it before. */
export type Receipt = { chosen: string | null };

/** What a channel does with what came in: committed, or thrown as long as it is not. */
export type Receive = (inbound: Inbound) => Promise<Receipt>;
