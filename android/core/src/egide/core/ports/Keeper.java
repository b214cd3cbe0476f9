package egide.core.ports;

/** Whether the process is needed. */
public interface Keeper {
  /** Whether it must stay with the screen off: from enrolment on, until the phone is left. */
  void stay(boolean isNeeded);
}
