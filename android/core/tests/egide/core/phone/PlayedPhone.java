package egide.core.phone;

import egide.core.engine.Answer;
import egide.core.engine.App;
import egide.core.engine.Codes;
import egide.core.ports.Surroundings;
import egide.core.protocol.Bytes;
import egide.core.protocol.Client;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Fields;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import egide.core.protocol.Keys;
import egide.core.protocol.Pinned;
import egide.core.store.PhoneStore;
import egide.core.time.PlayedLoop;
import egide.core.transport.Http;
import egide.core.transport.Outcome;
import egide.core.transport.Sender;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * A phone of this core whose time, network, button and person are a test's: each line on standard input is an object of
 * JSON that says what happens, each line of the answer what the phone did, in its order, and when it is due next.
 * tests/android/histories.py plays the companion in the same way, and holds one against the other.
 */
public final class PlayedPhone implements Http {
  private final Path path;
  private final PlayedLoop loop;
  /** Null for a phone that a history enrols. */
  private final Enrolment enrolment;
  private final byte[] seed;
  private final List<String> servers;
  private final String version;
  private final boolean hears;
  private final PlayedSurroundings around = new PlayedSurroundings();
  private final List<Object> did = new ArrayList<>();
  private final Map<Long, Waiting> waiting = new LinkedHashMap<>();
  private PlayedRadio radio;
  private PhoneStore store;
  private App app;
  private long asked;
  private Object question = "";
  private final PlayedShown shown = new PlayedShown();

  private PlayedPhone(Fields begin) throws IOException, JsonError {
    path = Path.of(begin.text("path"));
    Files.deleteIfExists(path);
    loop = new PlayedLoop(begin.number("now_us"));
    seed = Bytes.fromHex(begin.text("seed"));
    servers = begin.texts("servers");
    version = begin.text("version");
    hears = begin.flag("hears");
    enrolment = begin.flag("is_enrolled") ? Enrolment.read(Bytes.utf8(begin.text("enrolment"))) : null;
    radio = newRadio();
    around.fix = null;
  }

