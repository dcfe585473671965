// A strict, stateful stand-in for Telegram's Bot API server, over real HTTP, for tests: bots talk to it as to the real
// one (`apiRoot`), people are played by the test. What it counts as received is what a person would have seen.
// It must never be milder than the real server, never act by chance and never let time pass by itself.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { User, UserFromGetMe } from 'grammy/types';
import { Room, World } from './telegram-chat.ts';
import { Fault, type Trouble } from './telegram-faults.ts';
import { answer, readPayload, refuse } from './telegram-http.ts';
import { carryOut } from './telegram-methods.ts';
import { Person } from './telegram-people.ts';
import { type Payload, Refusal, SendingLimits, tooMany } from './telegram-rules.ts';
import { type Delivery, Updates } from './telegram-updates.ts';

/** One request the server received whole and accepted the token of. */
export interface Call {
  readonly method: string;
  readonly payload: Payload;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface FakeOptions {
  /** The bot's token, '<bot id>:<secret>'. */
  readonly token: string;
  /** Epoch milliseconds now. Without it time stands still until the test moves it. */
  readonly clock?: () => number;
  /** Whether the sending limits hold (default). Off for long talks in which no time passes. */
  readonly limits?: boolean;
}

export interface UserOptions {
  readonly id?: number;
  readonly firstName?: string;
  readonly languageCode?: string;
}

/** A Monday morning in Oslo. */
const START = Date.UTC(2026, 10, 2, 8, 0, 0);

export class FakeTelegram {
  /** Every request, oldest first, also the refused ones. */
  readonly calls: Call[] = [];
  /**
   * Called (and awaited) when a request was received whole, before it is carried out and answered. It will be carried
   * out even if the bot dies meanwhile, as on the real server.
   */
  onRequest: ((method: string, payload: Payload) => void | Promise<void>) | undefined;
  readonly #token: string;
  readonly #clock: (() => number) | undefined;
  readonly #world: World;
  readonly #faults: Fault[] = [];
  readonly #people = new Map<number, Person>();
  #server: Server | undefined;
  #port = 0;
  #now = START;
  #working = 0;

