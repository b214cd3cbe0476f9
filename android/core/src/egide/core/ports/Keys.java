package egide.core.ports;

/** A secret of the phone's hardware that never leaves it. Usable before anybody unlocked the phone. */
public interface Keys {
  /** Seals bytes so that only this phone opens them; `label` is bound to them. */
  byte[] seal(byte[] plain, String label);

  /** What was sealed. Throws IllegalStateException where it is damaged, or sealed by another phone or under another label. */
  byte[] open(byte[] sealed, String label);

  /**
   * The public key (32 bytes, Ed25519) that signs in hardware, made when it is first asked for; null where the phone cannot,
   * and the core keeps a key of its own, sealed. Asked at enrolment alone: the core remembers which of the two it enrolled.
   */
  byte[] signingKey();

  /** Signs in hardware. Only where there is a {@link #signingKey}. */
  byte[] sign(byte[] message);
}
