/**
 * All meetings that may be offered, made ready to find the few best of tens of thousands within milliseconds. It works out a cost
 * that no occurrence can fall below from numbers alone, and asks the exact ranking only about the few that could still win. It
 * never ranks by itself: what it finds is what the ranking would find by going through all. Make a new one when the list, or what
 * is known of it, changes, and once a day, since what is known fades.
 */

import type { KnownMeeting, Point } from './meeting.ts';
import {
  admits,
  before,
  type Candidate,
  candidate,
  FARTHEST_KM,
  fitCost,
  groupOf,
  inMinutes,
  meets,
  NEARBY_KM,
  span,
  standing,
  timeCost,
  type Wish,
  wantable,
  wayCost,
} from './ranking.ts';
import type { Millis } from './time.ts';

/** Whom to look among: all, those near enough to go to on an ordinary evening, or those online. */
export type Among = 'all' | 'nearby' | 'online';

/** `examined`: how many occurrences had to be worked out exactly. */
export type Found = { best: Candidate[]; examined: number };

const EARTH_RADIUS_KM = 6371;
const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;
const WEEK_MINUTES = 7 * 24 * 60;
/** Kilometres are rounded to one decimal before they count. */
const ROUNDING_KM = 0.06;

export class MeetingIndex {
  readonly all: readonly KnownMeeting[];
  readonly #byId: ReadonlyMap<string, KnownMeeting>;
  /** Points as x, y, z on a globe of radius 1, three numbers each; not-a-number where there is no place. */
  readonly #points: Float64Array;
  /** Minutes since Monday 00:00. */
  readonly #week: Int32Array;
  readonly #zone: Int32Array;
  readonly #zones: readonly string[];
  /** Which of `wantable` a meeting meets, a bit each. */
  readonly #fits: Int32Array;
  readonly #standing: Float64Array;

