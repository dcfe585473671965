/**
 * Delivery: takes what was committed to the outbox to the channels, in order per person, at the platform's pace.
 * Every message is marked 'sending' before its request, so that after a crash exactly the uncertain ones are known.
 * Delivery is at least once: a message is doubled only when the process or the line died before the answer came.
 */
import type { Channel, Outcome, SendableFile } from '../channels/channel.ts';
import type { Attachment } from '../core/decision.ts';
import { mayGo } from '../core/purpose.ts';
import { type Person, personKey } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import type { Log } from '../log.ts';
import { Unsealable } from '../store/seal.ts';
import type { Lease, Mark, StoredOutgoing } from '../store/store.ts';
import type { Parcel, Vault } from '../store/vault.ts';
import type { Clock } from './clock.ts';
import type { Crash } from './crash.ts';
import type { Engine } from './engine.ts';
import { myData } from './my-data.ts';
import { Pace } from './pace.ts';
import { WaitingLanes } from './waiting.ts';

/** By one channel. Few sends in flight mean few uncertain ones after a crash, but each must wait for the disk twice. */
const mostInFlight = 16;
const firstBackOff: Millis = 2_000;
const longestBackOff: Millis = 10 * 60_000;
/**
 * A message whose fate stayed unknown this often is given up. The waits between grow fourfold, so that an outage of ten
 * minutes that answers with errors loses nothing, and few copies arrive where only the answers were lost.
 */
const mostDoubts = 6;

export type DeliverParts = {
  vault: Vault;
  engine: Engine;
  channels: readonly Channel[];
  clock: Clock;
  log: Log;
  crash: Crash;
};

type Opened =
  | Exclude<Parcel, { kind: 'message' }>
  | (Extract<Parcel, { kind: 'message' }> & { person: Person | null });

export class Deliverer {
  readonly #parts: DeliverParts;
  readonly #channels: Map<string, Channel>;
  /** What the store calls each channel. */
  readonly #marks: Map<string, string>;
  readonly #paces: Map<string, Pace>;
  /** Lanes with a send under way, and the channel it goes by. */
  readonly #busy = new Map<string, { channel: string; over: Promise<void> }>();
  readonly #waiting = new WaitingLanes();
  /** Where something may wait that was not looked at yet; null for everywhere. */
  #unseen: Set<number> | null = null;
  /** Those that had no place when it was last looked. */
  #usedUp: readonly Pace[] = [];
  #lease: Lease | null = null;
  #recovering = true;

