package android.security.keystore;

import java.security.spec.AlgorithmParameterSpec;

public final class KeyGenParameterSpec implements AlgorithmParameterSpec {
  @egide.fake.Beyond public final String alias;
  @egide.fake.Beyond public final AlgorithmParameterSpec curve;

  KeyGenParameterSpec(String alias, AlgorithmParameterSpec curve) {
    this.alias = alias;
    this.curve = curve;
  }

  public static final class Builder {
    private final String alias;
    private AlgorithmParameterSpec curve;

    public Builder(String alias, int purposes) {
      this.alias = alias;
    }

    public Builder setBlockModes(String... modes) {
      return this;
    }

    public Builder setEncryptionPaddings(String... paddings) {
      return this;
    }

    public Builder setDigests(String... digests) {
      return this;
    }

    public Builder setAlgorithmParameterSpec(AlgorithmParameterSpec spec) {
      curve = spec;
      return this;
    }

    public Builder setKeySize(int bits) {
      return this;
    }

    public KeyGenParameterSpec build() {
      return new KeyGenParameterSpec(alias, curve);
    }
  }
}