  private constructor({ token, clock, limits = true }: FakeOptions) {
    this.#token = token;
    this.#clock = clock;
    const now = () => this.now;
    const updates = new Updates(now, () => this.#world.changed());
    this.#world = new World(botUser(token), now, updates, limits ? new SendingLimits() : undefined);
  }

  /** Starts it on a free port of 127.0.0.1. */
  static async start(options: FakeOptions): Promise<FakeTelegram> {
    const fake = new FakeTelegram(options);
    await fake.comesUp();
    return fake;
  }

  /** For the bot: `client: { apiRoot }`. */
  get apiRoot(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get bot(): UserFromGetMe {
    return this.#world.bot;
  }

  /** Epoch milliseconds. Settable only without a `clock`, and only forwards. */
  get now(): number {
    return this.#clock ? this.#clock() : this.#now;
  }
  set now(millis: number) {
    if (this.#clock !== undefined) throw new Error('this fake Telegram runs on the clock it was given');
    if (millis < this.#now) throw new Error('time runs forwards only');
    this.#now = millis;
    this.#world.updates.look();
  }

  /** Lets that many milliseconds pass. */
  advance(millis: number): void {
    this.now += millis;
  }

  /** Somebody with the app. The bot can't write to them before they wrote to it. */
  user({ id, firstName = 'Kim', languageCode = 'nb' }: UserOptions = {}): Person {
    // Beyond 32 bits, as the ids of today's accounts are.
    const userId = id ?? 6_823_451_001 + this.#people.size;
    if (this.#people.has(userId)) throw new Error(`there is a user ${userId} already`);
    const user: User = { id: userId, is_bot: false, first_name: firstName, language_code: languageCode };
    const room = new Room({ id: userId, type: 'private', first_name: firstName });
    this.#world.rooms.set(userId, room);
    const person = new Person(this.#world, user, room);
    this.#people.set(userId, person);
    return person;
  }

  /** Orders trouble for the next request of a method (the next `times` ones; of one chat only). See Trouble. */
  fails(method: string, trouble: Trouble, scope: { chat?: number; times?: number } = {}): Fault {
    const fault = new Fault(method, trouble, scope, (look, missing) => this.#world.until(look, missing));
    this.#faults.push(fault);
    return fault;
  }

  /** Makes a public 'https://host' of setWebhook lead to where the bot really listens ('http://127.0.0.1:port'). */
  resolves(publicOrigin: string, localOrigin: string): void {
    this.#world.updates.hosts.set(publicOrigin, localOrigin);
  }

  /** Every attempt at the webhook, oldest first. */
  get deliveries(): readonly Delivery[] {
    return this.#world.updates.deliveries;
  }

  /** Updates not yet confirmed by the bot. */
  get pending() {
    return this.#world.updates.pending;
  }

  /** Commands and descriptions as the bot set them, by 'commands <scope> <language>' and the like. */
  get profile(): ReadonlyMap<string, unknown> {
    return this.#world.profile;
  }

  /** Offers the webhook what it refused once more; resolves when all were answered. */
  redeliver(): Promise<void> {
    return this.#world.updates.redeliver();
  }

  /**
   * Resolves when nothing is under way any longer: the bot has confirmed every update (or the webhook has answered;
   * what it refused waits for `redeliver`) and its own requests are answered.
   */
  async idle(): Promise<void> {
    const updates = this.#world.updates;
    await this.#world.until(
      () => (this.#working === 0 && updates.idle) || undefined,
      () => `not idle: ${updates.pending.length} updates not taken, ${this.#working} requests not answered`,
    );
  }

  /** Nobody answers at its address any longer (connection refused); what it knows is kept. */
  async goesDown(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#server?.closeAllConnections();
    await closed;
  }

  /** Answers again at the same address. */
  async comesUp(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    // A bot that is busy for seconds on a slow machine must not find its connection gone.
    server.keepAliveTimeout = 600_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Closes everything, held requests included. */
  async stop(): Promise<void> {
    this.#world.updates.stop();
    this.#world.stop();
    await this.goesDown();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url?.split('?')[0] ?? '') ?? [];
    try {
      if (token === undefined || method === undefined) throw new Refusal(404, 'Not Found');
      if (token !== this.#token) throw new Refusal(401, 'Unauthorized');
      const payload = await readPayload(request);
      const held = method === 'getUpdates';
      if (!held) this.#working += 1;
      try {
        await this.#handle(method, payload, response);
      } finally {
        if (!held) this.#working -= 1;
        this.#world.changed();
      }
    } catch (reason) {
      refuse(response, asRefusal(reason));
    }
  }

  async #handle(method: string, payload: Payload, response: ServerResponse): Promise<void> {
    const fault = this.#faults.find((candidate) => candidate.strikes(method, payload));
    const { trouble } = fault ?? {};
    this.#world.changed();
    if (trouble === 'reset before') return breakOff(response);
    this.calls.push({ method, payload, at: this.now });
    await this.onRequest?.(method, payload);
    if (typeof trouble === 'object' && 'retryAfter' in trouble) throw tooMany(trouble.retryAfter);
    const failure = typeof trouble === 'object' ? SERVER_ERRORS[trouble.status] : undefined;
    if (typeof trouble === 'object' && !trouble.delivered) throw failure;
    if (trouble === 'hang') await fault?.released;
    const result = await carryOut(this.#world, method, payload).catch(asRefusal);
    if (trouble === 'answer lost') return breakOff(response);
    if (failure !== undefined) throw failure;
    if (result instanceof Refusal) throw result;
    answer(response, result);
  }
}

const SERVER_ERRORS = {
  500: new Refusal(500, 'Internal Server Error'),
  502: new Refusal(502, 'Bad Gateway'),
  503: new Refusal(503, 'Service Unavailable'),
  504: new Refusal(504, 'Gateway Timeout'),
};

/** A mistake in the fake or in a test's hook must be seen by the test, so it is said in the answer. */
function asRefusal(reason: unknown): Refusal {
  return reason instanceof Refusal
    ? reason
    : new Refusal(500, `Internal Server Error: the fake failed: ${reason}`);
}

/** Ends the connection without an answer, with a reset. */
function breakOff(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function botUser(token: string): UserFromGetMe {
  return {
    id: Number(token.split(':')[0]),
    is_bot: true,
    first_name: 'Bli med (demo)',
    username: 'bli_med_demo_bot',
    can_join_groups: true,
    can_read_all_group_messages: true,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  };
}