  public static void main(String[] arguments) throws IOException, JsonError {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PlayedPhone phone = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Fields command = Json.readFields(Bytes.utf8(line));
      boolean isSeen = true;
      if (command.has("begin")) {
        if (phone != null) {
          phone.store.close();
        }
        phone = new PlayedPhone(command.fields("begin"));
        phone.live();
      } else {
        isSeen = !command.text("do").equals("pass");
        phone.play(command);
      }
      out.println(phone.answer(isSeen));
      out.flush();
    }
  }

  /** Nobody looks while time alone passes: when that was is each phone's own affair. */
  private String answer(boolean isSeen) {
    loop.run();
    if (isSeen) {
      tellShown();
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("next_us", loop.nextUs());
    answer.put("did", new ArrayList<>(did));
    did.clear();
    return Json.write(answer);
  }

  private void did(String what, Object... more) {
    List<Object> one = new ArrayList<>();
    one.add(what);
    one.addAll(Arrays.asList(more));
    did.add(one);
  }

  /** What a page would show now, told when it is another than before. */
  private void tellShown() {
    if (app == null) {
      return;
    }
    Map<String, Object> news = shown.news(app, question);
    if (news != null) {
      did("shown", news);
    }
  }

  private void report(String step, Map<String, Object> facts) {
    if (step.equals("phone.asks")) {
      question = facts.get("question");
    }
    if (step.equals("phone.vibrates")) {
      did("vibrates", facts.get("pattern_ms"));
    }
    did("report", step, facts);
  }

  private PlayedRadio newRadio() {
    PlayedRadio made = new PlayedRadio(said -> did("radio", Bytes.toHex(said)));
    if (radio != null) {
      made.isPaired = radio.isPaired;
      made.isConnected = radio.isConnected;
      made.batteryPct = radio.batteryPct;
      made.takesHold = radio.takesHold;
    }
    return made;
  }

  /** A life of the phone's process, from what its store holds. */
  private void live() throws IOException {
    question = "";
    store = PhoneStore.open(path, new Seeded(seed));
    app = null;
    if (store.enrolment() == null && enrolment != null) {
      store.doEnrol(enrolment);
    }
    if (store.enrolment() != null) {
      work(new Sender(loop, this, servers));
    }
  }

  /** A phone that has a kit. */
  private void work(Sender sender) {
    radio = newRadio();
    sender.trust(store.enrolment(), store.keyAhead(), this::pin);
    app = new App(store.enrolment(), new App.Parts(
        store,
        radio,
        sender,
        new PlayedTexts(message -> did("text", message)),
        around,
        loop,
        this::report,
        () -> Bytes.fromBigEndian(drawn("chance"), 0, 4) % 1000 / 1000.0,
        new EndlessSound(loop, hears),
        size -> Bytes.slice(Bytes.joined(drawn("fresh"), drawn("more")), 0, size),
        // A 32nd of the cost, as in the companion's tests: what is kept, sent and shown is the same.
        (code, salt) -> SCrypt.generate(Bytes.utf8(code), salt, 1 << 10, 8, 1, 32),
        version,
        () -> {}));
    app.start();
  }

  private void pin(Pinned pinned) {
    try {
      store.doPin(pinned);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  /** The same for both phones, and at each moment another. */
  private byte[] drawn(String what) {
    return Keys.sha256(Bytes.utf8(what + " " + loop.steadyUs()));
  }

  private void play(Fields command) throws IOException, JsonError {
    String what = command.text("do");
    switch (what) {
      case "pass":
        loop.runUntil(command.number("until_us"));
        break;
      case "answer":
        int status = (int) command.number("status");
        byte[] body = Bytes.utf8(command.text("body"));
        String retryAfter = command.text("retry_after");
        tell(command.number("id"), one -> one.onAnswer(status, body, retryAfter));
        break;
      case "silence":
        tell(command.number("id"), Waiting::onSilence);
        break;
      case "jump":
        loop.jump(command.number("us"));
        break;
      case "restart":
        if (app != null) {
          app.stop();
        }
        loop.forget();
        waiting.clear();
        store.close();
        live();
        break;
      case "enrol":
        enrol(command.text("code"));
        break;
      default:
        if (app != null) {
          change(what, command);
        }
    }
  }

  private void enrol(String code) {
    if (app != null) {
      did("enrol", "REFUSED");
      return;
    }
    Sender sender = new Sender(loop, this, servers);
    String request = Enrolment.request(code, store.key(), new Client(Client.NATIVE, version));
    sender.enrol(request, new Outcome<Enrolment>() {
      @Override
      public void onAnswer(Enrolment answer) {
        did("enrol", "ENROLLED");
        if (app == null) {
          keep(answer);
          work(sender);
        }
      }

      @Override
      public void onRefusal(int status, String reason) {
        did("enrol", "REFUSED");
      }

      @Override
      public void onLater(int status, String reason, long waitUs) {
        did("enrol", "OFFLINE");
      }

      @Override
      public void onUnreachable() {
        did("enrol", "OFFLINE");
      }
    });
  }

  private void keep(Enrolment answer) {
    try {
      store.doEnrol(answer);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  /** A question that nobody waits for any more is answered to nobody. */
  private void tell(long id, Consumer<Waiting> answer) {
    Waiting one = waiting.remove(id);
    if (one != null) {
      answer.accept(one);
    }
  }

  private void change(String what, Fields command) throws JsonError {
    switch (what) {
      case "frame":
        radio.hear(Bytes.fromHex(command.text("data")));
        break;
      case "broadcast":
        radio.hearBroadcast(Bytes.fromHex(command.text("address")), Bytes.fromHex(command.text("data")));
        break;
      case "link":
        radio.link(command.flag("is"));
        break;
      case "paired":
        radio.isPaired = command.flag("is");
        break;
      case "trouble":
        radio.trouble(command.text("notice"));
        break;
      case "button_pct":
        radio.batteryPct = (int) command.number("pct");
        break;
      case "phone_pct":
        around.batteryPct = (int) command.number("pct");
        break;
      case "takes_hold":
        radio.takesHold = command.flag("is");
        break;
      case "place":
        around.fix = new Surroundings.Fix(
            (int) command.number("lat_e7"), (int) command.number("lon_e7"), command.number("accuracy_m"), 0, true);
        break;
      case "no_place":
        around.fix = null;
        break;
      case "may_locate":
        around.mayLocate = command.flag("is");
        app.look();
        break;
      case "may_listen":
        around.mayListen = command.flag("is");
        app.look();
        break;
      default:
        act(what, command);
    }
  }

  private void act(String what, Fields command) throws JsonError {
    switch (what) {
      case "press_on_screen":
        app.pressOnScreen();
        break;
      case "arm_test":
        app.armTest();
        break;
      case "disarm_test":
        app.disarmTest();
        break;
      case "answer_question":
        app.answer(command.text("word"));
        break;
      case "vibrates":
        app.vibrate(command.flag("is"));
        break;
      case "listens":
        app.allowListening(command.flag("is"));
        break;
      case "hurry":
        app.hurry();
        break;
      case "unlock":
        app.unlock(command.text("code"), answer -> did("unlock", seen(answer)));
        break;
      case "cancel":
        app.cancel(command.text("code"), answer -> did("cancel", seen(answer)));
        break;
      case "set_pins":
        setPins(command.text("own"), command.text("threat"));
        break;
      default:
        throw new IllegalArgumentException("cannot do " + what);
    }
  }

  /** The companion has one word for both codes. */
  private static String seen(Answer answer) {
    return (answer == Answer.THREAT ? Answer.OPEN : answer).name();
  }

  private void setPins(String own, String threat) {
    try {
      app.choosePins(own, threat, new Codes.Chosen() {
        @Override
        public void onChosen() {
          did("set_pins", "CHOSEN");
        }

        @Override
        public void onFailed(String word, String reason) {
          did("set_pins", "FAILED");
        }
      });
    } catch (IllegalArgumentException error) {
      did("set_pins", "REFUSED");
    }
  }

  @Override
  public Call ask(Request request, Waiting one) {
    long id = asked++;
    waiting.put(id, one);
    did("ask", id, request.url(), request.body() == null ? "" : Bytes.toHex(request.body()));
    return () -> waiting.remove(id);
  }
}
