/**
 * The one path: whatever happens is loaded, decided and committed here, and only then acknowledged. It knows no
 * channel and no words. Nothing is sent in here, and nothing is kept in memory that a crash could lose.
 */
import { randomBytes } from 'node:crypto';
import type { Inbound, Receipt } from '../channels/channel.ts';
import { decide } from '../core/decide.ts';
import type { Decision, Outgoing } from '../core/decision.ts';
import type { Event, Happening } from '../core/event.ts';
import type { ClinicKnowledge } from '../core/knowledge.ts';
import { purposes } from '../core/purpose.ts';
import {
  type Chat,
  type Clinic,
  clinicKey,
  type Invitation,
  type Person,
  personKey,
} from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import type { Arrival, Reference, World } from '../core/turn.ts';
import type { Log } from '../log.ts';
import { emptyCommit, StoreDown, type StoredTimer } from '../store/store.ts';
import type { Parcel, PlainCommit } from '../store/vault.ts';
import type { Crash } from './crash.ts';
import {
  type Address,
  asDamaged,
  Directory,
  type DirectoryParts,
  keysOf,
  newId,
  type Route,
} from './directory.ts';
import type { Erasures } from './erasures.ts';
import { Metrics } from './metrics.ts';
import { OneByOne } from './one-by-one.ts';

const mostTries = 20;
/** An event that failed this often is parked: reported, and never again in anybody's way. */
const parkedAfter = 3;
/** A parked timer comes again after this long: by then it may be mended, or too late and skipped. */
const parkedTimerRests: Millis = 3_600_000;
const aDay: Millis = 24 * 3_600_000;
const nothingChosen: Receipt = { chosen: null };

/** A route as far as a turn needs it. */
type Way = Omit<Route, 'link'>;

export type EngineParts = DirectoryParts & {
  reference: Reference;
  log: Log;
  crash: Crash;
  /** Where erasures are noted outside the store; absent where no backup is ever made. */
  erasures?: Erasures;
};

export class Engine {
  readonly directory: Directory;
  readonly metrics = new Metrics();
  readonly #parts: EngineParts;
  readonly #chats = new OneByOne();
  #committed: (partition: number) => void = () => {};

  constructor(parts: EngineParts) {
    this.directory = new Directory(parts);
    this.#parts = parts;
  }

  /** Calls back after every commit with its partition, so that delivery need not wait for its next look. */
  onCommitted(listener: (partition: number) => void): void {
    this.#committed = listener;
  }

  /** Takes what came in by a channel. Resolves when it is committed, or was before; throws while it is not. */
  receive(inbound: Inbound): Promise<Receipt> {
    const { channel, address } = inbound.chat;
    return this.#chats.run(`${channel} ${address}`, () => this.#receive(inbound));
  }

