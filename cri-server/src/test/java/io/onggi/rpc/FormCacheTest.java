package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Set;
import org.junit.jupiter.api.Test;

class FormCacheTest {
  private record Thing(String id, int state) {}

  private int made;
  private final FormCache<Thing, String> forms =
      new FormCache<>(
          Thing::id,
          thing -> {
            made++;
            return thing.id() + thing.state();
          });

  @Test
  void aFormIsMadeOnceForEachStateOfARecord() {
    Thing one = new Thing("a", 1);
    assertSame(forms.of(one), forms.of(one));
    assertEquals(1, made);
    assertEquals("a2", forms.of(new Thing("a", 2)));
    assertEquals("a1", forms.of(one), "another state has another form");
    assertEquals(3, made);
    assertEquals(1, forms.size());
  }

  @Test
  void formsOfWhatIsGoneAreForgotten() {
    for (int i = 0; i < 100; i++) {
      assertEquals("t" + i + "0", forms.of(new Thing("t" + i, 0)));
    }
    Set<String> live = Set.of("t1", "t2");
    forms.trim(live.size(), live::contains);
    assertEquals(2, forms.size());
    assertEquals("t30", forms.of(new Thing("t3", 0)));
    forms.trim(live.size(), live::contains);
    assertEquals(3, forms.size(), "a few are not worth a look");
  }
}
