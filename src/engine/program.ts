/**
 * Opens the program's parts: the reference data, the store with its stamp and keys, the engine. Every entrance (the
 * server, the command line, a simulation) starts here, so that none of them can skip a check.
 */
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { MeetingIndex } from '../core/meeting-index.ts';
import { type Clinic, house } from '../core/records.ts';
import type { Reference } from '../core/turn.ts';
import type { Log } from '../log.ts';
import { loadDialogues } from '../sources/dialogues.ts';
import { loadHelpLines } from '../sources/help-lines.ts';
import { loadMeetings } from '../sources/meetings.ts';
import { loadPlaces } from '../sources/places.ts';
import { loadCommands } from '../sources/speech.ts';
import { loadHearing, loadIntents } from '../sources/understanding.ts';
import type { Store } from '../store/store.ts';
import { Vault } from '../store/vault.ts';
import { CannotStart } from './cannot-start.ts';
import { SystemClock } from './clock.ts';
import { type Crash, crashAt, neverCrash } from './crash.ts';
import { Engine } from './engine.ts';
import { Erasures } from './erasures.ts';
import { Lists } from './lists.ts';
import { masterKeyOf } from './master-key.ts';
import { openStore } from './open-store.ts';

export { CannotStart };

/** Where dialogues and content lie. */
export const root = resolve(import.meta.dirname, '../..');
export const placesFolder = join(root, 'content/places');
/** Where what was learnt is kept for all that runs from this folder. */
const learntFolder = join(root, 'node_modules/.cache/bli-med');
/** A clinic lies in one of these for ever. */
export const partitions = 16;
/** Beside the store, and to be kept apart from its backups. */
export const erasuresFile = 'erased.log';
/** The one clinic this configuration describes. */
export const ownClinic = 'clinic';

export const notes = {
  mode: 'mode',
  partitions: 'partitions',
  offset: 'clock-offset',
  web: 'web-address',
  bot: 'bot-name',
  polled: 'telegram-polled',
  /** Set while a store is being filled by a move, and in the one that was left. */
  move: 'move',
};

/**
 * Everything that is read from files. `dataDir`: where what was learnt may be kept if not beside the program.
 * @throws FileFaults and the like, with every fault
 */
export function loadReference(meetingsFile: string | null, dataDir: string | null = null): Reference {
  const content = join(root, 'content');
  const commands = loadCommands(content);
  const gazetteer = loadPlaces(placesFolder);
  const shelves = [learntFolder, ...(dataDir === null ? [] : [dataDir])];
  return {
    ...loadDialogues(join(root, 'dialogs'), content),
    commands,
    freeText: { ...loadHearing(content, shelves), intents: loadIntents(content, commands, gazetteer) },
    meetings: new MeetingIndex(meetingsFile === null ? [] : loadMeetings(resolve(root, meetingsFile))),
    gazetteer,
    helpLines: loadHelpLines(join(content, 'help-lines.yaml')),
  };
}

export type Program = {
  vault: Vault;
  store: Store;
  engine: Engine;
  lists: Lists;
  clock: SystemClock;
  reference: Reference;
  crash: Crash;
};

/** Opens the store of this configuration and everything on top of it. */
export async function openProgram(config: Config, log: Log): Promise<Program> {
  const reference = loadReference(config.clinic.meetingsFile, config.dataDir);
  const store = await openStore(config, partitions, log);
  await stamp(store, config);
  const vault = await Vault.open(store, masterKeyOf(config));
  const clock = new SystemClock(Number((await store.note(notes.offset)) ?? 0));
  const crash = config.crashAt ? crashAt(config.crashAt.point, config.crashAt.n) : neverCrash;
  const erasures = new Erasures(join(config.dataDir, erasuresFile));
  const engine = new Engine({ vault, reference, clock, log, crash, partitions, erasures });
  await setUpClinics(engine, config.clinic);
  const lists = new Lists({ vault, directory: engine.directory, clinic: ownClinic, clock, reference });
  await lists.show();
  return { vault, store, engine, lists, clock, reference, crash };
}

export async function setUpClinics(
  engine: Engine,
  own: Pick<Clinic, 'name' | 'reads' | 'zone' | 'keepsDays'>,
): Promise<void> {
  const { name, reads, zone, keepsDays = null } = own;
  await engine.setUpClinic({ v: 1, id: house, name, reads: null, zone, keepsDays });
  await engine.setUpClinic({ v: 1, id: ownClinic, name, reads, zone, keepsDays });
}

/** A store belongs to the demo or to production, and to one number of partitions, from its first day on. */
async function stamp(store: Store, { mode, redis }: Config): Promise<void> {
  const place = redis ? 'REDIS_URL' : 'DATA_DIR';
  const moved = await store.note(notes.move);
  if (moved) {
    throw new CannotStart(
      moved === 'left'
        ? `This store was moved to another one, which goes on: correct ${place}.`
        : 'A move to this store was broken off: empty it, and move again.',
    );
  }
  const [oldMode, oldPartitions] = [await store.note(notes.mode), await store.note(notes.partitions)];
  if (oldMode !== null && oldMode !== mode) {
    throw new CannotStart(
      `The store was made for ${oldMode} and can not be opened for ${mode}. ` +
        (mode === 'demo' ? 'Set MASTER_KEY to the key it was made with, or choose' : 'Choose') +
        ` another ${place}.`,
    );
  }
  if (oldPartitions !== null && oldPartitions !== String(partitions)) {
    throw new CannotStart(
      `The store has ${oldPartitions} partitions and this program ${partitions}: use the version that made it.`,
    );
  }
  await store.setNote(notes.mode, mode);
  await store.setNote(notes.partitions, String(partitions));
}