  constructor(parts: DeliverParts) {
    this.#parts = parts;
    this.#channels = new Map(parts.channels.map((channel) => [channel.name, channel]));
    this.#marks = new Map(parts.channels.map(({ name }) => [name, parts.vault.channelMark(name)]));
    this.#paces = new Map(
      parts.channels.flatMap((channel) =>
        channel.pace ? [[channel.name, new Pace(channel.pace)] as const] : [],
      ),
    );
  }

  /** Only whoever holds the lease may deliver. */
  hold(lease: Lease | null): void {
    this.#lease = lease;
  }

  /** Has the next glance look into this partition too. */
  look(partition: number): void {
    this.#unseen?.add(partition);
  }

  /** Has the next glance look everywhere. */
  lookEverywhere(): void {
    this.#unseen = null;
  }

  /** A glance everywhere. */
  round(): Promise<Millis | null> {
    this.lookEverywhere();
    return this.glance();
  }

  /**
   * Starts every send that may start now, as far as something new may wait there. Not to be called again before it ends.
   * @returns how long until the next may go, in real ms; null when nothing waits for a moment
   */
  async glance(): Promise<Millis | null> {
    const { clock } = this.#parts;
    for (const partition of this.#waiting.release(clock.real())) this.look(partition);
    const lease = this.#lease;
    while (lease && this.#unseen?.size !== 0 && (await this.#startSome(lease)));
    if (this.#busy.size === 0) this.#recovering = false;
    const now = clock.real();
    // A place that came free while the store was asked counts as well, or it would be slept over.
    const places = this.#unseen?.size === 0 ? [] : this.#usedUp.map((pace) => pace.closed(now));
    const soonest = Math.min(this.#waiting.next(now) ?? Number.POSITIVE_INFINITY, ...places);
    return Number.isFinite(soonest) ? Math.max(1, soonest) : null;
  }

  /** False when nothing was found that could start. */
  async #startSome(lease: Lease): Promise<boolean> {
    const { vault, clock } = this.#parts;
    const room = this.#room();
    this.#usedUp = [...this.#paces.values()].filter((pace) => pace.places(clock.real()) < 1);
    const closed = [...room].flatMap(([mark, places]) => (places < 1 ? [mark] : []));
    if (closed.length === this.#channels.size) return false;
    const partitions = this.#unseen;
    this.#unseen = new Set();
    const entries = await vault.store.sendable(
      clock.now(),
      [...this.#busy.keys(), ...this.#waiting.names()],
      mostInFlight,
      { closed, ...(partitions ? { partitions: [...partitions] } : {}) },
    );
    if (entries.length > 0 || closed.length > 0) this.#lookAgain(partitions);
    const ready = entries.filter(({ channel }) => {
      const places = room.get(channel) ?? 1;
      room.set(channel, places - 1);
      return places >= 1;
    });
    const parcels = await Promise.all(ready.map((entry) => this.#open(entry)));
    for (const [i, entry] of ready.entries()) await this.#start(entry, parcels[i] ?? null, lease);
    return entries.length > 0;
  }

  #lookAgain(partitions: ReadonlySet<number> | null): void {
    if (partitions === null) this.lookEverywhere();
    else for (const partition of partitions) this.look(partition);
  }

  /** How many messages each channel takes now, by its mark. */
  #room(): Map<string, number> {
    const now = this.#parts.clock.real();
    const under = [...this.#busy.values()];
    return new Map(
      [...this.#marks].map(([name, mark]) => {
        const free = mostInFlight - under.filter(({ channel }) => channel === name).length;
        return [mark, Math.min(free, this.#paces.get(name)?.places(now) ?? free)];
      }),
    );
  }

  /** Resolves when no send is under way. */
  async idle(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all([...this.#busy.values()].map(({ over }) => over));
  }

  /** Resolves when one of the sends under way is done; null when there is none. */
  progress(): Promise<void> | null {
    return this.#busy.size > 0 ? Promise.race([...this.#busy.values()].map(({ over }) => over)) : null;
  }

  async #start(entry: StoredOutgoing, parcel: Opened | null | 'damaged', lease: Lease): Promise<void> {
    const { vault, clock, log } = this.#parts;
    if (parcel === 'damaged') return this.#rest(entry, longestBackOff);
    if (!parcel) return this.#mark(entry, lease, { state: 'gone' });
    if (parcel.kind === 'release') {
      await vault.store.release(parcel.claim, parcel.value);
      return this.#mark(entry, lease, { state: 'gone' });
    }
    const leave = this.#leave(entry, parcel);
    if (leave) return this.#mark(entry, lease, leave);
    const channel = this.#channels.get(parcel.chat.channel);
    if (!channel) {
      log.warn(
        { event: 'no-channel', channel: parcel.chat.channel, entryId: entry.id },
        'a message waits for a channel that is off',
      );
      return this.#mark(entry, lease, { state: 'retry', again: clock.now() + longestBackOff, doubt: false });
    }
    const pace = this.#paces.get(channel.name);
    const wait = pace?.take(parcel.chat.address, clock.real()) ?? 0;
    if (wait > 0) return this.#rest(entry, wait);
    const over = this.#send(entry, lease, channel, parcel)
      .catch((error) => {
        log.error(
          { event: 'delivery-failed', entryId: entry.id, err: error },
          'a delivery failed in the program itself',
        );
        this.#rest(entry, firstBackOff);
      })
      .finally(() => {
        this.#busy.delete(entry.lane);
        this.look(entry.partition);
      });
    this.#busy.set(entry.lane, { channel: channel.name, over });
  }

  /**
   * The parcel, a message with whoever it is for; null when its owner was erased, or when it was written after the chat
   * had ceased to lead to them: whoever came back with an invitation hears nothing more from their visit. 'damaged'
   * when it can not be opened, which must keep nobody else waiting.
   */
  async #open(entry: StoredOutgoing): Promise<Opened | null | 'damaged'> {
    const { vault, engine, log } = this.#parts;
    try {
      const parcel = await vault.parcel(entry.partition, entry);
      if (parcel?.kind !== 'message') return parcel;
      const [{ records }, now] = await Promise.all([
        vault.load(entry.partition, null, [personKey(entry.owner)]),
        engine.directory.find(parcel.chat),
      ]);
      const person = (records[0]?.value ?? null) as Person | null;
      if (!person || now?.person === person.id) return { ...parcel, person };
      const other = await engine.directory.person(person.chat);
      const leads = other?.id === person.id || (other?.since ?? 0) >= parcel.written;
      return leads ? { ...parcel, person } : null;
    } catch (error) {
      if (!(error instanceof Unsealable)) throw error;
      log.error({ event: 'parcel-damaged', entryId: entry.id, err: error }, 'a message can not be opened');
      return 'damaged';
    }
  }

  /** What the table of purposes says now; null when it may go. Where nobody is on record, only its age counts. */
  #leave(entry: StoredOutgoing, parcel: Exclude<Opened, { kind: 'release' }>): Mark | null {
    const { clock, log } = this.#parts;
    const purpose = parcel.kind === 'wipe' ? 'farewell' : parcel.message.purpose;
    const leave = mayGo(purpose, parcel.written, parcel.kind === 'wipe' ? null : parcel.person, clock.now());
    if (leave.go) return null;
    if ('hold' in leave) return { state: 'held', due: leave.hold };
    log.info({ event: 'withheld', purpose, kind: leave.drop, entryId: entry.id }, 'a message was withheld');
    return { state: 'gone' };
  }

  async #send(
    entry: StoredOutgoing,
    lease: Lease,
    channel: Channel,
    parcel: Exclude<Parcel, { kind: 'release' }>,
  ): Promise<void> {
    const { crash, vault, log } = this.#parts;
    if (entry.ambiguous && this.#recovering) crash('in-recovery');
    const { partition, id } = entry;
    const file = parcel.kind === 'message' ? await this.#file(entry, parcel.message.file) : null;
    if (!(await vault.store.mark(partition, id, lease, { state: 'sending' }))) {
      return this.#rest(entry, firstBackOff);
    }
    crash('after-sending-mark');
    const request =
      parcel.kind === 'wipe'
        ? channel.wipe(parcel.chat, parcel.refs)
        : channel.send(parcel.chat, parcel.message, file);
    const outcome = await request.catch((error): Outcome => {
      log.error({ event: 'channel-failed', entryId: id, err: error }, 'a channel broke instead of answering');
      return { kind: 'ambiguous' };
    });
    crash('after-answer');
    await this.#settle(entry, lease, channel, parcel, outcome);
  }

  async #settle(
    entry: StoredOutgoing,
    lease: Lease,
    channel: Channel,
    parcel: Exclude<Parcel, { kind: 'release' }>,
    outcome: Outcome,
  ): Promise<void> {
    const { clock, log, engine } = this.#parts;
    const attempt = entry.attempts + 1;
    engine.metrics.send(channel.name, outcome.kind);
    if (outcome.kind === 'sent') engine.metrics.delivered(entry.priority, clock.now() - parcel.written);
    else {
      const code = outcome.kind === 'refused' ? outcome.why : null;
      log.info(
        { event: 'not-sent', outcome: outcome.kind, code, attempt, entryId: entry.id },
        'a send did not succeed',
      );
    }
    switch (outcome.kind) {
      case 'sent':
        // Nothing is kept of whoever is forgotten, not even where the farewell went.
        if (parcel.kind === 'wipe' || parcel.message.purpose === 'farewell')
          await this.#mark(entry, lease, { state: 'gone' });
        else await this.#mark(entry, lease, { state: 'sent', at: clock.now(), ref: outcome.ref });
        if (parcel.kind === 'message') channel.sent?.(parcel.chat, entry.seq, parcel.message);
        return;
      case 'later': {
        const wait = outcome.wait ?? Math.min(longestBackOff, firstBackOff * 2 ** (attempt - 1));
        const until = clock.real() + wait;
        this.#paces.get(channel.name)?.block(parcel.chat.address, outcome.everybody, until);
        return this.#mark(entry, lease, { state: 'retry', again: clock.now() + wait, doubt: false });
      }
      case 'ambiguous':
        if (entry.doubts + 1 >= mostDoubts) return this.#mark(entry, lease, { state: 'gone' });
        return this.#mark(entry, lease, {
          state: 'retry',
          again: clock.now() + Math.min(longestBackOff, firstBackOff * 4 ** entry.doubts),
          doubt: true,
        });
      case 'unreachable':
        await engine.loseTouch(entry.partition, entry.owner, entry.id);
        return this.#mark(entry, lease, { state: 'gone' });
      case 'refused':
        return this.#mark(entry, lease, { state: 'gone' });
    }
  }

  async #file(entry: StoredOutgoing, attachment: Attachment | undefined): Promise<SendableFile | null> {
    if (!attachment) return null;
    if ('body' in attachment) return attachment;
    return myData(this.#parts.vault, entry.partition, entry.owner, attachment.name);
  }

  /** A mark is refused when somebody else delivers by now, or the person was erased: either way this lane can wait. */
  async #mark(entry: StoredOutgoing, lease: Lease, mark: Mark): Promise<void> {
    const { store } = this.#parts.vault;
    if (!(await store.mark(entry.partition, entry.id, lease, mark))) this.#rest(entry, firstBackOff);
  }

  /** Leaves a lane alone for a while, in real ms. */
  #rest(entry: StoredOutgoing, wait: Millis): void {
    this.#waiting.add(entry, this.#parts.clock.real() + wait);
  }
}
