/**
 * The lists of meetings that came from outside, as the store keeps them, and what the running program shows of them. It
 * exists so that a list can change under a program that runs, in this process or another. A list that is doubtful is
 * kept beside the old one and changes nothing; it must never drop the old one on its own.
 */
import { type ClinicKnowledge, learned, type MeetingKnowledge, withKnowledge } from '../core/knowledge.ts';
import {
  type Difference,
  difference,
  freshness,
  isDoubtful,
  type Listing,
  newListing,
  nextFetch,
  type Source,
} from '../core/listing.ts';
import type { KnownMeeting, Meeting } from '../core/meeting.ts';
import { MeetingIndex } from '../core/meeting-index.ts';
import { house, knowledgeKey, type RecordKey } from '../core/records.ts';
import type { Millis } from '../core/time.ts';
import type { Reference } from '../core/turn.ts';
import { emptyCommit } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import type { Clock } from './clock.ts';
import type { Directory } from './directory.ts';

/** `unchanged`: it says what it said. `held`: kept aside until a person says yes. */
export type Taken = { verdict: 'taken' | 'unchanged' | 'held'; difference: Difference };

/** `sure`: somebody has said that it is right. */
type Manner = { validators?: Listing['validators']; sure?: boolean; chance?: number };

type Index = { v: 1; listings: Listing[] };
type Content = { v: 1; revision: number; meetings: Meeting[]; held: Meeting[] | null };
type Kept = { index: Index; version: number };

export type ListsParts = {
  vault: Vault;
  directory: Directory;
  /** Whose knowledge of the meetings counts beside the lists. */
  clinic: string;
  clock: Clock;
  /** Its meetings are kept up to date. */
  reference: Reference;
};

const indexKey: RecordKey = { owner: house, kind: 'lists', id: house };
const contentKey = (source: string): RecordKey => ({ owner: house, kind: 'list', id: source });
const mostTries = 20;
const day: Millis = 24 * 3_600_000;

export class Lists {
  readonly #parts: ListsParts;
  /** The house's, to which all lists belong. */
  readonly #partition: number;
  /** The meetings of the program's own file, which are always there. */
  readonly #own: readonly KnownMeeting[];
  readonly #known = new Map<string, { revision: number; meetings: readonly Meeting[] }>();
  #shown = '';

  constructor(parts: ListsParts) {
    this.#parts = parts;
    this.#partition = parts.directory.partitionOf(house);
    this.#own = parts.reference.meetings.all;
  }

