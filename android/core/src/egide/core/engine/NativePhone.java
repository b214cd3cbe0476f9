package egide.core.engine;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import egide.core.newer.Newer;
import egide.core.ports.Phone;
import egide.core.ports.Radio;
import egide.core.protocol.Bytes;
import egide.core.protocol.Client;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Fields;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import egide.core.protocol.KeyLost;
import egide.core.protocol.Opening;
import egide.core.protocol.Pinned;
import egide.core.rules.Rules;
import egide.core.store.PhoneStore;
import egide.core.transport.Fetch;
import egide.core.transport.Http;
import egide.core.transport.Outcome;
import egide.core.transport.Sender;
import egide.core.transport.UrlFetch;
import egide.core.transport.UrlHttp;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The core as a platform sees it: from its folder, its radio and its keys to a phone that is pressed. What her page asks and
 * is told is docs/android.md.
 */
public final class NativePhone implements Phone {
  private static final long AGAIN_US = 60_000_000;
  /** Whoever asks this waits for an answer. */
  private static final List<String> ANSWERED = Arrays.asList("codes", "unlock", "cancel", "pair", "broadcasting", "install");

  private final Platform platform;
  private final Http http;
  private final Fetch fetch;
  private final long dayUs;
  private final String version;
  private final Lots lots = new Lots();
  /** The address at which it was enrolled; that there is one means that there is a kit. */
  private final File server;
  private String address;
  private PhoneStore store;
  /** What can be read since somebody unlocked the telephone; null before. */
  private File hers;
  private Sender sender;
  private boolean isPairing;
  private int taken;
  private App app;
  /** Null where nothing takes the place of this app. */
  private Newer newer;
  private Asked asked;
  /** Nothing of the store can be opened: it is as if there were no kit, but the page is told. */
  private boolean isLost;
  private boolean isToldSoon;

  /** `version`: of the app, as the zone is told. */
  public NativePhone(Platform platform, String version) {
    this(platform, version, new UrlHttp(platform.loop()), new UrlFetch(platform.loop()), Newer.DAY_US);
  }

  /** With other roads to the servers, and another length of the day in which it looks for a newer version once. */
  public NativePhone(Platform platform, String version, Http http, Fetch fetch, long dayUs) {
    this.platform = platform;
    this.version = version;
    this.http = http;
    this.fetch = fetch;
    this.dayUs = dayUs;
    server = new File(platform.folder(), "server");
  }

  @Override
  public boolean isNeeded() {
    return server.exists();
  }

  @Override
  public void start() {
    if (!isNeeded() || app != null) {
      // It may have been enrolled anew while this waited for its next try.
      return;
    }
    try {
      byte[] said = Files.readAllBytes(server.toPath());
      open();
      Enrolment enrolment = store.enrolment();
      if (enrolment != null) {
        address = Rules.firstServer(Bytes.text(said), enrolment.servers());
        live(new Sender(platform.loop(), http, Collections.singletonList(address)), enrolment);
      }
      // There was a kit here: what is left of the store no longer says which, and only another enrolment helps.
      isLost = enrolment == null;
    } catch (IOException | IllegalArgumentException error) {
      // A full disk or one that does not answer: what is kept there is not given up.
      isLost = true;
      platform.loop().after(AGAIN_US, this::start);
    } catch (KeyLost error) {
      // Only another enrolment helps; the zone misses this phone within the hour (safety rule 22).
      isLost = true;
    }
    tellState();
  }

