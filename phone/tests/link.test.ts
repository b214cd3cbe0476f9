/** Link flags: the numbers of contracts/envelope.cddl, as the shared vectors carry them. */
import { expect, test } from "vitest";
import vectors from "../../contracts/vectors.json";
import { LinkFlag, type Standing, linkFlags } from "../src/core/link";

const WELL: Standing = { isPaired: true, isConnected: true, hasPosition: true, isPositionRefused: false, isMicrophoneRefused: false };

test("each flag says one thing", () => {
  expect(linkFlags(WELL)).toBe(LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED);
  expect(linkFlags({ ...WELL, isConnected: false })).toBe(LinkFlag.BUTTON_PAIRED);
  expect(linkFlags({ ...WELL, isPaired: false, isConnected: false, hasPosition: false })).toBe(LinkFlag.NO_FIX);
  expect(linkFlags({ ...WELL, hasPosition: false, isPositionRefused: true }) & ~3).toBe(LinkFlag.POSITION_REFUSED);
  expect(linkFlags({ ...WELL, isPositionRefused: true })).toBe(3);
});

test("a refused microphone is said as the server's vectors say it", () => {
  const told = vectors.valid.find(({ name }) => name === "heartbeat: microphone refused")!.message.link;
  expect(linkFlags({ ...WELL, isConnected: false, isMicrophoneRefused: true })).toBe(told);
});
