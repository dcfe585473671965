/**
 * The program's inner parts put together for tests that must reach between them: any store, a clock set by hand, and
 * a platform that answers as it is told. Unlike the stage it delivers nothing by itself.
 */
import type { Channel, Inbound, Outcome, Receipt } from '../src/channels/channel.ts';
import type { Outgoing } from '../src/core/decision.ts';
import { type Chat, newcomer, type Person, personKey } from '../src/core/records.ts';
import type { Millis } from '../src/core/time.ts';
import type { Reference } from '../src/core/turn.ts';
import { neverCrash } from '../src/engine/crash.ts';
import { Deliverer } from '../src/engine/deliver.ts';
import type { Address } from '../src/engine/directory.ts';
import { Engine } from '../src/engine/engine.ts';
import { loadReference, ownClinic, partitions, setUpClinics } from '../src/engine/program.ts';
import { deliveryLease, Worker } from '../src/engine/worker.ts';
import type { Fields, Log } from '../src/log.ts';
import { MasterKey } from '../src/store/seal.ts';
import { SqliteStore } from '../src/store/sqlite.ts';
import type { Store } from '../src/store/store.ts';
import { emptyCommit } from '../src/store/store.ts';
import { Vault } from '../src/store/vault.ts';
import { StageClock } from '../src/tools/stage.ts';

export const reference: Reference = loadReference('content/meetings/demo.yaml');
export const masterKey = Buffer.alloc(32, 7);
export const zone = 'Europe/Oslo';
/** A Wednesday, half past ten in the morning in Oslo. */
export const start = Date.parse('2026-11-18T09:30:00Z');
export const minute: Millis = 60_000;
export const hour: Millis = 60 * minute;
export const day: Millis = 24 * hour;

/** One request as the platform saw it. */
export type Got = { at: Millis; address: string; message: Outgoing };
export const sent: Outcome = { kind: 'sent', ref: null };

/** A platform that notes every request and answers by `answer`; the number says how many requests came before. */
export class ScriptedChannel implements Channel {
  readonly name = 'scripted';
  readonly pace: Channel['pace'];
  readonly got: Got[] = [];
  readonly wiped: { address: string; refs: string[] }[] = [];
  answer: (got: Got, before: number) => Outcome | Promise<Outcome> = (_, before) => ({
    kind: 'sent',
    ref: `ref-${before}`,
  });
  answerWipe: () => Outcome = () => sent;
  readonly #clock: StageClock;

  constructor(clock: StageClock, pace: Channel['pace']) {
    this.#clock = clock;
    this.pace = pace;
  }

  async send(chat: Chat, message: Outgoing): Promise<Outcome> {
    const got = { at: this.#clock.now(), address: chat.address, message };
    this.got.push(got);
    return this.answer(got, this.got.length - 1);
  }

  async wipe(chat: Chat, refs: string[]): Promise<Outcome> {
    this.wiped.push({ address: chat.address, refs });
    return this.answerWipe();
  }

  /** The texts that reached one address, in order. */
  texts(address: string): string[] {
    return this.got.filter((one) => one.address === address).map((one) => one.message.text);
  }
}

export type RigOptions = {
  store?: Store;
  reference?: Reference;
  pace?: Channel['pace'];
  reads?: string | null;
  clock?: StageClock;
};

export class Rig {
  readonly clock: StageClock;
  readonly store: Store;
  readonly vault: Vault;
  readonly engine: Engine;
  readonly channel: ScriptedChannel;
  readonly deliverer: Deliverer;
  readonly worker: Worker;
  /** What was logged. */
  readonly logged: Fields[];
  readonly #ids = new Map<string, string>();
  #events = 0;

  private constructor(
    parts: Pick<Rig, 'clock' | 'store' | 'vault' | 'engine' | 'channel' | 'deliverer' | 'worker' | 'logged'>,
  ) {
    this.clock = parts.clock;
    this.store = parts.store;
    this.vault = parts.vault;
    this.engine = parts.engine;
    this.channel = parts.channel;
    this.deliverer = parts.deliverer;
    this.worker = parts.worker;
    this.logged = parts.logged;
  }

  static async open(options: RigOptions = {}): Promise<Rig> {
    const clock = options.clock ?? new StageClock(start);
    const store = options.store ?? new SqliteStore(':memory:');
    const logged: Fields[] = [];
    const entry = (fields: Fields) => void logged.push(fields);
    const log: Log = { debug: entry, info: entry, warn: entry, error: entry, fatal: entry };
    const vault = await Vault.open(store, () => new MasterKey(masterKey));
    const crash = neverCrash;
    const engine = new Engine({
      ...{ vault, clock, log, crash, partitions },
      reference: options.reference ?? reference,
    });
    await setUpClinics(engine, { name: 'Oppdiktet klinikk', reads: options.reads ?? null, zone });
    const channel = new ScriptedChannel(clock, options.pace ?? null);
    const deliverer = new Deliverer({ vault, engine, channels: [channel], clock, log, crash });
    const worker = new Worker({ store, engine, deliverer, clock, log });
    return new Rig({ clock, store, vault, engine, channel, deliverer, worker, logged });
  }