  /** Every list, without its meetings. */
  async all(): Promise<readonly Listing[]> {
    return (await this.#index()).index.listings;
  }

  /** Brings the meetings that the program shows up to date; true when that changed any. */
  async show(): Promise<boolean> {
    const { clock, reference } = this.#parts;
    const now = clock.now();
    const listings = (await this.all()).filter((listing) => freshness(listing, now) !== 'expired');
    for (const { source, revision } of listings) {
      if (this.#known.get(source.id)?.revision === revision) continue;
      const { meetings } = (await this.#content(source.id)).content;
      this.#known.set(source.id, { revision, meetings });
    }
    const known = await this.#knowledge();
    // What is known fades by the day.
    const shown = JSON.stringify([
      Math.floor(now / day),
      known.version,
      ...listings.map(({ source, revision, current }) => [source.id, revision, current]),
    ]);
    if (shown === this.#shown) return false;
    this.#shown = shown;
    const all = [...this.#own, ...listings.flatMap((listing) => this.#read(listing))];
    reference.meetings = new MeetingIndex(
      all.flatMap((meeting) => withKnowledge(meeting, known.meetings[meeting.id], now, meeting.read) ?? []),
    );
    return true;
  }

  /** Notes what somebody at the clinic, or a volunteer, knows of a meeting. False when there is no such meeting. */
  async learn(meeting: string, learn: (known: MeetingKnowledge) => MeetingKnowledge): Promise<boolean> {
    const { vault, directory, clinic, clock } = this.#parts;
    await this.show();
    const partition = directory.partitionOf(clinic);
    const key = knowledgeKey(clinic);
    for (let tries = 0; tries < mostTries; tries++) {
      const [found] = (await vault.load(partition, null, [key])).records;
      const before = (found?.value ?? null) as ClinicKnowledge | null;
      if (!this.has(meeting) && !before?.meetings[meeting]) return false;
      const version = found?.version ?? 0;
      const result = await vault.commit(partition, {
        ...emptyCommit(clock.now()),
        expected: [{ key, version }],
        put: [{ key, version: version + 1, value: learned(before, meeting, learn) }],
        facts: [{ owner: clinic, value: { what: 'meeting-learned', at: clock.now(), meeting } }],
      });
      if (result !== 'stale') return true;
    }
    throw new Error('the lists change too fast; try again');
  }

  /** Whether a meeting is on any list, shown or on hold. */
  has(meeting: string): boolean {
    return (
      this.#own.some(({ id }) => id === meeting) ||
      [...this.#known.values()].some(({ meetings }) => meetings.some(({ id }) => id === meeting))
    );
  }

  /** Everything the clinic knows beside the lists. */
  async known(): Promise<readonly MeetingKnowledge[]> {
    return Object.values((await this.#knowledge()).meetings);
  }

  async #knowledge(): Promise<ClinicKnowledge & { version: number }> {
    const { vault, directory, clinic } = this.#parts;
    const partition = directory.partitionOf(clinic);
    const [found] = (await vault.load(partition, null, [knowledgeKey(clinic)])).records;
    const known = (found?.value ?? { v: 1, meetings: {} }) as ClinicKnowledge;
    return { ...known, version: found?.version ?? 0 };
  }

  /** The meetings of a list, with the age of what it says where it is to be fetched again and again. */
  #read({ source, current }: Listing): KnownMeeting[] {
    const meetings = this.#known.get(source.id)?.meetings ?? [];
    return source.url === null ? [...meetings] : meetings.map((meeting) => ({ ...meeting, read: current }));
  }

  /** What a new edition would do, without doing it. */
  async weigh(source: string, meetings: readonly Meeting[]): Promise<Taken> {
    const { content } = await this.#content(source);
    const change = difference(content.meetings, meetings);
    return { verdict: verdictOn(content.meetings, change), difference: change };
  }

  /** Takes a new edition in, unless it is doubtful and nobody has said that it is right. `chance` spreads the fetches. */
  take(source: Source, meetings: readonly Meeting[], how: Manner = {}): Promise<Taken> {
    return this.#take(source, () => meetings, how);
  }

  async #take(
    source: Source,
    edition: (before: readonly Meeting[]) => readonly Meeting[],
    how: Manner,
  ): Promise<Taken> {
    return this.#change(source, (listing, content, now) => {
      const meetings = edition(content.meetings);
      const change = difference(content.meetings, meetings);
      const verdict = how.sure ? sureVerdict(change) : verdictOn(content.meetings, change);
      listing.next = source.url === null ? null : nextFetch(now, 0, how.chance ?? 0);
      listing.failures = 0;
      listing.trouble = null;
      if (verdict === 'held') {
        listing.held = { at: now, meetings: meetings.length, gone: change.gone.length };
        content.held = [...meetings];
      } else {
        listing.current = now;
        listing.validators = how.validators ?? { etag: null, modified: null };
        this.#settle(listing, content, meetings, verdict === 'taken' ? now : null);
      }
      return { verdict, difference: change };
    });
  }

  /** Adds single meetings to a list kept by hand, each in the place of what had its id. */
  add(source: Source, meetings: readonly Meeting[]): Promise<Taken> {
    const ids = new Set(meetings.map(({ id }) => id));
    const added = (before: readonly Meeting[]) => [...before.filter(({ id }) => !ids.has(id)), ...meetings];
    return this.#take(source, added, { sure: true });
  }

  /** Takes a single meeting off its list; null when no list has it. */
  async drop(meeting: string): Promise<Taken | null> {
    for (const { source } of await this.all()) {
      const { content } = await this.#content(source.id);
      if (!content.meetings.some(({ id }) => id === meeting)) continue;
      return this.#take(source, (before) => before.filter(({ id }) => id !== meeting), { sure: true });
    }
    return null;
  }

  /** The source says that nothing is new. */
  async keep(source: Source, chance: number): Promise<void> {
    await this.#change(source, (listing, _, now) => {
      listing.current = now;
      listing.next = nextFetch(now, 0, chance);
      listing.failures = 0;
      listing.trouble = null;
    });
  }

  /** The source could not be read; `trouble` says why, in words for people. */
  async miss(source: Source, trouble: string, chance: number): Promise<void> {
    await this.#change(source, (listing, _, now) => {
      listing.failures++;
      listing.trouble = trouble;
      listing.next = nextFetch(now, listing.failures, chance);
    });
  }

  /** A person has looked at the edition that was held: it counts, or it is thrown away. Null when none is held. */
  async answer(source: string, yes: boolean): Promise<Taken | null> {
    const listing = (await this.all()).find((one) => one.source.id === source);
    if (!listing?.held) return null;
    return this.#change(listing.source, (held, content, now) => {
      const edition = content.held;
      if (!edition) return null;
      const change = difference(content.meetings, edition);
      if (yes) {
        held.current = held.held?.at ?? now;
        this.#settle(held, content, edition, now);
      } else {
        held.held = null;
        content.held = null;
      }
      return { verdict: yes ? 'taken' : 'unchanged', difference: change } satisfies Taken;
    });
  }

  /** Takes a list away, with all its meetings. False when there is no such list. */
  async remove(source: string): Promise<boolean> {
    const { vault, clock } = this.#parts;
    for (let tries = 0; tries < mostTries; tries++) {
      const { index, version } = await this.#index();
      if (!index.listings.some((one) => one.source.id === source)) return false;
      const listings = index.listings.filter((one) => one.source.id !== source);
      const result = await vault.commit(this.#partition, {
        ...emptyCommit(clock.now()),
        expected: [{ key: indexKey, version }],
        put: [{ key: indexKey, version: version + 1, value: { v: 1, listings } satisfies Index }],
        drop: [contentKey(source)],
      });
      if (result !== 'stale') return true;
    }
    throw new Error('the lists change too fast; try again');
  }

  #settle(listing: Listing, content: Content, meetings: readonly Meeting[], changed: Millis | null): void {
    listing.held = null;
    content.held = null;
    content.meetings = [...meetings];
    listing.meetings = meetings.length;
    // Never one that it had before, not even when the list was taken away meanwhile.
    if (changed !== null) content.revision = Math.max(content.revision + 1, changed);
    listing.revision = content.revision;
  }

  /** One change of one list, both its records in one commit, tried again when somebody else was faster. */
  async #change<T>(
    source: Source,
    change: (listing: Listing, content: Content, now: Millis) => T,
  ): Promise<T> {
    const { vault, clock } = this.#parts;
    for (let tries = 0; tries < mostTries; tries++) {
      const { index, version } = await this.#index();
      const found = await this.#content(source.id);
      const now = clock.now();
      const before = index.listings.find((one) => one.source.id === source.id);
      const listing = { ...structuredClone(before ?? newListing(source)), source };
      const result = change(listing, found.content, now);
      const others = index.listings.filter((one) => one.source.id !== source.id);
      const listings = [...others, listing].sort((a, b) => (a.source.id < b.source.id ? -1 : 1));
      const key = contentKey(source.id);
      const done = await vault.commit(this.#partition, {
        ...emptyCommit(now),
        expected: [
          { key: indexKey, version },
          { key, version: found.version },
        ],
        put: [
          { key: indexKey, version: version + 1, value: { v: 1, listings } satisfies Index },
          { key, version: found.version + 1, value: found.content },
        ],
      });
      if (done !== 'stale') return result;
    }
    throw new Error('the lists change too fast; try again');
  }

  async #index(): Promise<Kept> {
    const { vault } = this.#parts;
    const [found] = (await vault.load(this.#partition, null, [indexKey])).records;
    return { index: (found?.value as Index | null) ?? { v: 1, listings: [] }, version: found?.version ?? 0 };
  }

  async #content(source: string): Promise<{ content: Content; version: number }> {
    const { vault } = this.#parts;
    const [found] = (await vault.load(this.#partition, null, [contentKey(source)])).records;
    const content = (found?.value as Content | null) ?? { v: 1, revision: 0, meetings: [], held: null };
    return { content, version: found?.version ?? 0 };
  }
}

const sureVerdict = ({ added, changed, gone }: Difference): 'taken' | 'unchanged' =>
  added.length + changed.length + gone.length > 0 ? 'taken' : 'unchanged';

const verdictOn = (before: readonly Meeting[], change: Difference): Taken['verdict'] =>
  isDoubtful(before, change) ? 'held' : sureVerdict(change);
