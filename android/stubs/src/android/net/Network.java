package android.net;

import egide.fake.Beyond;

public class Network {
  @Beyond
  public Network() {}
}
