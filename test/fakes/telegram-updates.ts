// The bot's queue of updates and the two ways out of it: long polling and the webhook, never both.
// Like the real server it forgets an update only when the bot confirmed it or it grew too old, gives a chat's next
// update to a webhook only after the one before was accepted, and treats taps and (un)blocking as queues of their own.
// It never retries by itself: a test says when (`redeliver`).
import type { Update, WebhookInfo } from 'grammy/types';
import { badRequest, Refusal } from './telegram-rules.ts';

export type UpdateKind = 'message' | 'edited_message' | 'callback_query' | 'my_chat_member';

interface Waiting {
  readonly update: Update;
  /** Updates of one queue reach a webhook one by one. */
  readonly queue: string;
  readonly expires: number;
}

interface Poll {
  readonly limit: number;
  readonly until: number;
  readonly resolve: (updates: Update[]) => void;
  readonly reject: (reason: Refusal) => void;
}

interface Webhook {
  readonly url: string;
  /** Where the url's host really listens. */
  readonly target: string;
  readonly secret: string | undefined;
  readonly connections: number;
}

/** One attempt at the webhook: the HTTP status, or undefined when there was no answer. */
export interface Delivery {
  readonly update: Update;
  readonly status: number | undefined;
  readonly retryAfter: string | null;
}

const MESSAGE_LIFE = 24 * 3600_000;
const TAP_LIFE = 150_000;

export class Updates {
  /** Every attempt at the webhook, oldest first. */
  readonly deliveries: Delivery[] = [];
  /** Public origin -> where it listens in this test, both like 'https://host'. */
  readonly hosts = new Map<string, string>();
  readonly #now: () => number;
  readonly #changed: () => void;
  readonly #end = new AbortController();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #refused = new Set<string>();
  #waiting: Waiting[] = [];
  #lastId = 870_214_500;
  #allowed: readonly string[] = [];
  #held: Poll | undefined;
  #webhook: Webhook | undefined;
  #error: { last_error_date: number; last_error_message: string } | undefined;

  constructor(now: () => number, changed: () => void) {
    this.#now = now;
    this.#changed = changed;
  }

  /** Updates the bot has neither confirmed nor let grow too old. */
  get pending(): readonly Update[] {
    return this.#alive().map((waiting) => waiting.update);
  }

  /** Whether nothing will leave unless the test acts: all confirmed, or all the webhook did not refuse accepted. */
  get idle(): boolean {
    return this.#webhook ? this.#busy.size === 0 : this.#alive().length === 0;
  }

