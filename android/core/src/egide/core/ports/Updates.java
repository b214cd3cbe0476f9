package egide.core.ports;

import java.io.File;

/** The app itself, and how a newer one takes its place. */
public interface Updates {
  /** What the platform says, in the loop's thread. Of a newer app that took its place nobody is told: this process is over. */
  interface Told {
    void onFailed();
  }

  /** The file from which this app was installed. */
  File own();

  /**
   * Has the platform ask her, and then put `newer` in the place of this app. One at a time. Waits for the disk, so it is not for
   * the loop's thread. False, and nothing is told, where the platform refuses to begin.
   */
  boolean install(File newer, Told told);

  /** Takes back what was handed over, if the platform has not begun. Nothing is told. */
  void giveUp();
}