  async #receive(inbound: Inbound): Promise<Receipt> {
    const { what } = inbound;
    for (let tries = 0; tries < mostTries; tries++) {
      const route = await this.directory.route(inbound);
      if (!route) return nothingChosen;
      const happening: Happening = what.kind === 'opened' ? { kind: 'opened', link: route.link } : what;
      const arrival = {
        person: route.address.person,
        clinic: route.address.clinic,
        invitation: route.address.invitation,
        chat: inbound.chat,
        language: inbound.language,
      };
      const settled = await this.#settled(route, arrival, inbound.id, happening);
      if (settled) return settled;
    }
    throw new Error('too much at once for this person; come back');
  }

  /** Lets a due timer happen. */
  async fire(timer: StoredTimer): Promise<void> {
    const { partition, owner, matter, due } = timer;
    await this.#happen(partition, owner, `due:${owner}:${matter}:${due}`, { kind: 'due', matter, due });
  }

  /** Lets whatever came due in the time that a restored store knows nothing of pass, for one person. */
  async letPass({ partition, owner }: Pick<StoredTimer, 'partition' | 'owner'>): Promise<void> {
    const id = `restored:${owner}:${this.#parts.clock.now()}`;
    await this.#happen(partition, owner, id, { kind: 'restored' });
  }

  /** The platform refused for good: whoever sits behind this message can not be reached. */
  async loseTouch(partition: number, person: string, message: string): Promise<void> {
    await this.#happen(partition, person, `unreachable:${message}`, { kind: 'unreachable' });
  }

  /**
   * Taps on this channel were lost when nobody took them for `lost` ms: whoever was last spoken to in the day before, but
   * early enough to have tapped in vain, may be asked again. Who was asked just now is spoken to, and so never asked twice.
   */
  async askAgain(channel: string, lost: Millis): Promise<void> {
    const { vault, clock, log } = this.#parts;
    const now = clock.now();
    for (const { partition, owner } of await vault.store.spokenTo(now - aDay, now - lost)) {
      try {
        await this.#happen(partition, owner, `missed:${owner}:${now}`, { kind: 'missed', channel });
      } catch (error) {
        if (error instanceof StoreDown) throw error;
        log.error({ event: 'not-asked', personId: owner, err: error }, 'a question was not asked again');
      }
    }
  }

  async #happen(partition: number, person: string, id: string, happening: Happening): Promise<void> {
    const { vault } = this.#parts;
    for (let tries = 0; tries < mostTries; tries++) {
      const found = (await vault.load(partition, null, [personKey(person)])).records[0]
        ?.value as Person | null;
      if (!found) return;
      const { clinic, invitation, chat, language } = found;
      const address = { partition, person, clinic, invitation };
      const arrival = { person, clinic, invitation, chat, language };
      if (await this.#settled({ address, met: true, loaded: null }, arrival, id, happening)) return;
    }
    throw new Error('too much at once for this person; come back');
  }

  /** Writes a clinic as the configuration says it is; nothing when that is already so. */
  async setUpClinic(clinic: Clinic): Promise<void> {
    const { vault, clock } = this.#parts;
    const partition = this.directory.partitionOf(clinic.id);
    const found = (await vault.load(partition, null, [clinicKey(clinic.id)])).records[0];
    if (JSON.stringify(found?.value) === JSON.stringify(clinic)) return;
    const version = found?.version ?? 0;
    await vault.commit(partition, {
      ...emptyCommit(clock.now()),
      expected: [{ key: clinicKey(clinic.id), version }],
      put: [{ key: clinicKey(clinic.id), version: version + 1, value: clinic }],
    });
  }

  /** One try at one event: null when something changed meanwhile and it must be seen anew. */
  async #settled(way: Way, arrival: Arrival, id: string, happening: Happening): Promise<Receipt | null> {
    const { address } = way;
    const { partition } = address;
    const { clock } = this.#parts;
    const began = clock.real();
    try {
      const receipt = await this.#turn(way, arrival, id, happening);
      if (receipt) this.metrics.turn(happening.kind, 'done', clock.real() - began);
      return receipt;
    } catch (error) {
      this.metrics.turn(happening.kind, 'failed', clock.real() - began);
      if (error instanceof StoreDown) throw error;
      const count = await this.#parts.vault.failed(partition, id, this.#parts.clock.now());
      this.#parts.log.error(
        { event: 'turn-failed', kind: happening.kind, personId: address.person, count, err: error },
        'a turn failed',
      );
      if (count < parkedAfter) throw error;
      return (await this.#park(address, arrival, id, happening)) ? nothingChosen : null;
    }
  }

  async #turn(
    { address, met, loaded: before }: Way,
    arrival: Arrival,
    id: string,
    happening: Happening,
  ): Promise<Receipt | null> {
    const { vault, reference, clock, crash, erasures } = this.#parts;
    const { partition } = address;
    const keys = keysOf(address);
    const loaded = before ?? (await vault.load(partition, id, keys));
    if (loaded.seen) return nothingChosen;
    const [forPerson, forClinic, forKnowledge, forInvitation] = loaded.records;
    const world: World = {
      person: (forPerson?.value ?? null) as Person | null,
      arrival,
      clinic: forClinic?.value as Clinic,
      invitation: (forInvitation?.value ?? null) as Invitation | null,
      knowledge: (forKnowledge?.value ?? null) as ClinicKnowledge | null,
      reference,
    };
    // Forgotten since: whoever writes now is a stranger and gets an address of their own.
    if (met && !world.person) return null;
    if (happening.kind === 'opened' && happening.link === 'open' && !world.person && world.invitation?.taken)
      return null;
    const event: Event = {
      id,
      at: clock.now(),
      seed: randomBytes(6).toString('hex').slice(0, 10),
      ...happening,
    };
    const decision = decide(world, event);
    const versions = new Map(keys.map((key, i) => [JSON.stringify(key), loaded.records[i]?.version ?? 0]));
    const commit = await this.#commitOf(decision, address, event, world, versions);
    crash('before-commit');
    // Before the commit: an erasure that were noted nowhere would come back with a backup.
    for (const owner of commit.erase) erasures?.note({ partition, owner });
    const result = await vault.commit(partition, commit);
    if (result === 'stale') {
      for (const owner of commit.erase) erasures?.takeBack({ partition, owner });
      return null;
    }
    crash('after-commit');
    this.#committed(partition);
    return { chosen: decision.said.find((message) => message.echo !== undefined)?.echo ?? null };
  }

  async #commitOf(
    decision: Decision,
    address: Address,
    event: Event,
    world: World,
    versions: ReadonlyMap<string, number>,
  ): Promise<PlainCommit> {
    const { person, clinic } = address;
    const key = personKey(person);
    const version = versions.get(JSON.stringify(key)) ?? 0;
    const owner = decision.erase ? clinic : person;
    const lane = decision.erase ? `farewell-${event.seed}` : person;
    const chat = world.person?.chat ?? world.arrival.chat;
    const before = decision.erase ? await this.#farewell(address, chat, event.at) : [];
    const parcels = [
      ...before.map((parcel) => ({ parcel, priority: purposes.farewell.priority })),
      ...decision.said.map((message) => ({
        parcel: { kind: 'message' as const, chat, written: event.at, message },
        priority: purposes[message.purpose].priority,
      })),
    ];
    return {
      event: markOf(event.id, event),
      at: event.at,
      expected: [
        { key, version },
        ...decision.put.flatMap((put) => {
          const read = versions.get(JSON.stringify(put.key));
          return read === undefined ? [] : [{ key: put.key, version: read }];
        }),
      ],
      put: [
        ...(decision.person ? [{ key, version: version + 1, value: decision.person }] : []),
        ...decision.put.map((put) => ({ ...put, version: (versions.get(JSON.stringify(put.key)) ?? 0) + 1 })),
      ],
      drop: decision.drop,
      erase: decision.erase ? [person] : [],
      timers: {
        set: decision.timers.set.map((timer) => ({ owner: person, ...timer })),
        clear: decision.timers.clear.map((matter) => ({ owner: person, matter })),
      },
      outbox: parcels.map(({ parcel, priority }, i) => ({
        id: `${event.seed}-${i}`,
        owner,
        lane,
        channel: parcel.kind === 'release' ? '' : parcel.chat.channel,
        priority,
        due: event.at,
        parcel,
      })),
      facts: decision.facts.map((fact) => ({ owner, value: { ...fact, at: event.at } })),
    };
  }

  /** What must still be done in the world for somebody who is forgotten. */
  async #farewell(address: Address, chat: Chat, written: Millis): Promise<Parcel[]> {
    const { vault } = this.#parts;
    const refs = (await vault.sent(address.partition, address.person, 0)).flatMap(({ ref }) =>
      ref ? [ref] : [],
    );
    return [
      { kind: 'release', claim: vault.chatClaim(chat), value: JSON.stringify(address) },
      ...(refs.length > 0 ? [{ kind: 'wipe' as const, chat, written, refs }] : []),
    ];
  }

  /**
   * Marks an event that can not be handled as done, and tells whoever waits for an answer that it went wrong. A timer
   * is put off instead, since nobody would set it again. False when something changed meanwhile.
   */
  async #park(address: Address, arrival: Arrival, id: string, happening: Happening): Promise<boolean> {
    const { vault, clock, log, reference } = this.#parts;
    const { partition, person, clinic } = address;
    const at = clock.now();
    const key = personKey(person);
    const loaded = await vault.load(partition, null, [key]).catch(asDamaged);
    const record = loaded === 'damaged' ? undefined : loaded.records[0];
    const known = (record?.value ?? null) as Person | null;
    const version = record?.version ?? 0;
    const language = known?.language ?? arrival.language;
    const message: Outgoing = {
      purpose: 'answer',
      language,
      text: reference.words.say(language, 'phrases.stumbled'),
      buttons: [],
    };
    const parcel: Parcel = { kind: 'message', chat: arrival.chat, written: at, message };
    const commit: PlainCommit = {
      ...emptyCommit(at),
      event: markOf(id, happening),
      facts: [{ owner: clinic, value: { what: 'event-parked', at, kind: happening.kind } }],
    };
    if (happening.kind === 'due') {
      const { matter } = happening;
      if (known?.timers[matter] !== happening.due) return true;
      const due = at + parkedTimerRests;
      commit.expected = [{ key, version }];
      commit.put = [
        { key, version: version + 1, value: { ...known, timers: { ...known.timers, [matter]: due } } },
      ];
      commit.timers.set = [{ owner: person, matter, due }];
    } else if (!['unreachable', 'missed', 'restored'].includes(happening.kind)) {
      const owner = known ? person : clinic;
      const { priority } = purposes.answer;
      const { channel } = arrival.chat;
      commit.outbox = [{ id: newId(), owner, lane: person, channel, priority, due: at, parcel }];
    }
    if ((await vault.commit(partition, commit)) === 'stale') return false;
    this.metrics.turn(happening.kind, 'parked', 0);
    log.error(
      { event: 'turn-parked', kind: happening.kind, personId: person },
      'an event failed again and again and was set aside',
    );
    this.#committed(partition);
    return true;
  }
}

/** A timer leaves no mark: the record says whether it still stands, and one moment may rightly come twice. */
const markOf = (id: string, { kind }: { kind: Happening['kind'] }): string | null =>
  kind === 'due' ? null : id;
