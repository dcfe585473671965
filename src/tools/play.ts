/**
 * Plays a dialogue in the terminal, on the real engine with a clock of its own: numbered choices, free text, and a few
 * words to the stage itself. With --save the conversation becomes a story that the tests can run.
 */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { stringify } from 'yaml';
import { readConfig } from '../config.ts';
import { languages } from '../core/words.ts';
import { CannotStart, loadReference } from '../engine/program.ts';
import { type Received, Stage } from './stage.ts';
import { type Line, localOf, type Story } from './story.ts';

const guest = 'guest';
const help =
  'A number or your own words answer. "+PT2H" or "+P1D" moves time on, "+" to the next thing due, "." ends.';

export async function play(
  dialogue: string | undefined,
  options: { lang: string; save?: string },
): Promise<void> {
  const config = readConfig();
  const reference = loadReference(config.clinic.meetingsFile);
  if (!(languages as readonly string[]).includes(options.lang)) {
    throw new CannotStart(`--lang: expected ${languages.join(' or ')}`);
  }
  if (dialogue !== undefined && !reference.dialogues.has(dialogue)) {
    throw new CannotStart(
      `There is no dialogue ${dialogue}. There are: ${[...reference.dialogues.keys()].join(', ')}.`,
    );
  }
  const { zone, name, reads } = config.clinic;
  // Stories know whole minutes.
  const start = Date.now() - (Date.now() % 60_000);
  const stage = await Stage.open({ reference, start, zone, clinic: { name, reads } });
  const lines: Line[] = [];
  let heard = 0;
  const show = (say: (text: string) => void) => {
    for (const one of stage.received(guest).slice(heard)) {
      say(shown(one));
      lines.push({ hears: one.message.text });
      if (one.file) lines.push({ gets: one.file.name });
    }
    heard = stage.received(guest).length;
  };
  const say = (text: string) => process.stdout.write(`${text}\n\n`);

  say(help);
  if (dialogue === undefined) {
    await stage.happens(guest, { kind: 'opened', token: await stage.invitation() });
    lines.push({ opens: 'invited' });
  } else {
    await stage.begin(guest, dialogue, options.lang);
    lines.push({ begins: dialogue, language: options.lang });
  }
  show(say);

  const input = createInterface({ input: process.stdin });
  for await (const typed of input) {
    const text = typed.trim();
    if (text === '.') break;
    if (text === '') continue;
    if (text.startsWith('+')) {
      const to = await momentOf(stage, text.slice(1));
      if (to === null) {
        say(help);
        continue;
      }
      lines.push({
        moves: Temporal.Duration.from({ milliseconds: to - stage.clock.now() })
          .round({ largestUnit: 'hours' })
          .toString(),
      });
      await stage.moveTo(to);
      say(
        `(${Temporal.Instant.fromEpochMilliseconds(to).toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: 'minute' })})`,
      );
    } else {
      lines.push(await answer(stage, text));
    }
    show(say);
  }
  input.close();
  await stage.close();
  if (options.save) {
    const title = `${dialogue ?? 'the way in'}, as played`;
    const told: Story = {
      title,
      start: localOf(start, zone),
      zone,
      clinic: name,
      ...(reads ? { reads } : {}),
      channel: 'stage',
      lines,
    };
    writeFileSync(options.save, stringify(told));
    say(`Saved as ${options.save}`);
  }
}

/** A number taps the button of that number in the last message; anything else is said. */
async function answer(stage: Stage, text: string): Promise<Line> {
  const buttons =
    stage
      .received(guest)
      .at(-1)
      ?.message.buttons.filter((b) => 'data' in b) ?? [];
  const button = /^\d+$/.test(text) ? buttons[Number(text) - 1] : undefined;
  if (!button) {
    await stage.happens(guest, { kind: 'said', text });
    return { says: text };
  }
  const [wait = '', choice = ''] = button.data.split('.');
  await stage.happens(guest, { kind: 'tapped', wait, choice });
  return { taps: button.label };
}

async function momentOf(stage: Stage, text: string): Promise<number | null> {
  const now = stage.clock.now();
  if (text === '') return (await stage.store.nextMoment(now)) ?? null;
  try {
    return now + Temporal.Duration.from(text).total({ unit: 'milliseconds', relativeTo: '2026-01-01' });
  } catch {
    return null;
  }
}

function shown({ message, file }: Received): string {
  let number = 0;
  const buttons = message.buttons.map((b) =>
    'data' in b ? `  [${++number}] ${b.label}` : `  ${b.label}: ${b.url}`,
  );
  return [message.text, ...(file ? [`  (${file.name})`] : []), ...buttons].join('\n');
}
