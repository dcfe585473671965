/**
 * Everything that can happen, as one closed set. A message, a tap, a timer that is due, a failed delivery: each is a
 * constructor of `Event` and nothing more. Time and randomness come with the event, so that deciding is pure.
 */
import type { Point } from './meeting.ts';
import type { Millis } from './time.ts';

/** How a link that somebody opened stands to them. */
export type LinkState = 'none' | 'open' | 'mine' | 'taken' | 'expired' | 'unknown';

export type Happening =
  | { kind: 'opened'; link: LinkState }
  | { kind: 'said'; text: string }
  | { kind: 'edited'; text: string }
  | { kind: 'tapped'; wait: string; choice: string }
  /** A picture, a voice message and the like; `text` was written beside it. */
  | { kind: 'unreadable'; text?: string }
  /** The person showed where they are. Only the nearest postcode may outlive the event. */
  | ({ kind: 'located' } & Point)
  | { kind: 'left' }
  | { kind: 'returned' }
  | { kind: 'due'; matter: string; due: Millis }
  /** The store was put back as it was some time ago: what came due since then was done, or is over. */
  | { kind: 'restored' }
  | { kind: 'unreachable' }
  /** What was tapped on this channel may have got lost on the way, since nobody took it for too long. */
  | { kind: 'missed'; channel: string };

/**
 * `id` is the same when the same thing arrives twice. `at` is when it is handled. `seed` is the chance that this event
 * brings along: ids made while deciding are drawn from it.
 */
export type Event = { id: string; at: Millis; seed: string } & Happening;
