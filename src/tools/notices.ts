/**
 * Prints what the clinic should see: what patients asked to have passed on, with the alias the clinic itself gave and
 * nothing they did not agree to, and what is the matter with the lists of meetings and reported ones.
 */
import { readConfig } from '../config.ts';
import { onHold } from '../core/knowledge.ts';
import { freshness } from '../core/listing.ts';
import type { Notice } from '../core/records.ts';
import { openProgram, ownClinic, type Program } from '../engine/program.ts';
import { silentLog } from '../log.ts';

export async function notices(options: { json?: boolean }): Promise<void> {
  const program = await openProgram(readConfig(), silentLog);
  const { vault, store, engine } = program;
  const kept = await vault.all(engine.directory.partitionOf(ownClinic), ownClinic);
  const found = kept
    .flatMap(({ key, value }) => (key.kind === 'notice' ? [value as Notice] : []))
    .sort((a, b) => a.at - b.at)
    .map(({ at, alias, what }) => ({
      at: Temporal.Instant.fromEpochMilliseconds(at).toString(),
      alias,
      what,
    }));
  const lines = [
    ...found.map(({ at, alias, what }) => `${at}  ${alias ?? '(no alias)'}  ${what}`),
    ...(await doubts(program)),
  ];
  await store.close();
  if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else process.stdout.write(`${lines.length > 0 ? lines.join('\n') : 'No notices.'}\n`);
}

/** What sends people to closed doors if nobody looks at it. */
async function doubts({ lists, clock }: Program): Promise<string[]> {
  const now = clock.now();
  const old = (await lists.all()).flatMap((listing) => {
    const state = freshness(listing, now);
    const { source, held } = listing;
    return [
      ...(state === 'expired'
        ? [`list ${source.id}: too old, nothing of it is suggested (blimed lists)`]
        : []),
      ...(held ? [`list ${source.id}: a new edition is held back (blimed lists)`] : []),
    ];
  });
  const held = (await lists.known()).filter(onHold);
  return [
    ...old,
    ...held.map(({ meeting }) => `meeting ${meeting}: on hold, reported by several (blimed know)`),
  ];
}
