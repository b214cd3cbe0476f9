/**
 * Silent listening in, for those who chose it: sound in short numbered pieces, each a signed message of its own, so that a
 * gap in the network is no gap in the record.
 */
import { type Bytes } from "../core/bytes";
import { encode } from "../core/cbor";
import { Kind } from "../core/envelope";
import type { Engine } from "./engine";

const PIECE_MS = 1000;
const TYPE = "audio/webm;codecs=opus";

export class Listening {
  private recorder: MediaRecorder | null = null;
  private isStarting = false;
  private isWanted = false;

  constructor(private readonly engine: Engine) {}

  /** Begins a recording when it is allowed; a refusal is no error, and nobody is asked in an alarm. */
  async start(): Promise<void> {
    this.isWanted = true;
    // A recorder may have been ended by the platform: a microphone that was pulled out, or taken back and given again.
    if (this.isStarting || this.recorder?.state === "recording" || !self.MediaRecorder?.isTypeSupported(TYPE)) return;
    this.end();
    this.isStarting = true;
    try {
      await this.record();
    } catch (error) {
      // A microphone that somebody else holds, or that was pulled out, must not disturb the alarm.
      if (!(error instanceof DOMException)) throw error;
    } finally {
      this.isStarting = false;
    }
  }

  /** Each recording has a head of its own, so its pieces are numbered from 0 and kept in their order. */
  private async record(): Promise<void> {
    const permission = await navigator.permissions.query({ name: "microphone" as PermissionName }).catch(() => null);
    if (permission?.state !== "granted") return;
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    try {
      if (this.isWanted) this.recorder = this.recording(stream);
    } finally {
      // Left open it would be seen, and nobody would hear.
      if (this.recorder === null) close(stream);
    }
  }

  private recording(stream: MediaStream): MediaRecorder {
    const recorder = new MediaRecorder(stream, { mimeType: TYPE, audioBitsPerSecond: 24_000 });
    let kept: Promise<void> = Promise.resolve();
    let number = 0;
    recorder.ondataavailable = ({ data }) => {
      if (data.size === 0) return;
      const own = number++;
      kept = kept.then(() => this.keep(own, data));
    };
    recorder.start(PIECE_MS);
    return recorder;
  }

  stop(): void {
    this.isWanted = false;
    this.end();
  }

  private end(): void {
    if (this.recorder === null) return;
    this.recorder.ondataavailable = null;
    if (this.recorder.state === "recording") this.recorder.stop();
    close(this.recorder.stream);
    this.recorder = null;
  }

  /** Body of a piece: its number from 0, and the bytes as the recorder gave them. One that found no room is missed by its number. */
  private async keep(number: number, piece: Blob): Promise<void> {
    const bytes: Bytes = new Uint8Array(await piece.arrayBuffer());
    await this.engine.say(Kind.AUDIO, encode([number, bytes]));
  }
}

function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
