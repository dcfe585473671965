/**
 * People who write to a bot's webhook as fast as they are answered: so many at a time, each somebody else, so that no limit for one
 * chat matters. A turn lasts from the update's first byte to the reply's arrival at the platform.
 */
import { Agent, request } from 'node:http';
import type { Platform } from './platform.ts';

export type Target = { url: string; secret: string };

/** Turns a second, and how long they took, in ms. */
export type Speed = { perSecond: number; p50: number; p99: number };

export type Load = {
  platform: Platform;
  target: Target;
  /** Chat ids of those who write; each in turn. */
  chats: readonly number[];
  /** How many wait for their answer at once. */
  atOnce: number;
  turns: number;
  /** What is written in the n-th turn. */
  text: (turn: number) => string;
};

let updates = 1_000;

export async function drive({ platform, target, chats, atOnce, turns, text }: Load): Promise<Speed> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const took: number[] = [];
  let begun = 0;
  const writer = async () => {
    while (begun < turns) {
      const turn = begun++;
      const chat = chats[turn % chats.length] ?? 0;
      const start = performance.now();
      const answered = platform.reaches(chat);
      await post(agent, target, updateOf(chat, text(turn)));
      await answered;
      took.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: atOnce }, writer));
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  return { perSecond: turns / seconds, ...spreadOf(took) };
}

/** The median and the slowest hundredth. */
export function spreadOf(took: number[]): { p50: number; p99: number } {
  const sorted = took.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** What the Bot API posts when somebody writes in a private chat. */
export function updateOf(chat: number, text: string): object {
  const person = { id: chat, first_name: 'N', language_code: 'nb' };
  const message = {
    message_id: ++updates,
    date: Math.floor(Date.now() / 1000),
    from: { ...person, is_bot: false },
    chat: { id: chat, first_name: 'N', type: 'private' },
    text,
  };
  return { update_id: updates, message };
}

/** @throws Error when the bot does not take it */
export function post(agent: Agent, { url, secret }: Target, body: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'x-telegram-bot-api-secret-token': secret,
    };
    const asked = request(url, { agent, method: 'POST', headers }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`the bot answered ${response.statusCode} to an update`)),
      );
    });
    asked.once('error', reject);
    asked.end(text);
  });
}
