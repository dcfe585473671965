/**
 * Opens the program's parts: the reference data, the store with its stamp and keys, the engine. Every entrance (the
 * server, the command line, a simulation) starts here, so that none of them can skip a check.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { type Clinic, house } from '../core/records.ts';
import type { Reference } from '../core/turn.ts';
import type { Log } from '../log.ts';
import { loadDialogues } from '../sources/dialogues.ts';
import { loadHelpLines } from '../sources/help-lines.ts';
import { loadMeetings } from '../sources/meetings.ts';
import { loadPlaces } from '../sources/places.ts';
import { loadCommands } from '../sources/speech.ts';
import { loadHearing, loadIntents } from '../sources/understanding.ts';
import { SqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { Vault } from '../store/vault.ts';
import { SystemClock } from './clock.ts';
import { type Crash, crashAt, neverCrash } from './crash.ts';
import { Engine } from './engine.ts';

/** Where dialogues and content lie. */
export const root = resolve(import.meta.dirname, '../..');
/** A clinic lies in one of these for ever. */
export const partitions = 16;
/** The one clinic this configuration describes. */
export const ownClinic = 'clinic';

export const notes = {
  mode: 'mode',
  partitions: 'partitions',
  offset: 'clock-offset',
  web: 'web-address',
  bot: 'bot-name',
  polled: 'telegram-polled',
};

/** Something about the surroundings forbids to start; the message says what to do. */
export class CannotStart extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CannotStart';
  }
}

/** Everything that is read from files. @throws FileFaults and the like, with every fault */
export function loadReference(meetingsFile: string): Reference {
  const content = join(root, 'content');
  const commands = loadCommands(content);
  const gazetteer = loadPlaces(join(content, 'places'));
  return {
    ...loadDialogues(join(root, 'dialogs'), content),
    commands,
    freeText: { ...loadHearing(content), intents: loadIntents(content, commands, gazetteer) },
    meetings: loadMeetings(resolve(root, meetingsFile)),
    gazetteer,
    helpLines: loadHelpLines(join(content, 'help-lines.yaml')),
  };
}

export type Program = {
  vault: Vault;
  store: Store;
  engine: Engine;
  clock: SystemClock;
  reference: Reference;
  crash: Crash;
};

/** Opens the store of this configuration and everything on top of it. */
export async function openProgram(config: Config, log: Log): Promise<Program> {
  const reference = loadReference(config.clinic.meetingsFile);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const store = new SqliteStore(join(config.dataDir, 'bli-med.sqlite'));
  await stamp(store, config.mode);
  const vault = await Vault.open(store, masterKey(config));
  const clock = new SystemClock(Number((await store.note(notes.offset)) ?? 0));
  const crash = config.crashAt ? crashAt(config.crashAt.point, config.crashAt.n) : neverCrash;
  const engine = new Engine({ vault, reference, clock, log, crash, partitions });
  await setUpClinics(engine, config.clinic);
  return { vault, store, engine, clock, reference, crash };
}

export async function setUpClinics(
  engine: Engine,
  own: Pick<Clinic, 'name' | 'reads' | 'zone'>,
): Promise<void> {
  await engine.setUpClinic({ v: 1, id: house, name: own.name, reads: null, zone: own.zone });
  await engine.setUpClinic({ v: 1, id: ownClinic, name: own.name, reads: own.reads, zone: own.zone });
}

/** A store belongs to the demo or to production, and to one number of partitions, from its first day on. */
async function stamp(store: Store, mode: Config['mode']): Promise<void> {
  const [oldMode, oldPartitions] = [await store.note(notes.mode), await store.note(notes.partitions)];
  if (oldMode !== null && oldMode !== mode) {
    throw new CannotStart(
      `The store was made for ${oldMode} and can not be opened for ${mode}. ` +
        (mode === 'demo' ? 'Set MASTER_KEY to the key it was made with' : 'Set DATA_DIR to a new folder') +
        ', or choose another DATA_DIR.',
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

/** The demo makes a key of its own beside the store: whoever can read the one can read the other. */
function masterKey(config: Config): Uint8Array {
  if (config.masterKey) return config.masterKey.reveal();
  const file = join(config.dataDir, 'demo.key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600 });
  return readFileSync(file);
}
