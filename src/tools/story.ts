/**
 * A story: a conversation written down as somebody would tell it, which can be run again. Who opens, says, taps and
 * hears what, and how much time goes by. It is the form that plays are saved in and tests are written in.
 */
import { z } from 'zod';

const line = z.union([
  /** Opens the chat: with a fresh invitation, without one, or with a broken one. */
  z.strictObject({ opens: z.enum(['invited', 'invited-young', 'uninvited', 'again', 'expired', 'unknown']) }),
  /** Is enrolled and settled already, and stands at the start of a dialogue. */
  z.strictObject({ begins: z.string(), language: z.string() }),
  z.strictObject({ says: z.string() }),
  z.strictObject({ edits: z.string() }),
  /** The label of a button of any message received so far; the newest that has it. */
  z.strictObject({ taps: z.string() }),
  z.strictObject({ sends: z.literal('voice') }),
  z.strictObject({ does: z.enum(['block', 'unblock']) }),
  /** An ISO 8601 duration. */
  z.strictObject({ moves: z.string() }),
  /** The whole text of the next message, or a part of it between dots: "... part ...". */
  z.strictObject({ hears: z.string() }),
  z.strictObject({ hears_nothing: z.literal(true) }),
  /** What the person's record must hold now; only the named fields are compared. Null: nothing is kept. */
  z.strictObject({ keeps: z.record(z.string(), z.unknown()).nullable() }),
]);

export const storySchema = z.strictObject({
  title: z.string(),
  /** The first moment, an ISO 8601 instant. */
  start: z.string(),
  zone: z.string(),
  /** When somebody at the clinic reads notices. */
  reads: z.string().optional(),
  channel: z.enum(['stage', 'web', 'telegram']).optional(),
  lines: z.array(line),
});

export type Line = z.infer<typeof line>;
export type Story = z.infer<typeof storySchema>;
