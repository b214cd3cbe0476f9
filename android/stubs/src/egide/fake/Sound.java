package egide.fake;

/** The microphone of the telephone. */
public final class Sound {
  /** How many recordings run. */
  public int recording;
  /** Something that may not be disturbed has it. */
  public boolean isTaken;
  public boolean hasCoder = true;
}
