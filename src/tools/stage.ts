/**
 * A stage to rehearse on: the real engine, the real store adapter in memory, real delivery, with a clock that is set
 * by hand and a channel that remembers what each guest received. Plays, stories and simulations happen here.
 * It replaces time and the platform, and nothing else.
 */
import { randomBytes } from 'node:crypto';
import type { Channel, Inbound, Outcome, SendableFile } from '../channels/channel.ts';
import type { Outgoing } from '../core/decision.ts';
import { showChoice } from '../core/dialog/step.ts';
import { type Chat, newcomer, type Person, personKey } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import type { Reference } from '../core/turn.ts';
import type { Clock } from '../engine/clock.ts';
import { neverCrash } from '../engine/crash.ts';
import { Deliverer } from '../engine/deliver.ts';
import type { Address } from '../engine/directory.ts';
import { Engine } from '../engine/engine.ts';
import { ownClinic, partitions, setUpClinics } from '../engine/program.ts';
import { Worker } from '../engine/worker.ts';
import { type Log, silentLog } from '../log.ts';
import { MasterKey } from '../store/seal.ts';
import { SqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { Vault } from '../store/vault.ts';

/** A clock that stands still until it is set. */
export class StageClock implements Clock {
  #now: Millis;

  constructor(now: Millis) {
    this.#now = now;
  }

  now(): Millis {
    return this.#now;
  }

  real(): Millis {
    return this.#now;
  }

  set(to: Millis): void {
    this.#now = Math.max(this.#now, to);
  }
}

export type Received = { at: Millis; message: Outgoing; file: SendableFile | null };

/** Delivers at once and remembers, chat by chat. */
class StageChannel implements Channel {
  readonly name: string;
  readonly pace = null;
  readonly #clock: Clock;
  readonly #received = new Map<string, Received[]>();
  #refs = 0;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  async send(chat: Chat, message: Outgoing, file: SendableFile | null): Promise<Outcome> {
    this.receivedBy(chat.address).push({ at: this.#clock.now(), message, file });
    return { kind: 'sent', ref: String(++this.#refs) };
  }

  async wipe(): Promise<Outcome> {
    return { kind: 'sent', ref: null };
  }

  receivedBy(address: string): Received[] {
    const list = this.#received.get(address) ?? [];
    this.#received.set(address, list);
    return list;
  }
}

export type StageOptions = {
  reference: Reference;
  /** The first moment. */
  start: Millis;
  zone: string;
  /** What the guests' chats are called; conditions such as `on-telegram` look at it. */
  channel?: string;
  clinic?: { name: string; reads: string | null };
  log?: Log;
};

export class Stage {
  readonly clock: StageClock;
  readonly engine: Engine;
  readonly store: Store;
  readonly vault: Vault;
  readonly #channel: StageChannel;
  readonly #deliverer: Deliverer;
  readonly #worker: Worker;
  readonly #reference: Reference;
  readonly #zone: string;
  #inbound = 0;

  private constructor(parts: {
    reference: Reference;
    zone: string;
    clock: StageClock;
    engine: Engine;
    store: Store;
    vault: Vault;
    channel: StageChannel;
    deliverer: Deliverer;
    worker: Worker;
  }) {
    this.clock = parts.clock;
    this.engine = parts.engine;
    this.store = parts.store;
    this.vault = parts.vault;
    this.#channel = parts.channel;
    this.#deliverer = parts.deliverer;
    this.#worker = parts.worker;
    this.#reference = parts.reference;
    this.#zone = parts.zone;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const { reference, start, zone, log = silentLog } = options;
    const clock = new StageClock(start);
    const store = new SqliteStore(':memory:');
    const master = new MasterKey(randomBytes(32));
    const vault = await Vault.open(store, () => master);
    const engine = new Engine({ vault, reference, clock, log, crash: neverCrash, partitions });
    await setUpClinics(engine, { ...(options.clinic ?? { name: 'Demoklinikken', reads: null }), zone });
    const channel = new StageChannel(options.channel ?? 'stage', clock);
    const deliverer = new Deliverer({ vault, engine, channels: [channel], clock, log, crash: neverCrash });
    const worker = new Worker({ store, engine, deliverer, clock, log });
    await worker.takeLease();
    return new Stage({ reference, zone, clock, engine, store, vault, channel, deliverer, worker });
  }

  /** A single-use token for a guest. */
  async invitation(wish: { young?: boolean; alias?: string; lasts?: Millis } = {}): Promise<string> {
    const { token } = await this.engine.directory.invite({
      clinic: ownClinic,
      alias: wish.alias ?? null,
      discharge: null,
      young: wish.young ?? false,
      lasts: wish.lasts ?? 14 * 24 * 3_600_000,
    });
    return token;
  }

  /** Something that a guest does, and everything that follows at once. `id` is given to do the same thing twice. */
  async happens(address: string, what: Inbound['what'], id = `stage:${++this.#inbound}`): Promise<void> {
    await this.engine.receive({ id, chat: this.chatOf(address), language: 'nb', what });
    await this.settle();
  }

  /** Seats a guest who is enrolled and settled in Kristiansand, and opens one dialogue for them. */
  async begin(address: string, dialogue: string, language: string): Promise<void> {
    const chat = this.chatOf(address);
    const now = this.clock.now();
    const step = this.#reference.dialogues.get(dialogue)?.start ?? '';
    const person: Person = {
      ...newcomer(`guest-${address}`, ownClinic, 'stage', chat, this.#zone, language, now),
      consents: { channel: { given: true, at: now } },
      place: { label: '4616 Kristiansand S', postcode: '4616', lat: 58.1467, lon: 7.9956 },
      fellowships: [],
      discreet: false,
      frames: [
        {
          wait: 'begin',
          dialogue,
          step,
          purpose: 'answer',
          vars: {},
          cited: [],
          options: [],
          veiled: true,
          silence: null,
        },
      ],
    };
    const partition = this.engine.directory.partitionOf(ownClinic);
    const home: Address = { partition, person: person.id, clinic: ownClinic, invitation: 'stage' };
    await this.store.claim(this.vault.chatClaim(chat), JSON.stringify(home));
    await this.vault.commit(partition, {
      event: null,
      at: now,
      expected: [],
      put: [{ key: personKey(person.id), version: 1, value: person }],
      drop: [],
      erase: [],
      timers: { set: [], clear: [] },
      outbox: [],
      facts: [],
    });
    await this.happens(address, { kind: 'tapped', wait: 'begin', choice: showChoice });
  }

  chatOf(address: string): Chat {
    return { channel: this.#channel.name, address };
  }

  received(address: string): readonly Received[] {
    return this.#channel.receivedBy(address);
  }

  person(address: string): Promise<Person | null> {
    return this.engine.directory.person(this.chatOf(address));
  }

  /** Moves time on, stopping at every moment at which something is due. */
  async moveTo(to: Millis): Promise<void> {
    for (;;) {
      const next = await this.store.nextMoment(this.clock.now());
      if (next === null || next > to) break;
      this.clock.set(next);
      await this.settle();
    }
    this.clock.set(to);
    await this.settle();
  }

  /** Lets everything happen that is due, until nothing more follows. */
  async settle(): Promise<void> {
    await this.#worker.takeLease();
    for (;;) {
      const fired = await this.#worker.fireDue();
      await this.#deliverer.round();
      const sending = this.#deliverer.progress() !== null;
      await this.#deliverer.idle();
      if (fired === 0 && !sending) return;
    }
  }

  async close(): Promise<void> {
    await this.store.close();
  }
}
