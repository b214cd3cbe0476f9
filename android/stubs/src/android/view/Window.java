package android.view;

import egide.fake.Beyond;

public class Window {
  @Beyond public int flags;

  @Beyond
  public Window() {}

  public void setFlags(int flags, int mask) {
    this.flags = (this.flags & ~mask) | (flags & mask);
  }
}
