/** What the bench asks of a server: each peer gives it in a file `<name>-server.ts`, which only the server's process loads. */
export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number
  /** A folder of this run's own, for a peer that keeps something on disk. */
  readonly folder: string
}

export interface Served {
  readonly port: number
  /** What only this peer can tell about itself since the last time it was asked. */
  measures?(): Record<string, number>
  close(): Promise<void>
}

export type Serve = (options: ServeOptions) => Promise<Served>

/** How others see a client. */
export type Name = string | number

export interface ConnectOptions {
  readonly port: number
  readonly room: string
  /** Tells this client from all others of the run; the same index is the same client come back. */
  readonly index: number
  /** `false`: it only puts, or only is there; nothing of the room is sent to it. */
  readonly listens: boolean
  /** Every frame that comes in, before anything else is done with it. */
  readonly onFrame: (frame: Buffer) => void
  readonly onClose?: (() => void) | undefined
}

/** A client that knows its peer's frames and decodes none that it need not. */
export interface LightClient {
  readonly name: Name
  /** Puts a cursor; `note` makes it heavier where the peer can carry one. */
  put(x: number, y: number, note?: string): void
  /** Stops to read, as a program does that hangs. */
  freeze(): void
  /** Within which time to come back when the server goes, as far as it has said. */
  readonly windowMs?: number
  /** Goes for good. */
  close(): void
}

/** Reads a frame and tells whose cursor is where. A probe has one of its own, since names may be told only once. */
export type Decode = (frame: Buffer, see: (name: Name, x: number) => void) => void

/** The client's side of a peer, in a file `<name>-client.ts`. */
export interface Peer {
  connect(options: ConnectOptions): Promise<LightClient>
  createDecoder(): Decode
}
