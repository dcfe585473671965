/** The one error by which a start is refused in plain words. It must never quote a secret. */

/** Something about the surroundings forbids to start; the message says what to do. */
export class CannotStart extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CannotStart';
  }
}
