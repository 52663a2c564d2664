package io.onggi.network.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConflistReaderTest {
  private static final String GOOD =
      """
      {
        "cniVersion": "1.0.0",
        "name": "pods",
        "plugins": [
          {"type": "bridge", "bridge": "cni0", "ipam": {"type": "host-local"}},
          {
            "type": "portmap",
            "capabilities": {"portMappings": true, "bandwidth": false}
          }
        ]
      }
      """;

  private static Conflist read(String text) {
    return ConflistReader.read("10-net.conflist", text);
  }

  private static String refused(String text) {
    return String.valueOf(assertThrows(ConflistException.class, () -> read(text)).getMessage());
  }

  @Test
  void a_list_has_its_plugins_in_order_with_their_own_keys() {
    Conflist list = read(GOOD);
    assertEquals("pods", list.name());
    assertEquals(CniVersion.V1_0_0, list.version());
    assertEquals("bridge, portmap", list.types());
    assertEquals("cni0", list.plugins().getFirst().json().get("bridge").getAsString());
    assertEquals(Set.of("portMappings"), list.plugins().get(1).capabilities());
  }

  @Test
  void a_single_plugin_is_a_list_of_one() {
    Conflist list = read("{\"cniVersion\": \"0.3.1\", \"name\": \"n\", \"type\": \"ptp\"}");
    assertEquals("ptp", list.types());
  }

  @Test
  void of_several_versions_the_newest_that_is_spoken_is_taken() {
    String text = GOOD.replace("\"name\"", "\"cniVersions\": [\"1.1.0\", \"9.0.0\"], \"name\"");
    assertEquals(CniVersion.V1_1_0, read(text).version());
  }

  @Test
  void flags_are_taken_as_words_too() {
    assertEquals(
        true,
        read(GOOD.replace("{\n  \"cni", "{\n  \"disableCheck\": \"true\", \"cni")).disableCheck());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"name\": \"pods\" | \"name\": 7 | 10-net.conflist:3: name: is not a string",
        "\"name\": \"pods\" | \"name\": \"../x\" | 10-net.conflist:3: name: \"../x\" is no network name; use letters and digits",
        "\"name\": \"pods\" | \"nome\": \"pods\" | 10-net.conflist: has no \"name\"",
        "\"cniVersion\": \"1.0.0\" | \"cniVersion\": \"0.2.0\" | 10-net.conflist:2: cniVersion: 0.2.0 is not spoken here; use one of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0",
        "\"type\": \"portmap\" | \"type\": \"../sh\" | 10-net.conflist:7: plugins[1].type: \"../sh\" is not the file name of a program",
        "\"type\": \"portmap\" | \"tipe\": \"portmap\" | 10-net.conflist:6: plugins[1]: has no \"type\", the plugin's program",
        "\"portMappings\": true | \"portMappings\": \"yes\" | 10-net.conflist:8: plugins[1].capabilities.portMappings: is neither true nor false",
        "{\"type\": \"host-local\"} | \"host-local\" | 10-net.conflist:5: plugins[0].ipam: is not an object",
        "\"plugins\": [ | \"plugins\": [3, | 10-net.conflist:4: plugins[0]: is not an object",
        "\"name\": \"pods\" | \"name\": \"a\", \"name\": \"b\" | 10-net.conflist:3: name is there twice",
      })
  void what_is_wrong_is_named_by_file_line_and_key(String good, String bad, String message) {
    assertEquals(true, GOOD.contains(good), good);
    assertEquals(message, refused(GOOD.replace(good, bad)));
  }

  @Test
  void text_that_is_no_json_is_named_by_its_line() {
    String message = refused("{\n  \"name\": \"pods\",\n  oops\n}");
    assertEquals("10-net.conflist:3: not JSON", message.substring(0, 27), message);
    assertEquals("10-net.conflist: not a JSON object", refused("[]"));
    assertEquals(
        "10-net.conflist:1: nested too deeply", refused("[".repeat(100) + "]".repeat(100)));
  }
}
