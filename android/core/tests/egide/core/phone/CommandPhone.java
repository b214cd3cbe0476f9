package egide.core.phone;

import egide.core.engine.Answer;
import egide.core.engine.App;
import egide.core.engine.Codes;
import egide.core.engine.Recorder;
import egide.core.protocol.Bytes;
import egide.core.protocol.Client;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Fields;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import egide.core.protocol.Kind;
import egide.core.protocol.Message;
import egide.core.protocol.Opening;
import egide.core.protocol.Position;
import egide.core.store.KeyMaker;
import egide.core.store.PhoneStore;
import egide.core.time.ThreadLoop;
import egide.core.transport.Outcome;
import egide.core.transport.Sender;
import egide.core.transport.UrlHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A phone of this core as a process: real disk, real network, real time. A test is its button and its person, by commands
 * on standard input, one object of JSON a line; whatever happens is said on standard output, as by the companion.
 *
 * Arguments: the file of the store, the addresses of servers with commas between, a one-time code or "-".
 */
public final class CommandPhone {
  private static final Client CLIENT = new Client(Client.NATIVE, "0.1");

  private final PrintStream out;
  private final ThreadLoop loop;
  private final PhoneStore store;
  private final Sender sender;
  private final PlayedRadio radio;
  private final PlayedTexts texts = new PlayedTexts(message -> say("text", message));
  private final PlayedSurroundings around = new PlayedSurroundings();
  private App app;
  private SecureRandom chance;

  private CommandPhone(String[] arguments, PrintStream out) throws IOException {
    this.out = out;
    // A process does not sleep: nobody needs to wake it.
    loop = new ThreadLoop(System::currentTimeMillis, () -> System.nanoTime() / 1_000_000, inMs -> {}, this::fail);
    store = PhoneStore.open(Path.of(arguments[0]), new KeyMaker.Soft());
    sender = new Sender(loop, new UrlHttp(loop), Arrays.asList(arguments[1].split(",")));
    radio = new PlayedRadio(said -> say("radio", Map.of("said", Bytes.toHex(said))));
  }

  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    CommandPhone phone = new CommandPhone(arguments, out);
    phone.loop.start();
    phone.loop.soon(() -> phone.begin(arguments[2]));
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String command = line;
      phone.loop.soon(() -> phone.obey(command));
    }
    phone.loop.stop();
    phone.store.close();
  }

  private void fail(Throwable error) {
    error.printStackTrace();
    System.exit(1);
  }

  private void say(String step, Map<String, ?> facts) {
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("step", step);
    said.putAll(facts);
    synchronized (out) {
      out.println(Json.write(said));
    }
  }

  private void begin(String code) {
    if (store.enrolment() != null) {
      live();
      return;
    }
    sender.enrol(Enrolment.request(code, store.key(), CLIENT), new Outcome<Enrolment>() {
      @Override
      public void onAnswer(Enrolment enrolment) {
        try {
          store.doEnrol(enrolment);
        } catch (IOException error) {
          fail(error);
        }
        say("phone.enrolled", Map.of("kid", enrolment.kid(), "kit", enrolment.kit()));
        live();
      }

      @Override
      public void onRefusal(int status, String reason) {
        say("phone.refused", Map.of("status", (long) status, "reason", reason));
      }

      @Override
      public void onUnreachable() {
        say("phone.unreachable", Map.of());
      }
    });
  }

  private void live() {
    Enrolment enrolment = store.enrolment();
    sender.trust(enrolment, store.keyAhead(), pinned -> {
      try {
        store.doPin(pinned);
      } catch (IOException full) {
        say("phone.not_stored", Map.of("reason", "the server's key"));
      }
    });
    app = new App(enrolment, new App.Parts(
        store, radio, sender, texts, around, loop, this::say, () -> chance().nextDouble(), new Recorder(new PlayedSound(loop), loop), size -> {
          byte[] data = new byte[size];
          chance().nextBytes(data);
          return data;
        }, Opening::stretched, "", () -> {}));
    app.start();
    say("ready", Map.of("kid", store.kid()));
  }

  /** Made when it is first asked for, as the app's. */
  private SecureRandom chance() {
    if (chance == null) {
      chance = new SecureRandom();
    }
    return chance;
  }

  private void obey(String line) {
    try {
      Fields command = Json.readFields(Bytes.utf8(line));
      if (command.has("frame")) {
        radio.hear(Bytes.fromHex(command.text("frame")));
      } else if (command.has("press_on_screen")) {
        app.pressOnScreen();
      } else if (command.has("listens")) {
        app.allowListening(command.flag("listens"));
      } else if (command.has("arm_test")) {
        app.armTest();
      } else if (command.has("unlock")) {
        app.unlock(command.text("unlock"), answer -> say("phone.unlock", Map.of("answer", seen(answer))));
      } else if (command.has("cancel")) {
        app.cancel(command.text("cancel"), answer -> say("phone.cancel", Map.of("answer", seen(answer))));
      } else if (command.has("answer")) {
        app.answer(command.text("answer"));
      } else if (command.has("set_pins")) {
        setPins(command);
      } else if (command.has("keep")) {
        keep(command.texts("keep"), command.number("press"));
      } else {
        throw new IllegalArgumentException("command " + line);
      }
    } catch (JsonError error) {
      throw new IllegalArgumentException("command " + line, error);
    }
  }

  /** What an earlier life could not send of an alarm, one message of each of these kinds, under consecutive counters. */
  private void keep(List<String> kinds, long press) {
    Position here = new Position(504_542_000, 39_523_000, 12, 0, 1);
    long sentAtS = loop.nowUs() / 1_000_000;
    long last = 0;
    for (String name : kinds) {
      Kind kind = Kind.valueOf(name);
      Position position = kind == Kind.POSITION ? here : null;
      byte[] body = kind == Kind.POSITION ? null : Bytes.utf8("here");
      try {
        last = store.doAdd(new Message(kind, 0, sentAtS, position, null, null, null, press, body)).counter();
      } catch (IOException full) {
        fail(full);
      }
    }
    say("kept", Map.of("first", last - kinds.size() + 1, "last", last));
  }

  /** The companion has one word for both codes. */
  private static String seen(Answer answer) {
    return (answer == Answer.THREAT ? Answer.OPEN : answer).name();
  }

  private void setPins(Fields command) throws JsonError {
    app.choosePins(command.texts("set_pins").get(0), command.texts("set_pins").get(1), new Codes.Chosen() {
      @Override
      public void onChosen() {
        say("phone.pins_set", Map.of());
      }

      @Override
      public void onFailed(String word, String reason) {
        say("phone.pins_not_set", Map.of("reason", reason));
      }
    });
  }
}
