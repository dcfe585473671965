/**
 * How fast a platform may be spoken to: so many messages a second over all chats, and so many to one chat after a
 * short burst. It counts in real time, forgets chats that are quiet, and delays; it never drops.
 */
import type { Millis } from '../core/time.ts';

type Bucket = { tokens: number; at: Millis };

export class Pace {
  readonly #overall: { rate: number; burst: number };
  readonly #each: { rate: number; burst: number };
  #all: Bucket | null = null;
  readonly #chats = new Map<string, Bucket>();
  readonly #blocked = new Map<string, Millis>();
  #allBlocked: Millis = 0;

  /** Rates in messages a second. */
  constructor(pace: { overall: number; each: number; burst: number }) {
    // What may go at once counts into the same second as what follows, so it must be little.
    this.#overall = { rate: pace.overall, burst: Math.max(1, pace.overall / 8) };
    this.#each = { rate: pace.each, burst: pace.burst };
  }

  /** Takes a place for one message to this chat at real time `now`; otherwise says how long to wait, in ms. */
  take(chat: string, now: Millis): Millis {
    const blocked = Math.max(this.#allBlocked, this.#blocked.get(chat) ?? 0) - now;
    if (blocked > 0) return blocked;
    const all = refill(this.#all, this.#overall, now);
    const own = refill(this.#chats.get(chat) ?? null, this.#each, now);
    const wait = Math.max(waitFor(all, this.#overall.rate), waitFor(own, this.#each.rate));
    if (wait > 0) return wait;
    this.#all = { ...all, tokens: all.tokens - 1 };
    this.#chats.set(chat, { ...own, tokens: own.tokens - 1 });
    if (this.#chats.size > 5000) this.#forgetQuiet(now);
    return 0;
  }

  /** How many messages could go at `now`, were each to another chat. */
  places(now: Millis): number {
    return this.#allBlocked > now ? 0 : Math.floor(refill(this.#all, this.#overall, now).tokens);
  }

  /** How long nobody at all can be written to, in ms. */
  closed(now: Millis): Millis {
    return Math.max(
      this.#allBlocked - now,
      waitFor(refill(this.#all, this.#overall, now), this.#overall.rate),
    );
  }

  /** The platform wants to be left alone until `until`, by this chat or by everybody. */
  block(chat: string, everybody: boolean, until: Millis): void {
    if (everybody) this.#allBlocked = Math.max(this.#allBlocked, until);
    else this.#blocked.set(chat, Math.max(this.#blocked.get(chat) ?? 0, until));
  }

  #forgetQuiet(now: Millis): void {
    const full = ((this.#each.burst + 1) / this.#each.rate) * 1000;
    for (const [chat, bucket] of this.#chats) if (now - bucket.at > full) this.#chats.delete(chat);
    for (const [chat, until] of this.#blocked) if (until < now) this.#blocked.delete(chat);
  }
}

function refill(
  bucket: Bucket | null,
  { rate, burst }: { rate: number; burst: number },
  now: Millis,
): Bucket {
  if (!bucket) return { tokens: burst, at: now };
  const gained = (Math.max(0, now - bucket.at) / 1000) * rate;
  return { tokens: Math.min(burst, bucket.tokens + gained), at: now };
}

const waitFor = (bucket: Bucket, rate: number): Millis =>
  bucket.tokens >= 1 ? 0 : Math.ceil(((1 - bucket.tokens) / rate) * 1000);
