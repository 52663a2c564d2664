package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.onggi.error.CriException;
import io.onggi.rpc.EventPosition.Wanted;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventPositionTest {
  @Test
  void aClientSaysNothingOrWhereItStands() {
    assertEquals(new Wanted.News(), EventPosition.parse(Optional.empty()));
    assertEquals(new Wanted.Oldest(), EventPosition.parse(Optional.of("oldest")));
    assertEquals(new Wanted.After(Optional.empty(), 17), EventPosition.parse(Optional.of("17")));
    assertEquals(
        new Wanted.After(Optional.of("ab12"), 0), EventPosition.parse(Optional.of("ab12.0")));
  }

  @Test
  void whatIsNoPositionIsRefusedByItsName() {
    for (String bad :
        List.of("", "newest", "-1", "ab.", "ab.-1", "1.2.3", "18446744073709551615")) {
      CriException.InvalidArgument refused =
          assertThrows(
              CriException.InvalidArgument.class, () -> EventPosition.parse(Optional.of(bad)), bad);
      assertEquals(
          "header onggi-events-after: \"" + bad + "\" is not oldest, NUMBER or RUN.NUMBER",
          refused.getMessage());
    }
  }
}