  /** Lets go of the store, as a process that ends does. */
  public void end() {
    try {
      if (app != null) {
        app.stop();
      }
      if (newer != null) {
        newer.stop();
      }
      if (store != null) {
        store.close();
      }
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private void open() throws IOException {
    if (store == null) {
      Files.createDirectories(platform.folder().toPath());
      store = PhoneStore.open(new File(platform.folder(), "log").toPath(), new SealedKeys(platform.keys()));
      unlock();
    }
  }

  /** What a press needs lies where it can be read before; the rest waits for this, and no press does. */
  private void unlock() {
    if (store == null || hers == null) {
      return;
    }
    try {
      store.doUnlock(new File(hers, "log").toPath());
    } catch (IOException error) {
      platform.loop().after(AGAIN_US, this::unlock);
    }
  }

  private void live(Sender sender, Enrolment enrolment) {
    this.sender = sender;
    sender.trust(enrolment, store.keyAhead(), this::pin);
    app = new App(enrolment, new App.Parts(
        store,
        radio(),
        sender,
        platform.texts(),
        platform.around(),
        platform.loop(),
        this::hear,
        lots,
        new Recorder(platform.sound(), platform.loop()),
        lots,
        Opening::stretched,
        version,
        this::tellSoon));
    asked = new Asked(app, this::tellAnswer, this::tellState);
    newer = platform.updates() == null ? null : newer(enrolment);
    app.start();
    taken = app.look();
    platform.keeper().stay(true);
  }

  private Newer newer(Enrolment enrolment) {
    Newer.Parts parts = new Newer.Parts(
        platform.loop(),
        http,
        fetch,
        platform.updates(),
        platform.folder(),
        app::isAtRest,
        lots::next,
        this::tellSoon,
        dayUs);
    return new Newer(parts, address, enrolment.servers());
  }

  private Radio radio() {
    byte[] broadcaster = store.broadcaster();
    boolean isHeard = broadcaster.length > 0 && platform.broadcasts() != null;
    return isHeard ? new BroadcastRadio(platform.broadcasts(), platform.loop(), broadcaster) : platform.radio();
  }

  /** A disk that refuses it costs only the memory over a restart: then the chain of keys is asked for again. */
  private void pin(Pinned pinned) {
    try {
      store.doPin(pinned);
    } catch (IOException error) {
      platform.screen().tell(Json.write(Facts.of("step", "phone.not_stored")));
    }
  }

  // -- what the platform tells ----------------------------------------------------------------------------------

  @Override
  public void onUnlocked(File folder) {
    hers = folder;
    unlock();
    if (app != null) {
      tellSoon();
    }
  }

  @Override
  public void onNetwork() {
    if (app != null) {
      app.hurry();
    }
  }

  @Override
  public void onChanged() {
    if (app != null) {
      int before = taken;
      taken = app.look();
      if (taken != before) {
        // Whoever sets the phone up with her sees it now, and not with the next sign of life.
        app.prove();
      }
      tellSoon();
    }
  }

  // -- her page -------------------------------------------------------------------------------------------------

  @Override
  public void ask(String json) {
    try {
      Fields question = Json.readFields(Bytes.utf8(json));
      String what = question.text("what");
      if (what.equals("state")) {
        tellState();
      } else if (what.equals("enrol")) {
        enrol(question.text("server"), question.text("code"));
      } else if (app != null && what.equals("broadcasting")) {
        pairBroadcasting(what, question.text("address"));
      } else if (newer != null && what.equals("install")) {
        newer.install(word -> tellAnswer(what, word));
      } else if (app != null) {
        asked.take(what, question);
      } else if (ANSWERED.contains(what)) {
        tellAnswer(what, "NO_KIT");
      }
    } catch (JsonError | IllegalArgumentException error) {
      // A page that asks what nobody understands is not answered.
      return;
    }
  }

  /** Safety rule 21: outside trials a button that anybody can follow is not even listened to. */
  private void pairBroadcasting(String what, String address) {
    if (platform.broadcasts() == null || isPairing) {
      tellAnswer(what, isPairing ? "BUSY" : "FINDABLE");
      return;
    }
    BroadcastPairing.begin(platform.broadcasts(), store, platform.loop(), address, word -> {
      isPairing = false;
      if (store.broadcaster().length > 0) {
        // With the radio that hears it, also where another such button was paired before.
        app.stop();
        if (newer != null) {
          newer.stop();
        }
        live(sender, store.enrolment());
      }
      tellAnswer(what, word);
    });
    isPairing = true;
  }

  /** The key that is in the store already is enrolled, so that a lost reply can be asked for again with the same code. */
  private void enrol(String address, String code) {
    if (app != null) {
      // One kit for one phone: the one that it has is given back first.
      tellAnswer("enrol", "REFUSED");
      return;
    }
    Sender sender;
    try {
      sender = new Sender(platform.loop(), http, Collections.singletonList(address));
      open();
    } catch (IllegalArgumentException unsafe) {
      tellAnswer("enrol", "UNTRUSTED");
      return;
    } catch (IOException | KeyLost error) {
      tellAnswer("enrol", "NOT_STORED");
      return;
    }
    String request = Enrolment.request(code, store.key(), new Client(Client.NATIVE, version));
    sender.enrol(request, new Outcome<Enrolment>() {
      @Override
      public void onAnswer(Enrolment enrolment) {
        begin(sender, address, enrolment);
      }

      @Override
      public void onRefusal(int status, String reason) {
        tellAnswer("enrol", "REFUSED");
      }

      @Override
      public void onLater(int status, String reason, long waitUs) {
        // Nothing was said of the code.
        tellAnswer("enrol", "OFFLINE");
      }

      @Override
      public void onUnreachable() {
        tellAnswer("enrol", "OFFLINE");
      }
    });
  }

  private void begin(Sender sender, String address, Enrolment enrolment) {
    if (app != null) {
      tellAnswer("enrol", "ENROLLED");
      return;
    }
    try {
      store.doEnrol(enrolment);
      this.address = address;
      // On the disk before she is told, like what the store keeps.
      Files.write(server.toPath(), Bytes.utf8(address), CREATE, TRUNCATE_EXISTING, WRITE, SYNC);
    } catch (IOException error) {
      tellAnswer("enrol", "NOT_STORED");
      return;
    }
    live(sender, enrolment);
    isLost = false;
    tellAnswer("enrol", "ENROLLED");
  }

  // -- what her page is told ------------------------------------------------------------------------------------

  private void hear(String step, Map<String, Object> facts) {
    if (step.equals("phone.vibrates")) {
      platform.screen().vibrate(pattern((List<?>) facts.get("pattern_ms")));
    }
    tellSoon();
  }

  /** Once for all that changes in one turn of the loop, and after whatever else is to be done in it. */
  private void tellSoon() {
    if (!isToldSoon) {
      isToldSoon = true;
      platform.loop().soon(() -> {
        isToldSoon = false;
        if (newer != null) {
          newer.look();
        }
        tellState();
      });
    }
  }

  /** The platform's pattern begins with a pause. */
  private static long[] pattern(List<?> onAndOffMs) {
    long[] pattern = new long[onAndOffMs.size() + 1];
    for (int at = 0; at < onAndOffMs.size(); at++) {
      pattern[at + 1] = (Long) onAndOffMs.get(at);
    }
    return pattern;
  }

  /** How things stand comes first: the page goes on by it. */
  private void tellAnswer(String what, String word) {
    tellState();
    platform.screen().tell(Json.write(Facts.of("answer", Facts.of("what", what, "word", word))));
  }

  private void tellState() {
    boolean isEnrolled = app != null;
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("isEnrolled", isEnrolled);
    state.put("hearsBroadcasts", platform.broadcasts() != null);
    state.put("hasMicrophone", platform.sound() != null);
    state.put("holdMs", isEnrolled ? store.enrolment().settings().holdMs() : 2000L);
    state.put("isLost", isLost);
    if (isEnrolled) {
      state.put("isMended", store.isMended());
      state.put("hasTexts", store.enrolment().texts() != null);
      state.put("hasUpdate", newer != null && newer.isOffered());
      app.describe(state);
    }
    platform.screen().tell(Json.write(Facts.of("state", state)));
  }
}
