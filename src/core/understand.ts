/**
 * Understands one text: danger first, then the obstacle it sounds like, then simple intents. It exists so that written words are
 * worth as much as taps. It is pure, keeps nothing, and says null rather than something it does not know.
 */
import type { Danger } from './danger.ts';
import type { Intent, IntentReader } from './intents.ts';
import type { Heard, Obstacle } from './obstacles.ts';

export type Understood = {
  danger: Danger | null;
  /** The likeliest; null where none of them is likelier than they are. */
  obstacle: Obstacle | null;
  /** Whether the obstacle stands out clearly enough to be named; else the guesses are to be asked about. */
  sure: boolean;
  /** The likeliest obstacles, at most three, the likeliest first. */
  guesses: readonly Obstacle[];
  intents: readonly Intent[];
};

export type FreeText = {
  danger: { look: (text: string) => Danger | null };
  obstacle: (text: string) => Heard;
  intents: IntentReader;
  /** Learns what it needs to understand, which takes some seconds unless it was kept from before. @throws FileFaults */
  learnAhead: () => void;
};

/** Up to so many letters an answer such as "ja, klokka sju" is only an answer. */
const shortAnswer = 25;
const nothing: Heard = { obstacle: null, sure: false, guesses: [] };

/** `language`: that of the chat, 'nb', 'nn' or 'en'. People mix languages, so all of them are listened for all the same. */
export function understand(text: string, language: string, freeText: FreeText): Understood {
  const danger = freeText.danger.look(text);
  const intents = freeText.intents(text, language);
  // What is only "yes" or "tomorrow" is an answer, and where a life is in danger nothing else counts.
  const answered = intents.length > 0 && text.length <= shortAnswer && !/[,.!?]\s*\S/.test(text);
  const threatened = danger?.urgency === 'imminent';
  const wordless = !/\p{L}/u.test(text);
  return { danger, intents, ...(answered || threatened || wordless ? nothing : freeText.obstacle(text)) };
}
