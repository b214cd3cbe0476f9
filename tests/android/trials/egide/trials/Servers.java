package egide.trials;

import egide.core.protocol.Bytes;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Envelope;
import egide.core.protocol.EnvelopeError;
import egide.core.protocol.Json;
import egide.core.protocol.Keys;
import egide.core.protocol.Kind;
import egide.core.protocol.Message;
import egide.core.protocol.Receipt;
import egide.core.protocol.Settings;
import egide.core.protocol.SoftKey;
import egide.core.protocol.TextRoad;
import egide.core.time.Loop;
import egide.core.transport.Http;
import egide.fake.Handset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Servers that sign for whatever comes, a fifth of a second later; or that nobody reaches. */
final class Servers implements Http {
  static final TextRoad ROAD = new TextRoad("+32000", 16_161);
  /** What the kit's button has in common with the phone (contracts/gatt.md, its table of vectors). */
  static final byte[] BUTTON_KEY = Bytes.fromHex("000102030405060708090a0b0c0d0e0f");
  private static final long ROUND_US = 200_000;
  /** A mobile network keeps a telephone's radio on for about this long after the last packet. */
  private static final long TAIL_MS = 10_000;
  private static final SoftKey KEY = new SoftKey(new byte[32]);

  /** The server's half of what any code opens. */
  private static final byte[] HALF = Bytes.utf8("{\"part\":\"" + Bytes.toBase64url(new byte[32]) + "\"}");

  private final Loop loop;
  final List<Message> heard = new ArrayList<>();
  boolean isCut;
  int asked;
  long sentBytes;
  /** How long the radio was on, up to what was last sent. */
  long radioMs;
  private long radioSinceMs;
  private String alarm = "";

  Servers(Loop loop) {
    this.loop = loop;
  }

  @Override
  public Call ask(Request request, Waiting waiting) {
    if (!Handset.now().doze.hasNetwork()) {
      // The platform says so at once.
      Loop.Timer none = loop.after(0, waiting::onSilence);
      return none::cancel;
    }
    asked++;
    long nowMs = Handset.now().elapsedMs();
    radioMs += Math.min(nowMs - radioSinceMs, TAIL_MS);
    radioSinceMs = nowMs;
    sentBytes += request.body() == null ? 0 : request.body().length;
    Loop.Timer timer = loop.after(ROUND_US, () -> {
      if (isCut) waiting.onSilence();
      else if (request.url().endsWith("/v1/enrolments")) waiting.onAnswer(201, enrolment());
      else if (request.url().endsWith("/v1/openings")) waiting.onAnswer(201, HALF);
      else waiting.onAnswer(201, receipt(request.body()));
    });
    return timer::cancel;
  }

  private static byte[] enrolment() {
    Settings settings = Settings.inReply("{\"version\":1}");
    return new Enrolment("", "kit", "button", BUTTON_KEY, KEY.publicKey(), List.of("https://one.invalid"), settings, ROAD).written();
  }

  private byte[] receipt(byte[] envelope) {
    Message message;
    try {
      message = Envelope.unwrap(envelope).read();
      heard.add(message);
      if (message.kind() == Kind.PRESS) alarm = Bytes.toHex(Envelope.unwrap(envelope).kid()) + "-" + message.counter();
    } catch (EnvelopeError error) {
      throw new AssertionError(error);
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("seq", (long) heard.size());
    fields.put("alarm", message.kind() == Kind.PRESS || message.press() != null ? alarm : "");
    fields.put("received_at", 1L);
    fields.put("state", "received");
    fields.put("next_counter", message.counter() + 1);
    fields.put("pending", List.of());
    try {
      byte[] statement = Receipt.read(Bytes.utf8(Json.write(fields))).statement(Keys.sha256(envelope));
      fields.put("signature", Bytes.toBase64url(KEY.sign(statement)));
    } catch (egide.core.protocol.JsonError error) {
      throw new AssertionError(error);
    }
    return Bytes.utf8(Json.write(fields));
  }

  long count(Kind kind) {
    return heard.stream().filter(message -> message.kind() == kind).count();
  }
}
