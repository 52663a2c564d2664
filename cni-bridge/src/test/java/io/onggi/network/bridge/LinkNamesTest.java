package io.onggi.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.onggi.error.CriException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkNamesTest {
  @Test
  void aHexadecimalIdCanBeReadFromTheLink() {
    assertEquals("og0123456789abc", LinkNames.of("0123456789abcdef"));
  }

  @Test
  void anyOtherIdGivesFifteenBytesOfItsOwn() {
    assertEquals(15, LinkNames.of("pod-1").length());
    assertNotEquals(LinkNames.of("pod-1"), LinkNames.of("pod-2"));
    assertEquals(LinkNames.of("pod-1"), LinkNames.of("pod-1"));
  }

  @Test
  void aBridgeNameThatLinuxRefusesIsRefusedBefore() {
    for (String bad : List.of("", "a/b", "sixteen-letters-", ".", "..", "a b", "-a")) {
      assertThrows(
          CriException.InvalidArgument.class,
          () -> BridgeConfig.of(bad, List.of(), Path.of("x")),
          bad);
    }
  }
}
