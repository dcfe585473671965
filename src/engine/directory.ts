/**
 * Where everybody's records lie: which person a chat leads to, how somebody stands to a link they opened, and the
 * invitations themselves. What a chat or a token leads to is claimed first and written afterwards, so that a crash in
 * between leaves a claim that leads to nobody, which is void. It must never keep a token.
 */
import { randomBytes } from 'node:crypto';
import type { Inbound } from '../channels/channel.ts';
import type { LinkState } from '../core/event.ts';
import {
  type Chat,
  clinicKey,
  enrolled,
  house,
  type Invitation,
  invitationKey,
  knowledgeKey,
  type Person,
  personKey,
  type RecordKey,
} from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import { Unsealable } from '../store/seal.ts';
import { emptyCommit, kept } from '../store/store.ts';
import { type PlainLoaded, Vault } from '../store/vault.ts';
import type { Clock } from './clock.ts';

/** Where a person's records lie; this is what a chat handle leads to. */
export type Address = { partition: number; person: string; clinic: string; invitation: string | null };

/**
 * Where something goes: to whom, whether they were met before, and how an opened link stands to them. `loaded` is what a
 * turn reads, where finding the way has read it.
 */
export type Route = { address: Address; met: boolean; link: LinkState; loaded: PlainLoaded | null };

/** What a turn reads, in this order. */
export const keysOf = ({ person, clinic, invitation }: Address): RecordKey[] => [
  personKey(person),
  clinicKey(clinic),
  knowledgeKey(clinic),
  ...(invitation ? [invitationKey(clinic, invitation)] : []),
];

type Place = { partition: number; clinic: string; invitation: string };

export type DirectoryParts = {
  vault: Vault;
  clock: Clock;
  /** Number of partitions, for ever. */
  partitions: number;
};

export class Directory {
  readonly #parts: DirectoryParts;

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  partitionOf(clinic: string): number {
    let hash = 0;
    for (const char of clinic) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
    return hash % this.#parts.partitions;
  }

  /** Where a chat leads to, if anywhere. */
  async find(chat: Chat): Promise<Address | null> {
    const { vault } = this.#parts;
    const held = await vault.store.claimed(vault.chatClaim(chat));
    return held ? (JSON.parse(held) as Address) : null;
  }

  /** Everything the person behind a chat has on record; null when there is nobody. */
  async person(chat: Chat): Promise<Person | null> {
    const address = await this.find(chat);
    if (!address) return null;
    const { records } = await this.#parts.vault.load(address.partition, null, [personKey(address.person)]);
    return records[0]?.value as Person | null;
  }

  async #load(address: Address, event: string): Promise<PlainLoaded> {
    return this.#parts.vault.load(address.partition, event, keysOf(address));
  }

  /**
   * Who this is for, whether they were met before, and how an opened link stands to them. Null when there is nobody it
   * could be for, or when it is an event of somebody who is forgotten by now, come again.
   */
  async route(inbound: Inbound): Promise<Route | null> {
    const known = await this.find(inbound.chat);
    const loaded = known ? await this.#load(known, inbound.id).catch(asDamaged) : null;
    // The turn will fail over it as well, and there that is counted.
    if (loaded === 'damaged') return known && { address: known, met: true, link: 'none', loaded: null };
    const person = (loaded?.records[0]?.value ?? null) as Person | null;
    const fresh = !person || this.#parts.clock.now() - person.since < kept;
    if (fresh && (await this.#seen(inbound.id))) return null;
    const opened = inbound.what.kind === 'opened' ? inbound.what : null;
    if (opened?.token) {
      const { link, place } = await this.#look(opened.token, known);
      const moves = link === 'open' && place !== null && !(person && enrolled(person));
      const address = await this.#settle(inbound.chat, known, moves ? null : person, moves ? place : null);
      return { address, met: !moves && person !== null, link, loaded: null };
    }
    if (person && known) return { address: known, met: true, link: 'none', loaded };
    if (inbound.what.kind === 'left' || inbound.what.kind === 'returned' || inbound.what.kind === 'edited')
      return null;
    const address = await this.#settle(inbound.chat, known, null, null);
    return { address, met: false, link: 'none', loaded: null };
  }

  /** Whether this event is done, wherever that was: asked where the chat may have led to somebody else then. */
  async #seen(id: string): Promise<boolean> {
    const { vault, partitions } = this.#parts;
    const looks = Array.from({ length: partitions }, (_, partition) => vault.load(partition, id, []));
    return (await Promise.all(looks)).some(({ seen }) => seen);
  }

  /** The address of a chat, claimed now if it leads to nobody yet, or to somebody else than it should. */
  async #settle(
    chat: Chat,
    known: Address | null,
    person: Person | null,
    place: Place | null,
  ): Promise<Address> {
    if (known && person) return known;
    const { vault } = this.#parts;
    const fresh: Address = {
      partition: place?.partition ?? this.partitionOf(house),
      person: newId(),
      clinic: place?.clinic ?? house,
      invitation: place?.invitation ?? null,
    };
    const instead = known ? JSON.stringify(known) : undefined;
    const got = await vault.store.claim(vault.chatClaim(chat), JSON.stringify(fresh), instead);
    return JSON.parse(got) as Address;
  }

  async #look(token: string, known: Address | null): Promise<{ link: LinkState; place: Place | null }> {
    const { vault, clock } = this.#parts;
    const held = await vault.store.claimed(Vault.invitationClaim(token));
    if (!held) return { link: 'unknown', place: null };
    const place = JSON.parse(held) as Place;
    const key = invitationKey(place.clinic, place.invitation);
    const found = (await vault.load(place.partition, null, [key])).records[0]?.value as Invitation | null;
    if (!found) return { link: 'unknown', place: null };
    if (found.taken !== null) return { link: found.taken === known?.person ? 'mine' : 'taken', place };
    return { link: clock.now() > found.expires ? 'expired' : 'open', place };
  }

  /**
   * Makes a single-use invitation and returns its token, which is kept nowhere.
   * The token leads to the invitation first, so that a crash in between leaves a link that is merely unknown.
   */
  async invite(wish: {
    clinic: string;
    alias: string | null;
    discharge: string | null;
    young: boolean;
    lasts: Millis;
  }): Promise<{ token: string; invitation: Invitation }> {
    const { vault, clock } = this.#parts;
    const { lasts, ...rest } = wish;
    const token = randomBytes(20).toString('base64url');
    const made = clock.now();
    const invitation: Invitation = { v: 1, id: newId(), ...rest, made, expires: made + lasts, taken: null };
    const partition = this.partitionOf(wish.clinic);
    const place: Place = { partition, clinic: wish.clinic, invitation: invitation.id };
    await vault.store.claim(Vault.invitationClaim(token), JSON.stringify(place));
    const key = invitationKey(wish.clinic, invitation.id);
    await vault.commit(partition, {
      ...emptyCommit(made),
      expected: [{ key, version: 0 }],
      put: [{ key, version: 1, value: invitation }],
      facts: [{ owner: wish.clinic, value: { what: 'invited', at: made, invitation: invitation.id } }],
    });
    return { token, invitation };
  }
}

/** A record that can not be opened stands for itself; any other failure is one. */
export function asDamaged(error: unknown): 'damaged' {
  if (error instanceof Unsealable) return 'damaged';
  throw error;
}

/** 120 random bits: never met twice, and telling nothing. */
export const newId = (): string => randomBytes(15).toString('base64url');