  chatOf(address: string): Chat {
    return { channel: this.channel.name, address };
  }

  person(address: string): Promise<Person | null> {
    return this.engine.directory.person(this.chatOf(address));
  }

  receive(address: string, what: Inbound['what'], id = `event:${++this.#events}`): Promise<Receipt> {
    return this.engine.receive({ id, chat: this.chatOf(address), language: 'nb', what });
  }

  says(address: string, text: string, id?: string): Promise<Receipt> {
    return this.receive(address, { kind: 'said', text }, id);
  }

  opens(address: string, token: string | null, id?: string): Promise<Receipt> {
    return this.receive(address, { kind: 'opened', token }, id);
  }

  /** Taps the choice of this id on the open question. */
  async taps(address: string, choice: string, id?: string): Promise<Receipt> {
    const wait = (await this.person(address))?.frames.at(-1)?.wait ?? '';
    return this.receive(address, { kind: 'tapped', wait, choice }, id);
  }

  async invitation(alias: string | null = null): Promise<string> {
    const { token } = await this.engine.directory.invite({
      ...{ clinic: ownClinic, alias, discharge: null, young: false },
      lasts: 14 * day,
    });
    return token;
  }

  /** The id of whoever is seated at this address; like a real one it says nothing of it. */
  idOf(address: string): string {
    const id = this.#ids.get(address) ?? `person-${this.#ids.size + 1}`;
    this.#ids.set(address, id);
    return id;
  }

  /** Somebody who is enrolled already, with nothing open. */
  async seat(address: string, given: Partial<Person> = {}): Promise<Person> {
    const now = this.clock.now();
    const chat = this.chatOf(address);
    const person: Person = {
      ...newcomer(this.idOf(address), ownClinic, 'seated', chat, zone, 'nb', now),
      consents: { channel: { given: true, at: now } },
      ...given,
    };
    const partition = this.engine.directory.partitionOf(ownClinic);
    const home: Address = { partition, person: person.id, clinic: ownClinic, invitation: 'seated' };
    await this.store.claim(this.vault.chatClaim(chat), JSON.stringify(home));
    await this.vault.commit(partition, {
      ...emptyCommit(now),
      put: [{ key: personKey(person.id), version: 1, value: person }],
    });
    return person;
  }

  /** Puts messages straight into the outbox, as a commit would; their texts tell them apart. */
  async post(
    address: string,
    texts: string[],
    purpose: Outgoing['purpose'] = 'answer',
    priority = 1,
  ): Promise<void> {
    const chat = this.chatOf(address);
    const owner = this.idOf(address);
    const written = this.clock.now();
    await this.vault.commit(this.engine.directory.partitionOf(ownClinic), {
      ...emptyCommit(written),
      outbox: texts.map((text) => ({
        ...{
          id: `post:${++this.#events}`,
          owner,
          lane: owner,
          channel: chat.channel,
          priority,
          due: written,
        },
        parcel: { kind: 'message', chat, written, message: { purpose, language: 'nb', text, buttons: [] } },
      })),
    });
  }

  /** Takes the right to deliver, for as long as a test may last. */
  async holdLease(): Promise<void> {
    const fence = await this.store.lease(deliveryLease, 'elsewhere:1:rig', 365 * day, this.clock.real());
    this.deliverer.hold(fence === null ? null : { name: deliveryLease, fence });
  }

  /** Delivers what can be delivered now. */
  async deliver(): Promise<void> {
    await this.holdLease();
    for (;;) {
      await this.deliverer.round();
      if (this.deliverer.progress() === null) return;
      await this.deliverer.idle();
    }
  }

  /** Moves time on step by step, delivering at every moment at which something is due, for at most `lasts`. */
  async goOn(lasts: Millis): Promise<void> {
    const end = this.clock.now() + lasts;
    for (;;) {
      await this.holdLease();
      const pace = await this.deliverer.round();
      const sending = this.deliverer.progress() !== null;
      await this.deliverer.idle();
      if (sending) continue;
      const moments = [await this.store.nextMoment(this.clock.now()), pace && this.clock.now() + pace];
      const next = Math.min(...moments.filter((moment) => moment !== null));
      if (!(next <= end)) break;
      this.clock.set(next);
    }
    this.clock.set(end);
  }
}
