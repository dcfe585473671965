/**
 * The dialogues read as data, apart from the interpreter: where an answer can lead, whether a question takes written
 * words, and which steps have been visited. A simulation judges the program by it, so it must never call the program.
 */
import { type Dialogue, type Dialogues, exits, resolve, type Step, waits } from '../core/dialog/schema.ts';
import type { Frame } from '../core/records.ts';
import type { Millis } from '../core/time.ts';

type Place = { dialogue: string; step: string };

/** Can this answer at this question end the plan it speaks of? `choice` is null for written words, which may mean any. */
export function endsPlan(dialogues: Dialogues, frame: Frame, choice: string | null): boolean {
  const step = dialogues.get(frame.dialogue)?.steps[frame.step];
  if (!step || frame.veiled) return false;
  const option = choice !== null && /^o\d+$/.test(choice) ? step.picked : undefined;
  const chosen = choice === null ? exits(step).map(({ to }) => to) : [option ?? step.choices?.[choice]?.to];
  return chosen.some(
    (to) =>
      to !== undefined &&
      leadsTo(dialogues, resolve(dialogues, frame.dialogue, to), ['drop-plan', 'went', 'missed']),
  );
}

/** Is one of these actions done between here and the next question? */
function leadsTo(dialogues: Dialogues, place: Place, actions: string[], seen = new Set<string>()): boolean {
  const step = dialogues.get(place.dialogue)?.steps[place.step];
  const name = `${place.dialogue}/${place.step}`;
  if (!step || waits(step) || seen.has(name)) return false;
  seen.add(name);
  if (step.do && actions.includes(step.do)) return true;
  return exits(step).some(({ to }) =>
    leadsTo(dialogues, resolve(dialogues, place.dialogue, to), actions, seen),
  );
}

/** Does this question take written words? */
export function listens(dialogues: Dialogues, { dialogue, step, veiled }: Frame): boolean {
  const asked = dialogues.get(dialogue)?.steps[step];
  return !veiled && Boolean(asked?.reads ?? asked?.hears);
}

/** Does this question offer the choice for as long as it is open? */
export function isFirm(dialogues: Dialogues, { dialogue, step }: Frame, choice: string): boolean {
  const offered = dialogues.get(dialogue)?.steps[step]?.choices?.[choice];
  return offered !== undefined && !offered.if;
}

/** How long this question waits before silence leads on (ms), and whether into a crisis; null when it waits for ever. */
export function patience(
  dialogues: Dialogues,
  { dialogue, step }: Frame,
): { lasts: Millis; grave: boolean } | null {
  const silence = dialogues.get(dialogue)?.steps[step]?.silence;
  if (!silence) return null;
  const grave = leadsTo(dialogues, resolve(dialogues, dialogue, silence.to), ['crisis-begins']);
  return { lasts: Temporal.Duration.from(silence.after).total('milliseconds'), grave };
}

/** The same dialogues, with `visited` told of every `dialogue/step` that somebody looks at. */
export function watched(dialogues: Dialogues, visited: Set<string>): Dialogues {
  const watch = (dialogue: Dialogue): Dialogue => ({
    ...dialogue,
    steps: new Proxy(dialogue.steps, {
      get(steps, step): Step | undefined {
        visited.add(`${dialogue.id}/${String(step)}`);
        return steps[String(step)];
      },
    }),
  });
  return new Map([...dialogues].map(([id, dialogue]) => [id, watch(dialogue)]));
}

export type Visited = {
  steps: number;
  of: number;
  share: number;
  /** Dialogue -> visited steps / all steps. */
  dialogues: Record<string, string>;
  /** `dialogue/step` of what nobody came to. */
  unseen: string[];
};

export function coverage(dialogues: Dialogues, visited: ReadonlySet<string>): Visited {
  const all = [...dialogues.values()].map(({ id, steps }) => ({
    id,
    places: Object.keys(steps).map((step) => `${id}/${step}`),
  }));
  const places = all.flatMap((one) => one.places);
  const seen = (of: string[]) => of.filter((place) => visited.has(place)).length;
  return {
    steps: seen(places),
    of: places.length,
    share: Math.round((1000 * seen(places)) / places.length) / 1000,
    dialogues: Object.fromEntries(all.map((one) => [one.id, `${seen(one.places)}/${one.places.length}`])),
    unseen: places.filter((place) => !visited.has(place)),
  };
}
