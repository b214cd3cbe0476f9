/**
 * Silent listening in, for who chose it: sound in short numbered pieces, each a signed message of its own, so that a
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
  private number = 0;
  private isStarting = false;

  constructor(private readonly engine: Engine) {}

  /**
   * Begins when it is allowed; a refusal is no error, and nobody is asked in an alarm.
   *
   * `alarmMs`: how old the alarm is. There is one piece a second, so that pieces after a reload follow the earlier ones.
   */
  async start(alarmMs: number): Promise<void> {
    if (this.isStarting || this.recorder !== null || !self.MediaRecorder?.isTypeSupported(TYPE)) return;
    this.isStarting = true;
    try {
      await this.record(Math.ceil(Math.max(0, alarmMs) / PIECE_MS));
    } catch (error) {
      // A microphone that somebody else holds, or that was pulled out, must not disturb the alarm.
      if (!(error instanceof DOMException)) throw error;
    } finally {
      this.isStarting = false;
    }
  }

  private async record(number: number): Promise<void> {
    const permission = await navigator.permissions.query({ name: "microphone" as PermissionName }).catch(() => null);
    if (permission?.state !== "granted") return;
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    this.recorder = new MediaRecorder(stream, { mimeType: TYPE, audioBitsPerSecond: 24_000 });
    this.number = number;
    this.recorder.ondataavailable = (event) => void this.keep(event.data);
    this.recorder.start(PIECE_MS);
  }

  stop(): void {
    this.recorder?.stop();
    for (const track of this.recorder?.stream.getTracks() ?? []) track.stop();
    this.recorder = null;
  }

  /** Body of a piece: its number from 0, and the bytes as the recorder gave them. */
  private async keep(piece: Blob): Promise<void> {
    if (piece.size === 0) return;
    const number = this.number++;
    const bytes: Bytes = new Uint8Array(await piece.arrayBuffer());
    await this.engine.say(Kind.AUDIO, encode([number, bytes]));
  }
}
