/**
 * Asks a source in a thread of its own: a whole country's list takes seconds to read, and whoever writes to the chat
 * meanwhile must not wait for it. Like the asking itself it answers and never throws.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadPlaces } from '../places.ts';
import { type Asked, askSource } from './ask.ts';
import type { Manner } from './fetch.ts';

/** Everything that goes along into the thread. `places`: the folder of the gazetteer. */
export type Question = {
  source: Parameters<typeof askSource>[0];
  manner: Omit<Manner, 'signal'>;
  today: string;
  places: string;
};

export function askInThread(question: Question, signal: AbortSignal): Promise<Asked> {
  return new Promise((resolve) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: question });
    const end = (answer: Asked) => {
      signal.removeEventListener('abort', stop);
      resolve(answer);
    };
    const stop = () => {
      void thread.terminate();
      end({ kind: 'failed', why: 'the program was stopped' });
    };
    signal.addEventListener('abort', stop);
    thread.once('message', end);
    thread.once('error', () => end({ kind: 'failed', why: 'the list could not be read' }));
  });
}

if (!isMainThread && parentPort) {
  const { source, manner, today, places } = workerData as Question;
  parentPort.postMessage(await askSource(source, manner, { today, places: loadPlaces(places) }));
}
