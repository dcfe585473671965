/**
 * Shows the lists of meetings that were taken in: how old each is, what went wrong, what is held back. Here a person
 * says whether a held edition counts, or takes a list away.
 */
import { readConfig } from '../config.ts';
import { freshness } from '../core/listing.ts';
import { CannotStart, openProgram, type Program } from '../engine/program.ts';
import { silentLog } from '../log.ts';

export type ListsWish = { accept?: string; discard?: string; remove?: string; drop?: string; json?: boolean };

export async function showLists(wish: ListsWish): Promise<void> {
  const program = await openProgram(readConfig(), silentLog);
  try {
    const done = await change(program, wish);
    if (done) process.stdout.write(`${done}\n`);
    else await print(program, wish.json === true);
  } finally {
    await program.store.close();
  }
}

async function change({ lists }: Program, wish: ListsWish): Promise<string | null> {
  const held = wish.accept ?? wish.discard;
  if (held !== undefined) {
    const taken = await lists.answer(held, wish.accept !== undefined);
    if (!taken) throw new CannotStart(`lists: nothing is held back of ${held}`);
    return taken.verdict === 'taken' ? 'It counts now.' : 'It is thrown away; the old list stands.';
  }
  if (wish.drop !== undefined) {
    if (!(await lists.drop(wish.drop))) throw new CannotStart(`lists: no list has a meeting ${wish.drop}`);
    return 'It is off its list, and whoever planned it is told.';
  }
  if (wish.remove === undefined) return null;
  if (!(await lists.remove(wish.remove))) throw new CannotStart(`lists: there is no list ${wish.remove}`);
  return 'The list and its meetings are gone.';
}

async function print({ lists, clock }: Program, json: boolean): Promise<void> {
  const shown = (await lists.all()).map((listing) => {
    const { source, meetings, current, next, trouble, held } = listing;
    const when = (at: number | null) => at && Temporal.Instant.fromEpochMilliseconds(at).toString();
    const state = freshness(listing, clock.now());
    return { ...source, meetings, state, current: when(current), next: when(next), trouble, held };
  });
  if (json) {
    process.stdout.write(`${JSON.stringify(shown)}\n`);
    return;
  }
  const lines = shown.map(
    ({ id, fellowship, meetings, state, current, trouble, held }) =>
      `${id}  ${fellowship}  ${meetings} meetings  ${state} (${current})` +
      (trouble ? `\n  last try failed: ${trouble}` : '') +
      (held
        ? `\n  HELD BACK: an edition of ${held.meetings} meetings in which ${held.gone} are gone; --accept ${id} or --discard ${id}`
        : ''),
  );
  process.stdout.write(`${lines.length > 0 ? lines.join('\n') : 'No list has been taken in.'}\n`);
}
