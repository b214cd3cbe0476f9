package org.bouncycastle.crypto;

/**
 * In the place of Bouncy Castle's class of this name, which each of its digests and ciphers asks whether a program forbids it.
 * This one forbids nothing, and neither does theirs where nobody has told it to; but theirs reads parameters of DSA and opens a
 * log before it says so, which was a fifth of the core's start, and brings 235 classes along. tools/android_core.py asks that
 * nothing else of it is called.
 */
public final class CryptoServicesRegistrar {
  private CryptoServicesRegistrar() {}

  public static void checkConstraints(CryptoServiceProperties properties) {}
}
