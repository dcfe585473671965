/**
 * Somebody with the web chat, over real HTTP: what the page does, without a browser. Like the page it keeps its cookie,
 * gives every act an id, and tries again with the same id until it is told that the act was taken.
 */
import { randomUUID } from 'node:crypto';
import type { WebMessage } from '../../src/web/chat.ts';
import type { Running } from './running.ts';

/** What the page talks to: a program, or whichever of its successors runs now. */
export type Server = { running(): Promise<Running> };

export class WebPerson {
  /** Everything that was shown, oldest first; `seq` rises. */
  readonly shown: WebMessage[] = [];
  readonly #server: Server;
  #cookie = '';

  constructor(server: Server) {
    this.#server = server;
  }

  async opens(invitation: string | null): Promise<void> {
    const answer = await this.#ask('/chat/session', {});
    this.#cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    await this.#ask('/chat/start', { id: randomUUID(), invitation });
  }

  async says(text: string): Promise<void> {
    await this.#ask('/chat/say', { id: randomUUID(), text });
  }

  /** Taps a button of the newest message that has it. */
  async taps(label: string): Promise<void> {
    const buttons = this.shown.flatMap((message) => message.buttons);
    const button = buttons.findLast((one) => one.label === label);
    if (!button || !('data' in button))
      throw new Error(`no button '${label}' among ${JSON.stringify(buttons)}`);
    await this.#ask('/chat/tap', { id: randomUUID(), data: button.data });
  }

  /** Resolves when something is shown that was not before and contains `text`. */
  async hears(text: string): Promise<WebMessage> {
    for (let from = this.shown.length; ; ) {
      const found = this.shown.slice(from).find((message) => message.text.includes(text));
      if (found) return found;
      from = this.shown.length;
      const last = this.shown.at(-1)?.seq ?? 0;
      const answer = await this.#ask(`/chat/messages?after=${last}&wait=25`);
      this.shown.push(...((await answer.json()) as { messages: WebMessage[] }).messages);
    }
  }

  async #ask(path: string, body?: unknown): Promise<Response> {
    for (;;) {
      const running = await this.#server.running();
      try {
        const answer = await fetch(running.address + path, {
          method: body === undefined ? 'GET' : 'POST',
          headers: { 'content-type': 'application/json', cookie: this.#cookie },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        if (answer.ok) return answer;
        throw new TypeError(`${path}: ${answer.status} ${await answer.text()}`);
      } catch (error) {
        // A connection that broke means that the program died; what it answered in so many words is the test's affair.
        if (error instanceof TypeError && error.message !== 'fetch failed' && error.message !== 'terminated')
          throw error;
        await running.ended;
      }
    }
  }
}
