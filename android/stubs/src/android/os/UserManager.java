package android.os;

import egide.fake.Handset;

public class UserManager {
  UserManager() {}

  public boolean isUserUnlocked() {
    return Handset.now().isUnlocked;
  }
}
