/** What a phone says of its button and of itself: flags in field 6 of the envelope (contracts/envelope.cddl). */
export const LinkFlag = {
  BUTTON_PAIRED: 1,
  BUTTON_CONNECTED: 2,
  POSITION_REFUSED: 4,
  NO_FIX: 8,
  MICROPHONE_REFUSED: 16,
} as const;

/** How things stand when a message is made. */
export interface Standing {
  readonly isPaired: boolean;
  readonly isConnected: boolean;
  readonly hasPosition: boolean;
  readonly isPositionRefused: boolean;
  /** Listening in was chosen, and cannot be. */
  readonly isMicrophoneRefused: boolean;
}

/** The flags for `now`. */
export function linkFlags(now: Standing): number {
  const position = now.isPositionRefused ? LinkFlag.POSITION_REFUSED : LinkFlag.NO_FIX;
  return (
    (now.isPaired ? LinkFlag.BUTTON_PAIRED : 0) |
    (now.isConnected ? LinkFlag.BUTTON_CONNECTED : 0) |
    (now.hasPosition ? 0 : position) |
    (now.isMicrophoneRefused ? LinkFlag.MICROPHONE_REFUSED : 0)
  );
}
