package io.onggi.network.cni;

import com.google.common.net.InetAddresses;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.onggi.error.CriException;
import io.onggi.network.PortMapping;
import io.onggi.network.Protocol;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One file a sandbox, written before ADD and removed after DEL. The directory is kept over a boot:
 * plugins such as host-local keep leases that outlive one.
 */
final class AttachmentStore {
  private static final String FORMAT = "onggi-cni 1";
  private static final String SUFFIX = ".json";

  private final Path directory;

  AttachmentStore(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw failure("create", directory, e);
    }
  }

  /** Replaces the sandbox's file whole: temporary name, then rename. */
  void write(Attached attached) {
    Path file = file(attached.sandboxId());
    Path fresh = directory.resolve("." + attached.sandboxId());
    try {
      Files.writeString(fresh, format(attached).toString());
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      CriException failure = failure("write", file, e);
      try {
        Files.deleteIfExists(fresh);
      } catch (IOException suppressed) {
        failure.addSuppressed(suppressed);
      }
      throw failure;
    }
  }

  void delete(String sandboxId) {
    Path file = file(sandboxId);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failure("delete", file, e);
    }
  }

  /**
   * All attachments of an earlier life.
   *
   * @throws CriException.Internal on a file that cannot be understood, naming it: what it holds in
   *     the kernel must not be forgotten
   */
  List<Attached> load() {
    List<Attached> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith(".")) {
          Files.delete(file); // its writer died before the rename
        } else if (name.endsWith(SUFFIX)) {
          all.add(read(file));
        }
      }
    } catch (IOException e) {
      throw failure("read", directory, e);
    }
    return all;
  }

  private Path file(String sandboxId) {
    return directory.resolve(sandboxId + SUFFIX);
  }

  private static Attached read(Path file) throws IOException {
    try {
      JsonElement json = JsonParser.parseString(Files.readString(file));
      return parse(file, json.getAsJsonObject());
    } catch (JsonParseException
        | IllegalArgumentException
        | IllegalStateException
        | NullPointerException
        | ClassCastException
        | ConflistException
        | PluginException e) {
      throw new CriException.Internal(
          "CNI attachment "
              + file
              + " is damaged: "
              + e.getMessage()
              + "; run DEL by hand for the sandbox it is named after, then delete the file",
          e);
    }
  }

  static JsonObject format(Attached attached) {
    JsonObject json = new JsonObject();
    json.addProperty("format", FORMAT);
    json.addProperty("sandbox", attached.sandboxId());
    json.addProperty("phase", attached.phase().name());
    json.addProperty("source", attached.network().source());
    json.add("network", attached.network().json());
    json.addProperty("netns", attached.netns());
    json.addProperty("arguments", attached.arguments());
    json.add("capabilities", attached.capabilities());
    JsonArray ports = new JsonArray();
    attached.ports().forEach(port -> ports.add(port(port)));
    json.add("ports", ports);
    attached.result().ifPresent(result -> json.add("result", result.json()));
    return json;
  }

  private static Attached parse(Path file, JsonObject json) {
    String format = json.get("format").getAsString();
    if (!format.equals(FORMAT)) {
      throw new IllegalArgumentException(
          "its format is \"" + format + "\", this onggid reads \"" + FORMAT + "\"");
    }
    List<PortMapping> ports = new ArrayList<>();
    json.getAsJsonArray("ports").forEach(p -> ports.add(port(p.getAsJsonObject())));
    return new Attached(
        json.get("sandbox").getAsString(),
        Attached.Phase.valueOf(json.get("phase").getAsString()),
        ConflistReader.read(json.get("source").getAsString(), json.get("network").toString()),
        json.get("netns").getAsString(),
        json.get("arguments").getAsString(),
        json.getAsJsonObject("capabilities"),
        ports,
        Optional.ofNullable(json.getAsJsonObject("result"))
            .map(result -> CniResult.of(file.toString(), result)));
  }

  private static JsonObject port(PortMapping port) {
    JsonObject json = new JsonObject();
    json.addProperty("protocol", port.protocol().name());
    json.addProperty("containerPort", port.containerPort());
    json.addProperty("hostPort", port.hostPort());
    port.hostIp().ifPresent(ip -> json.addProperty("hostIP", InetAddresses.toAddrString(ip)));
    return json;
  }

  private static PortMapping port(JsonObject json) {
    return new PortMapping(
        Protocol.valueOf(json.get("protocol").getAsString()),
        json.get("containerPort").getAsInt(),
        json.get("hostPort").getAsInt(),
        Optional.ofNullable(json.get("hostIP"))
            .map(ip -> InetAddresses.forString(ip.getAsString())));
  }

  private static CriException.Internal failure(String what, Path path, IOException e) {
    return new CriException.Internal(what + " CNI attachment " + path + ": " + e, e);
  }
}
