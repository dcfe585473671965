/**
 * The shape of a dialogue file: what an author may write, and nothing else. A step says something and then does
 * exactly one thing: waits, acts, branches, goes on or ends. There is no expression language; conditions, actions,
 * lists and readers are names that `vocabulary.ts` knows.
 */
import { z } from 'zod';

const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,23}$/, 'must be lower-case letters, digits and hyphens, at most 24');
/** A step of this dialogue, or `dialogue/step`, or `dialogue/` for its start. */
const target = z
  .string()
  .regex(/^([a-z][a-z0-9-]*\/)?([a-z][a-z0-9-]*)?$/, 'must be step, dialogue/step or dialogue/');
const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be a name');
const text = z.string().trim().min(1, 'must not be empty');

/** MITI 4.2.1 behaviour codes; `none` for greetings and structure. The last two are there to be found, not used. */
export const miCodes = [
  'none',
  'question',
  'simple-reflection',
  'complex-reflection',
  'affirm',
  'seek',
  'autonomy',
  'information',
  'persuade-with-permission',
  'persuade',
  'confront',
] as const;

const utterance = z.strictObject({ mi: z.enum(miCodes), if: name.optional(), text });
const choice = z.strictObject({ text, to: target, if: name.optional() });

const step = z.strictObject({
  say: z.array(utterance).min(1).optional(),
  /** Ids of the evidence that the words lean on. */
  evidence: z.array(id).optional(),
  /** Ids of the words of the groups that are explained here. */
  explains: z.array(id).optional(),
  choices: z.record(id, choice).optional(),
  /** A named list offered as buttons; the picked one goes on to `picked`. */
  options: name.optional(),
  picked: target.optional(),
  /** A named reader of free text, with where each of its outcomes leads. */
  reads: name.optional(),
  /** Any free text is listened to (never kept) and leads here. */
  hears: target.optional(),
  /** Where silence leads, and after how long. */
  silence: z.strictObject({ after: z.iso.duration(), to: target }).optional(),
  /** Buttons that open an address: named link, words on the button. */
  links: z.record(name, text).optional(),
  do: name.optional(),
  /** Where the outcomes of `do` and `reads` lead. */
  on: z.record(name, target).optional(),
  when: z
    .array(z.strictObject({ if: name.optional(), to: target }))
    .min(2)
    .optional(),
  to: target.optional(),
  end: z.literal(true).optional(),
});

export const dialogueSchema = z.strictObject({
  id,
  /** A talk explores an obstacle; a flow gets something done; a card only informs. */
  kind: z.enum(['talk', 'flow', 'card']),
  start: id,
  steps: z.record(id, step),
});

export type Step = z.infer<typeof step>;
export type Dialogue = z.infer<typeof dialogueSchema>;
export type Dialogues = ReadonlyMap<string, Dialogue>;

/** Does this step stop and wait for the person? */
export const waits = (step: Step): boolean =>
  Boolean(step.choices || step.options || step.reads || step.hears || step.silence);

/** `target` as seen from `dialogue`: which dialogue and step it means. */
export function resolve(dialogues: Dialogues, from: string, to: string): { dialogue: string; step: string } {
  const slash = to.indexOf('/');
  if (slash < 0) return { dialogue: from, step: to };
  const dialogue = to.slice(0, slash);
  return { dialogue, step: to.slice(slash + 1) || (dialogues.get(dialogue)?.start ?? '') };
}

/** Every place a step can lead to, with the path of the words that say so. */
export function exits(step: Step): { to: string; path: (string | number)[] }[] {
  return [
    ...Object.entries(step.choices ?? {}).map(([key, c]) => ({ to: c.to, path: ['choices', key, 'to'] })),
    ...(step.picked ? [{ to: step.picked, path: ['picked'] }] : []),
    ...(step.hears ? [{ to: step.hears, path: ['hears'] }] : []),
    ...(step.silence ? [{ to: step.silence.to, path: ['silence', 'to'] }] : []),
    ...Object.entries(step.on ?? {}).map(([key, to]) => ({ to, path: ['on', key] })),
    ...(step.when ?? []).map((branch, i) => ({ to: branch.to, path: ['when', i, 'to'] })),
    ...(step.to ? [{ to: step.to, path: ['to'] }] : []),
  ];
}