  /** Adds an update unless the bot excluded its kind. `owner` is the chat, or for a tap the person. */
  push<K extends UpdateKind>(kind: K, body: NonNullable<Update[K]>, owner: number): void {
    if (this.#allowed.length > 0 && !this.#allowed.includes(kind)) return;
    const queue = kind === 'edited_message' ? `message ${owner}` : `${kind} ${owner}`;
    const update: Update = { update_id: ++this.#lastId, [kind]: body };
    const life = kind === 'callback_query' ? TAP_LIFE : MESSAGE_LIFE;
    this.#waiting.push({ update, queue, expires: this.#now() + life });
    this.look();
  }

  #alive(): Waiting[] {
    this.#waiting = this.#waiting.filter((waiting) => waiting.expires > this.#now());
    return this.#waiting;
  }

  /**
   * getUpdates: forgets everything below `offset`, then answers at once or holds the request for up to `timeout`
   * seconds (of the clock when the test moves it, else of real time). Throws or rejects with 409.
   */
  poll(offset: number, limit: number, timeout: number): Promise<Update[]> {
    if (this.#webhook !== undefined)
      throw conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    this.#held?.reject(
      conflict('terminated by other getUpdates request; make sure that only one bot instance is running'),
    );
    const alive = this.#alive();
    const from = offset < 0 ? (alive.at(offset)?.update.update_id ?? 0) : offset;
    this.#waiting = alive.filter(({ update }) => update.update_id >= from);
    this.#changed();
    const { promise, resolve, reject } = Promise.withResolvers<Update[]>();
    const poll = { limit, until: this.#now() + timeout * 1000, resolve, reject };
    this.#held = poll;
    const timer = setTimeout(() => resolve([]), timeout * 1000);
    this.look();
    return promise.finally(() => clearTimeout(timer));
  }

  /** Remembers which kinds the bot wants (empty = all known here); absent keeps what was set before. */
  allow(kinds: unknown): void {
    if (Array.isArray(kinds)) this.#allowed = kinds;
  }

  /** Looks whether anything can leave now: after a new update, and after the clock moved. */
  look(): void {
    const poll = this.#held;
    const alive = this.#alive();
    if (poll && (alive.length > 0 || this.#now() >= poll.until)) {
      this.#held = undefined;
      poll.resolve(alive.slice(0, poll.limit).map((waiting) => waiting.update));
    }
    const held = new Set([...this.#busy.keys(), ...this.#refused]);
    for (const waiting of alive) {
      if (!held.has(waiting.queue)) this.#deliver(waiting);
      held.add(waiting.queue);
    }
    this.#changed();
  }

  #deliver(head: Waiting): void {
    const webhook = this.#webhook;
    if (webhook === undefined || this.#busy.size >= webhook.connections) return;
    const attempt = this.#post(webhook, head.update).then((delivery) => {
      this.#busy.delete(head.queue);
      this.deliveries.push(delivery);
      if (delivery.status !== undefined && delivery.status >= 200 && delivery.status < 300)
        this.#waiting = this.#waiting.filter((waiting) => waiting !== head);
      else this.#note(head.queue, delivery.status);
      this.look();
    });
    this.#busy.set(head.queue, attempt);
  }

  async #post(webhook: Webhook, update: Update): Promise<Delivery> {
    const secret = webhook.secret && { 'X-Telegram-Bot-Api-Secret-Token': webhook.secret };
    try {
      const response = await fetch(webhook.target, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...secret },
        body: JSON.stringify(update),
        redirect: 'manual',
        signal: this.#end.signal,
      });
      await response.arrayBuffer();
      return { update, status: response.status, retryAfter: response.headers.get('retry-after') };
    } catch {
      return { update, status: undefined, retryAfter: null };
    }
  }

  #note(queue: string, status: number | undefined): void {
    this.#refused.add(queue);
    const last_error_message =
      status === undefined ? 'Connection refused' : `Wrong response from the webhook: ${status}`;
    this.#error = { last_error_date: Math.floor(this.#now() / 1000), last_error_message };
  }

  /** Offers what the webhook refused once more; resolves when no request is under way any longer. */
  async redeliver(): Promise<void> {
    this.#refused.clear();
    this.look();
    while (this.#busy.size > 0) await Promise.all(this.#busy.values());
  }

  /** setWebhook. Throws 400 for an address Telegram would not call. */
  setWebhook(url: string, secret: string | undefined, connections: number): void {
    const parsed = URL.parse(url);
    if (parsed?.protocol !== 'https:') throw badWebhook('An HTTPS URL must be provided for webhook');
    if (!['', '80', '88', '8443'].includes(parsed.port))
      throw badWebhook('Webhook can be set up only on ports 80, 88, 443 or 8443');
    if (secret !== undefined && !/^[\w-]{1,256}$/.test(secret))
      throw badRequest('secret token contains unallowed characters');
    const origin = this.hosts.get(parsed.origin);
    if (origin === undefined) throw badWebhook('Failed to resolve host: Name or service not known');
    this.#held?.reject(conflict('terminated by setWebhook request'));
    const target = new URL(parsed.pathname + parsed.search, origin).href;
    this.#webhook = { url, target, secret, connections };
    this.#error = undefined;
    this.#refused.clear();
    this.look();
  }

  deleteWebhook(): void {
    this.#webhook = undefined;
    this.#error = undefined;
    this.#refused.clear();
  }

  /** Forgets everything that waits (`drop_pending_updates`). */
  drop(): void {
    this.#waiting = [];
  }

  get webhookInfo(): WebhookInfo {
    return {
      url: this.#webhook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: this.#alive().length,
      ...(this.#webhook && { max_connections: this.#webhook.connections }),
      ...(this.#allowed.length > 0 && { allowed_updates: [...this.#allowed] as UpdateKind[] }),
      ...this.#error,
    };
  }

  /** Ends held requests on both ways out. */
  stop(): void {
    this.#end.abort();
    this.#held?.resolve([]);
  }
}

const conflict = (why: string) => new Refusal(409, `Conflict: ${why}`);
const badWebhook = (why: string) => badRequest(`bad webhook: ${why}`);
