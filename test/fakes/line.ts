/**
 * The line between the program and a server, in the hands of a test: it carries every byte until it is told to break, and
 * then loses exactly one request or one answer. It must never look into what it carries.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Line {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #loses: 'request' | 'answer' | null = null;
  /** How often it broke. */
  breaks = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async to(port: number): Promise<Line> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const line = new Line(server, typeof address === 'object' && address ? address.port : 0);
    server.on('connection', (near) => line.#carry(near, connect(port, '127.0.0.1')));
    return line;
  }

  /** The next request never gets there, or the next answer never gets back; then the line is whole again. */
  loses(what: 'request' | 'answer'): void {
    this.#loses = what;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #carry(near: Socket, far: Socket): void {
    const ways = [
      [near, far, 'request'],
      [far, near, 'answer'],
    ] as const;
    for (const [from, to, what] of ways) {
      this.#sockets.add(from);
      from.on('data', (chunk) => {
        if (this.#loses !== what) return void to.write(chunk);
        this.#loses = null;
        this.breaks++;
        near.destroy();
        far.destroy();
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
