/**
 * A story: a conversation written down as somebody would tell it, which can be run again. Who opens, says, taps and
 * hears what, and how much time goes by. It is the form that plays are saved in and tests are written in. Whatever a
 * guest receives must be told, so that a story never hides a message.
 */
import { z } from 'zod';
import type { Millis } from '../core/time.ts';

/** As on the wall: 'YYYY-MM-DD HH:MM'. */
const localTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d$/, 'must be a local date and time, 2026-03-02 10:00');

/** What somebody does, or what happens to the world. */
const act = z.union([
  /** From here on it is this guest who acts and hears; where none is named there is only one. */
  z.strictObject({ guest: z.string() }),
  /** Opens the chat: with a fresh invitation, with the same link as last time, without one, or with a bad one. */
  z.strictObject({ opens: z.enum(['invited', 'invited-young', 'again', 'uninvited', 'expired', 'unknown']) }),
  /** Is enrolled and settled already, and stands at the start of a dialogue. */
  z.strictObject({ begins: z.string(), language: z.string() }),
  /** `times`: the same words so often in one message. */
  z.strictObject({ says: z.string(), times: z.int().positive().optional() }),
  z.strictObject({ edits: z.string() }),
  /** The label of a button of any message received so far; the newest that has it. */
  z.strictObject({ taps: z.string() }),
  z.strictObject({ sends: z.literal('voice') }),
  z.strictObject({ does: z.enum(['block', 'unblock']) }),
  /** What the guest did last arrives from the platform a second time. */
  z.strictObject({ redelivered: z.literal(true) }),
  /** Time goes by: an ISO 8601 duration, or until a local time. */
  z.strictObject({ moves: z.string() }),
  z.strictObject({ until: localTime }),
]);

/** What is to be seen after it, in this order: the messages with what hangs on them, then what is kept. */
const sight = z.union([
  /**
   * The next message: its whole text, or a part of it where dots stand: "... part ...". Line breaks count as spaces.
   * `at`: when it came.
   */
  z.strictObject({ hears: z.string(), at: localTime.optional() }),
  /** All buttons of the message just heard. */
  z.strictObject({ offers: z.array(z.string()) }),
  /** The file that came with it, and what its text must hold. */
  z.strictObject({ gets: z.string(), holding: z.array(z.string()).optional() }),
  z.strictObject({ hears_nothing: z.literal(true) }),
  /** What is on record about the guest now; only the named fields are compared. Null: nothing is kept. */
  z.strictObject({ keeps: z.record(z.string(), z.unknown()).nullable() }),
  /** The notices that lie at the clinic. */
  z.strictObject({ clinic_sees: z.array(z.record(z.string(), z.unknown())) }),
]);

export const storySchema = z.strictObject({
  title: z.string(),
  /** The first moment, on the wall in `zone`. */
  start: localTime,
  zone: z.string().default('Europe/Oslo'),
  clinic: z.string().default('Demoklinikken'),
  /** When somebody at the clinic reads notices; nobody does where it is left out. */
  reads: z.string().optional(),
  channel: z.enum(['stage', 'web', 'telegram']).default('stage'),
  lines: z.array(z.union([act, sight])),
});

export type Act = z.infer<typeof act>;
export type Sight = z.infer<typeof sight>;
export type Line = Act | Sight;
export type Story = z.infer<typeof storySchema>;

export const isAct = (line: Line): line is Act => act.safeParse(line).success;

/** The moment of a story's local time, and back. */
export const momentOf = (local: string, zone: string): Millis =>
  Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;
export const localOf = (at: Millis, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' })
    .replace('T', ' ');
