// A desk for the web chat that follows a small script instead of running the program: for trying the page alone.
// It notes every call it gets and knows event ids, so that a test can count what arrived, and how often.

import { StoreDown } from '../src/store/store.ts';
import type { ChatDesk, WebMessage } from '../src/web/chat.ts';
import type { PrintedPlan } from '../src/web/pages.ts';

export type Call = { kind: 'open' | 'say' | 'tap'; session: string; id: string; what: string | null };
export type Reply = Omit<WebMessage, 'seq' | 'at' | 'buttons'> & Partial<Pick<WebMessage, 'at' | 'buttons'>>;

/** 25 November 2026, 14:05 in Oslo; each message comes a minute later. */
const opened = Date.parse('2026-11-25T13:05:00Z');

export class ScriptedDesk implements ChatDesk {
  /** Every call that was not refused, repeated ones too. */
  readonly calls: Call[] = [];
  /** What was taken in: each event id once. */
  readonly events: Call[] = [];
  /** While true, the store can't be reached. */
  down = false;
  printed: PrintedPlan | null = null;
  readonly files = new Map<number, { name: string; type: string; body: string }>();
  readonly #script: (call: Call) => Reply[];
  readonly #messages = new Map<string, WebMessage[]>();
  readonly #waiting = new Set<() => void>();

  /** @param script what is answered to a call that was not seen before */
  constructor(script: (call: Call) => Reply[]) {
    this.#script = script;
  }

  open(session: string, id: string, invitation: string | null) {
    return this.#take({ kind: 'open', session, id, what: invitation });
  }

  say(session: string, id: string, text: string) {
    return this.#take({ kind: 'say', session, id, what: text });
  }

  tap(session: string, id: string, data: string) {
    return this.#take({ kind: 'tap', session, id, what: data });
  }

  async messages(session: string, after: number) {
    if (this.down) throw new StoreDown('as the script says');
    return (this.#messages.get(session) ?? []).filter(({ seq }) => seq > after);
  }

  async arrived(session: string, after: number, timeoutMs: number) {
    if ((await this.messages(session, after)).length > 0) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(done);
    });
  }

  async file(_session: string, seq: number) {
    return this.files.get(seq) ?? null;
  }

  async plan() {
    if (this.down) throw new StoreDown('as the script says');
    return this.printed;
  }

  /** Messages that come by themselves. */
  send(session: string, ...replies: Reply[]) {
    const messages = this.#messages.get(session) ?? [];
    this.#messages.set(session, messages);
    for (const reply of replies) {
      const seq = messages.length + 1;
      messages.push({ buttons: [], at: opened + seq * 60_000, ...reply, seq });
    }
    this.release();
  }

  /** Ends every waiting request, as when the time is over. */
  release() {
    for (const done of [...this.#waiting]) done();
  }

  async #take(call: Call) {
    if (this.down) throw new StoreDown('as the script says');
    this.calls.push(call);
    if (this.events.some(({ id }) => id === call.id)) return;
    this.events.push(call);
    this.send(call.session, ...this.#script(call));
  }
}
