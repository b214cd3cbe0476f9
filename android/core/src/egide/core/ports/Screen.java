package egide.core.ports;

/** What may show: her page, if it is open. Nothing is shown, sounded or vibrated by itself (safety rule 18). */
public interface Screen {
  /** News for the page: one JSON object (contracts with the pages: docs/android.md). Dropped when no page is open. */
  void tell(String json);

  /** A pattern in ms, off and on by turns; only where she chose it. */
  void vibrate(long[] pattern);
}
