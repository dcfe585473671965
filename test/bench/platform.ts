/**
 * The least that a bot takes for the Bot API, so that a benchmark measures the bot and not the platform: every request is
 * accepted at once, and whoever waits for a message to a chat is told. It must never be used where correctness is tested.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export class Platform {
  readonly apiRoot: string;
  /** Messages that reached anybody. */
  messages = 0;
  readonly #server: ReturnType<typeof createServer>;
  readonly #waiting = new Map<number, () => void>();
  #listener: (chat: number) => void = () => {};

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<Platform> {
    const late: { platform?: Platform } = {};
    const server = createServer((request, response) => void late.platform?.answer(request, response));
    server.keepAliveTimeout = 60_000;
    await once(server.listen(0, '127.0.0.1'), 'listening');
    late.platform = new Platform(server);
    return late.platform;
  }

  /** Resolves when the next message reaches this chat, for which only one may wait. */
  reaches(chat: number): Promise<void> {
    if (this.#waiting.has(chat)) throw new Error('somebody waits for a message to this chat already');
    return new Promise((resolve) => this.#waiting.set(chat, resolve));
  }

  /** Calls back with the chat of every message. */
  onMessage(listener: (chat: number) => void): void {
    this.#listener = listener;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const method = request.url?.split('/').at(-1) ?? '';
    const result = this.#done(method, Buffer.concat(chunks).toString());
    const body = JSON.stringify({ ok: true, result });
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }

  #done(method: string, body: string): unknown {
    if (method === 'getMe') return { id: 1, is_bot: true, first_name: 'Bench', username: 'bench_bot' };
    if (method !== 'sendMessage') return true;
    this.messages++;
    const { chat_id, text } = JSON.parse(body) as { chat_id: number; text: string };
    const chat = Number(chat_id);
    this.#listener(chat);
    this.#waiting.get(chat)?.();
    this.#waiting.delete(chat);
    return { message_id: this.messages, date: 0, chat: { id: chat, type: 'private', first_name: 'N' }, text };
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((closed) => this.#server.close(() => closed()));
  }
}
