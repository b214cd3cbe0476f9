package egide.core.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a one-time code and a fresh public key are answered with: the button's key (16 bytes), the server's (32 bytes),
 * its addresses, and the kit's settings. `texts`: null where there is no such road.
 */
public record Enrolment(
    String kid,
    String kit,
    String buttonId,
    byte[] buttonKey,
    byte[] serverKey,
    List<String> servers,
    Settings settings,
    TextRoad texts) {
  private static final byte[] CODE_WORD = Bytes.utf8("egide-code-1\0");

  /** The body of the request that enrols `key` with `code`. `client`: what enrols, null for one that does not say. */
  public static String request(String code, SigningKey key, Client client) {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("code", code);
    request.put("public_key", Bytes.toBase64url(key.publicKey()));
    request.put("signature", Bytes.toBase64url(key.sign(statement(code, key.publicKey(), client))));
    if (client != null) {
      Map<String, Object> said = new LinkedHashMap<>();
      said.put("kind", client.kind());
      said.put("version", client.version());
      request.put("client", said);
    }
    return Json.write(request);
  }

  /** SHA-256 of a code as people type it: case, spaces and dashes do not count. */
  static byte[] codeHash(String code) {
    StringBuilder plain = new StringBuilder();
    for (char sign : code.toUpperCase(java.util.Locale.ROOT).toCharArray()) {
      if (!Character.isWhitespace(sign) && sign != '-') {
        plain.append(sign);
      }
    }
    return Keys.sha256(CODE_WORD, Bytes.utf8(plain.toString()));
  }

  /** What the new key signs to prove that the phone holds it, and to say what it is. */
  static byte[] statement(String code, byte[] publicKey, Client client) {
    if (client == null) {
      return Bytes.joined(Bytes.utf8("egide-enrolment-1\0"), codeHash(code), publicKey);
    }
    byte[] said = Bytes.utf8(client.kind() + "\0" + client.version());
    return Bytes.joined(Bytes.utf8("egide-enrolment-2\0"), codeHash(code), publicKey, said);
  }

  /** The enrolment in an answer's body, or as the store kept it. */
  public static Enrolment read(byte[] data) throws JsonError {
    Fields fields = Json.readFields(data);
    try {
      return new Enrolment(
          fields.text("kid"),
          fields.text("kit"),
          fields.text("button_id"),
          Bytes.fromBase64url(fields.text("button_key"), Frame.KEY_BYTES),
          Bytes.fromBase64url(fields.text("server_key"), Keys.PUBLIC_KEY_BYTES),
          fields.texts("servers"),
          Settings.of(fields.fields("settings")),
          fields.isNull("texts") ? null : TextRoad.of(fields.fields("texts")));
    } catch (IllegalArgumentException error) {
      throw new JsonError("a key: " + error.getMessage());
    }
  }

  /** As `read` takes it. */
  public byte[] written() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("kid", kid);
    fields.put("kit", kit);
    fields.put("button_id", buttonId);
    fields.put("button_key", Bytes.toBase64url(buttonKey));
    fields.put("server_key", Bytes.toBase64url(serverKey));
    fields.put("servers", servers);
    fields.put("settings", settings.fields());
    if (texts != null) {
      fields.put("texts", texts.fields());
    }
    return Bytes.utf8(Json.write(fields));
  }

  public Enrolment with(Settings settings) {
    return new Enrolment(kid, kit, buttonId, buttonKey, serverKey, servers, settings, texts);
  }

  public Enrolment withServerKey(byte[] serverKey) {
    return new Enrolment(kid, kit, buttonId, buttonKey, serverKey, servers, settings, texts);
  }

  /** The same, without what is read with a code from then on. */
  public Enrolment withoutNames() {
    return new Enrolment(kid, "", "", buttonKey, serverKey, servers, settings, texts);
  }
}