  /** The program refuses doubled ids when it reads a list; of two here the later one is found by id. */
  constructor(meetings: readonly KnownMeeting[]) {
    this.all = meetings;
    this.#byId = new Map(meetings.map((meeting) => [meeting.id, meeting]));
    this.#points = Float64Array.from(meetings.flatMap(({ place }) => (place ? onGlobe(place) : nowhere)));
    this.#week = Int32Array.from(meetings, ({ weekday, time }) => {
      const [hours = 0, minutes = 0] = time.split(':').map(Number);
      return ((weekday - 1) * 24 + hours) * 60 + minutes;
    });
    const zones = new Map([...new Set(meetings.map(({ zone }) => zone))].map((zone, i) => [zone, i]));
    this.#zones = [...zones.keys()];
    this.#zone = Int32Array.from(meetings, ({ zone }) => zones.get(zone)!);
    this.#fits = Int32Array.from(meetings, (meeting) => bits((want) => meets(meeting, want)));
    this.#standing = Float64Array.from(meetings, standing);
  }

  get(id: string): KnownMeeting | undefined {
    return this.#byId.get(id);
  }

  /** The `count` best occurrences for a wish, best first, at most one per meeting. */
  find(wish: Wish, count: number, among: Among = 'all'): Found {
    const queue = this.#bounds(wish, among);
    const avoided = new Set(
      (wish.avoid ?? []).flatMap((id) => {
        const meeting = this.#byId.get(id);
        return meeting ? [groupOf(meeting)] : [];
      }),
    );
    const best: Candidate[] = [];
    let examined = 0;
    for (let next = count > 0 ? queue.take() : null; next; next = queue.take()) {
      const last = best[count - 1];
      if (last && next.bound > last.cost) break;
      const meeting = this.all[next.item]!;
      // It could only be as good, and then ids decide.
      if (last && next.bound === last.cost && `${meeting.id}@` > `${last.meeting.id}@`) continue;
      if (!admits(meeting, wish, avoided)) continue;
      examined++;
      const found = candidate(meeting, wish);
      if (!found || !isAmong(found, among)) continue;
      best.push(found);
      best.sort(before).splice(count);
    }
    return { best, examined };
  }

  /** For every meeting within reach a cost that none of its occurrences falls below. */
  #bounds(wish: Wish, among: Among): Queue {
    const { first, out, until } = span(wish);
    const [x, y, z] = onGlobe(wish.near);
    const fellowships = new Set(wish.fellowships);
    const wanted = bits((want) => wish.wants?.includes(want) ?? false);
    const reach = among === 'nearby' ? NEARBY_KM + ROUNDING_KM : FARTHEST_KM;
    const online = bits((want) => want === 'online');
    const onlineCost = wayCost(null, wish);
    const clocks: (Clock | undefined)[] = [];
    const clocksOut: (Clock | undefined)[] = [];
    const queue = new Queue(this.all.length);
    for (let i = 0; i < this.all.length; i++) {
      const dx = this.#points[3 * i]! - x;
      const dy = this.#points[3 * i + 1]! - y;
      const dz = this.#points[3 * i + 2]! - z;
      // The way through the earth is never longer than the way over it.
      const km = EARTH_RADIUS_KM * Math.sqrt(dx * dx + dy * dy + dz * dz);
      const there = km <= reach && among !== 'online';
      const far = (this.#fits[i]! & online) !== 0 && among !== 'nearby';
      if (!there && !far) continue;
      if (fellowships.size > 0 && !fellowships.has(this.all[i]!.fellowship)) continue;
      const zone = this.#zone[i]!;
      clocks[zone] ??= clockAt(first, until, this.#zones[zone]!);
      let time = timeCost(first + clocks[zone].wait(this.#week[i]!) * MINUTE, wish);
      if (out !== null) {
        clocksOut[zone] ??= clockAt(out, until, this.#zones[zone]!);
        time = Math.min(time, timeCost(out + clocksOut[zone].wait(this.#week[i]!) * MINUTE, wish));
      }
      const thereCost = there ? wayCost(Math.max(0, km - ROUNDING_KM), wish) : onlineCost;
      const way = far ? Math.min(thereCost, onlineCost) : thereCost;
      const fit = fitCost(ones(this.#fits[i]! & wanted));
      queue.add(i, inMinutes(way + time + fit + this.#standing[i]!));
    }
    queue.order();
    return queue;
  }
}

function isAmong({ km }: Candidate, among: Among): boolean {
  if (among === 'all') return true;
  return among === 'online' ? km === null : km !== null && km <= NEARBY_KM;
}

/** How long at least, in minutes, until a wall shows a minute of the week. */
type Clock = { wait: (week: number) => number };

/** What walls show in a zone at a moment, and how far their clocks are moved until another. */
function clockAt(at: Millis, until: Millis, zone: string): Clock {
  const now = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const shown = ((now.dayOfWeek - 1) * 24 + now.hour) * 60 + now.minute + (at % MINUTE) / MINUTE;
  // From the day before: a time that the clocks have just skipped is now.
  let each = Temporal.Instant.fromEpochMilliseconds(at - DAY).toZonedDateTimeISO(zone);
  let least = each.offsetNanoseconds;
  let most = least;
  for (;;) {
    const change = each.getTimeZoneTransition('next');
    if (!change || change.epochMilliseconds > until) break;
    least = Math.min(least, change.offsetNanoseconds);
    most = Math.max(most, change.offsetNanoseconds);
    each = change;
  }
  const moved = (most - least) / 6e10;
  return {
    wait: (week) => {
      const minutes = (week - shown + WEEK_MINUTES) % WEEK_MINUTES;
      return minutes >= WEEK_MINUTES - moved ? 0 : Math.max(0, minutes - moved);
    },
  };
}

/** Gives back items by their bound, least first; a heap in two flat arrays. */
class Queue {
  readonly #items: Int32Array;
  readonly #bounds: Float64Array;
  #size = 0;

  constructor(most: number) {
    this.#items = new Int32Array(most);
    this.#bounds = new Float64Array(most);
  }

  /** To be followed by `order` before anything is taken. */
  add(item: number, bound: number): void {
    this.#items[this.#size] = item;
    this.#bounds[this.#size++] = bound;
  }

  order(): void {
    for (let i = (this.#size >> 1) - 1; i >= 0; i--) this.#sink(i, this.#items[i]!, this.#bounds[i]!);
  }

  take(): { item: number; bound: number } | null {
    if (this.#size === 0) return null;
    const top = { item: this.#items[0]!, bound: this.#bounds[0]! };
    this.#size--;
    this.#sink(0, this.#items[this.#size]!, this.#bounds[this.#size]!);
    return top;
  }

  #sink(from: number, item: number, bound: number): void {
    const [items, bounds] = [this.#items, this.#bounds];
    let at = from;
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && bounds[child + 1]! < bounds[child]!) child++;
      if (bounds[child]! >= bound) break;
      items[at] = items[child]!;
      bounds[at] = bounds[child]!;
      at = child;
    }
    items[at] = item;
    bounds[at] = bound;
  }
}

const nowhere = [Number.NaN, Number.NaN, Number.NaN];

function onGlobe({ lat, lon }: Point): [number, number, number] {
  const [phi, lambda] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

const bits = (holds: (want: (typeof wantable)[number]) => boolean): number =>
  wantable.reduce((all, want, i) => all | (holds(want) ? 1 << i : 0), 0);

function ones(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
