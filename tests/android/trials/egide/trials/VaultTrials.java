package egide.trials;

import egide.core.ports.Keys;
import egide.core.protocol.Bytes;
import java.util.Arrays;

/** The phone's keys: in its hardware where that signs, else a seed that the hardware seals; the same before anybody unlocked it. */
final class VaultTrials extends Trial {
  private static final byte[] SEED = Bytes.utf8("thirty-two bytes of a secret key");
  private static final byte[] MESSAGE = {1, 2, 3};

  private Keys keys() {
    return Recorder.last().platform.keys();
  }

  private static boolean isSigned(byte[] publicKey, byte[] signature) {
    return egide.core.protocol.Keys.isSignedBy(publicKey, MESSAGE, signature);
  }

  private static boolean opens(Keys keys, byte[] sealed, String label) {
    try {
      return Arrays.equals(SEED, keys.open(sealed, label));
    } catch (IllegalStateException refused) {
      return false;
    }
  }

  void trialHardwareThatSignsKeepsTheKeyAndSignsAfterARestartBeforeAnybodyUnlockedThePhone() {
    handset.hasKeyMint2 = true;
    handset.boot();
    handset.unlock();
    byte[] key = keys().signingKey();
    same(32, key.length);
    check(isSigned(key, keys().sign(MESSAGE)), "what it signs is signed by this key");
    handset.boot();
    check(!handset.isUnlocked, "nobody came");
    check(Arrays.equals(key, keys().signingKey()), "the same key");
    check(isSigned(key, keys().sign(MESSAGE)), "and it signs");
  }

  void trialOlderHardwareSignsNothingAndSealsASeedThatOnlyThisPhoneOpens() {
    handset.boot();
    check(keys().signingKey() == null, "no Ed25519 in it");
    byte[] sealed = keys().seal(SEED, "seed");
    check(!Bytes.toHex(sealed).contains(Bytes.toHex(SEED)), "sealed");
    check(!Arrays.equals(sealed, keys().seal(SEED, "seed")), "another nonce each time");
    check(opens(keys(), sealed, "seed"), "opened");
    check(!opens(keys(), sealed, "other"), "the label is bound to it");
    for (int at = 0; at < sealed.length; at++) {
      byte[] damaged = sealed.clone();
      damaged[at] ^= 1;
      check(!opens(keys(), damaged, "seed"), "damaged at " + at);
    }
    check(!opens(keys(), new byte[3], "seed"), "too short");
    handset.boot();
    check(opens(keys(), sealed, "seed"), "after a restart, before anybody unlocked it");
    handset.loseKeys();
    check(!opens(keys(), sealed, "seed"), "with another key");
  }

  void trialAndroid12IsNotAskedForWhatItDoesNotHave() {
    handset.sdk = 31;
    handset.hasKeyMint2 = true;
    handset.boot();
    check(keys().signingKey() == null, "a software key, sealed");
    check(opens(keys(), keys().seal(SEED, "seed"), "seed"), "sealing needs nothing newer");
  }

  void trialHardwareThatAnnouncesWhatItThenRefusesIsNotBelieved() {
    handset.hasKeyMint2 = true;
    handset.keystoreFails = true;
    handset.boot();
    check(keys().signingKey() == null, "it has not signed once");
  }

  void trialAKeyThatTheHardwareLostIsNotTheOneThatWasEnrolled() {
    handset.hasKeyMint2 = true;
    handset.boot();
    byte[] key = keys().signingKey();
    handset.loseKeys();
    handset.boot();
    check(!Arrays.equals(key, keys().signingKey()), "the core sees another key, and says that this phone lost its own");
  }
}
