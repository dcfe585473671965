/**
 * The words of the program in every language, looked up by key. A key is derived (dialogue, step, place in the step),
 * never invented; phrases that no dialogue owns lie under `phrases`. A missing word throws here, since the check
 * before the start has already proved that there is none.
 */
import { IntlMessageFormat } from 'intl-messageformat';

export const sourceLanguage = 'nb';
export const languages = ['nb', 'nn', 'en'] as const;

/** Gives the value for a placeholder when a message asks for it. */
export type ValueOf = (name: string) => string | number;

/** Locale for plural rules and the like. */
const locales: Record<string, string> = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' };

export class Words {
  readonly #formats = new Map<string, { format: IntlMessageFormat; names: string[] }>();
  readonly #texts: ReadonlyMap<string, ReadonlyMap<string, string>>;

  /** `texts`: language -> key -> ICU message. */
  constructor(texts: ReadonlyMap<string, ReadonlyMap<string, string>>) {
    this.#texts = texts;
  }

  has(language: string, key: string): boolean {
    return this.#texts.get(language)?.has(key) ?? false;
  }

  keys(language: string): string[] {
    return [...(this.#texts.get(language)?.keys() ?? [])];
  }

  /** Everything a dialogue says in a language, one utterance a line, for measures. */
  spoken(language: string, dialogue: string): string {
    const said = this.keys(language).filter((key) => key.startsWith(`${dialogue}.`) && key.includes('.say.'));
    return said.map((key) => this.raw(language, key)).join('\n');
  }

  /** The raw ICU message, for checks. */
  raw(language: string, key: string): string | undefined {
    return this.#texts.get(language)?.get(key);
  }

  /** The words for `key` in `language`; an unknown language falls back to the source language. */
  say(language: string, key: string, valueFor?: ValueOf): string {
    const known = this.#texts.has(language) ? language : sourceLanguage;
    const id = `${known}:${key}`;
    let ready = this.#formats.get(id);
    if (!ready) {
      const message = this.#texts.get(known)?.get(key);
      if (message === undefined) throw new Error(`no words for ${key} in ${known}`);
      ready = { format: compile(message, known), names: placeholders(message, known) };
      this.#formats.set(id, ready);
    }
    const values: Record<string, string | number> = {};
    for (const name of ready.names) {
      if (!valueFor) throw new Error(`${key} needs a value for ${name}`);
      values[name] = valueFor(name);
    }
    return String(ready.format.format(values));
  }
}

/** An ICU message made ready; throws a SyntaxError on a broken one. */
export function compile(message: string, language: string): IntlMessageFormat {
  return new IntlMessageFormat(message, locales[language] ?? language, undefined, { ignoreTag: true });
}

/** The names that a message asks values for, also inside its plural and select branches; sorted. */
export function placeholders(message: string, language: string): string[] {
  const names = new Set<string>();
  const visit = (elements: readonly object[]) => {
    for (const element of elements) {
      if (!('value' in element) || !('type' in element)) continue;
      if (element.type !== 0 && typeof element.value === 'string') names.add(element.value);
      if ('options' in element) {
        for (const option of Object.values(element.options as Record<string, { value: object[] }>)) {
          visit(option.value);
        }
      }
    }
  };
  visit(compile(message, language).getAst());
  return [...names].sort();
}

export const sayKey = (dialogue: string, step: string, place: number): string =>
  `${dialogue}.${step}.say.${place}`;
export const choiceKey = (dialogue: string, step: string, choice: string): string =>
  `${dialogue}.${step}.choices.${choice}`;
export const linkKey = (dialogue: string, step: string, link: string): string =>
  `${dialogue}.${step}.links.${link}`;
export const evidenceKey = (id: string): string => `evidence.${id}`;
