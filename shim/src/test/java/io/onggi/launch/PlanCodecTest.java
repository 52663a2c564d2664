package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanCodecTest {
  private static final List<LaunchPlan> PLANS =
      List.of(
          SamplePlans.container(),
          SamplePlans.podInit(),
          SamplePlans.userNamespace(),
          SamplePlans.exec(),
          SamplePlans.probe());

  private static WireException refused(byte[] bytes) {
    return assertThrows(WireException.class, () -> PlanCodec.decode(bytes));
  }

  @Test
  void aDecodedPlanIsThePlanThatWasEncoded() {
    for (LaunchPlan plan : PLANS) {
      assertEquals(plan, PlanCodec.decode(PlanCodec.encode(plan)));
    }
  }

  @Test
  void theSamplesHoldEveryOpcode() {
    Set<Opcode> seen = EnumSet.noneOf(Opcode.class);
    for (LaunchPlan plan : PLANS) {
      plan.settings().forEach(setting -> seen.add(Opcode.of(setting)));
      plan.steps().forEach(step -> seen.add(Opcode.of(step)));
    }
    assertEquals(EnumSet.allOf(Opcode.class), seen);
  }

  @Test
  void bytesThatAreNoUtf8PassUnharmed() {
    byte[] raw = new byte[255];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) (i + 1);
    }
    assertArrayEquals(raw, RawText.bytes(RawText.of(raw)));
    assertEquals("옹기 🏺", RawText.of(RawText.bytes("옹기 🏺")));
    assertThrows(IllegalArgumentException.class, () -> RawText.bytes("\ud800"));
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] whole = PlanCodec.encode(SamplePlans.container());
    for (int length = 0; length < whole.length; length++) {
      refused(Arrays.copyOf(whole, length));
    }
    refused(Arrays.copyOf(whole, whole.length + 1));
  }

  @Test
  void aDamagedPlanIsDecodedOrRefusedButNothingElseHappens() {
    Random random = new Random(20261122);
    byte[] whole = PlanCodec.encode(SamplePlans.container());
    int decoded = 0;
    for (int i = 0; i < 10_000; i++) {
      byte[] damaged = whole.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        LaunchPlan plan = PlanCodec.decode(damaged);
        assertArrayEquals(damaged, PlanCodec.encode(plan), "one form for one plan");
        decoded++;
      } catch (WireException e) {
        assertTrue(String.valueOf(e.getMessage()).length() < 500, e::getMessage);
      }
    }
    assertTrue(decoded > 20, "mutations reach the values: " + decoded);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 88, not a plan: magic is not ONGP",
    "4, 2, 'plan version 2, this program knows 1'",
    "6, 1, 'reserved field is 1, not zero'",
    "16, 15, plan entry 0: unknown opcode 0x000f",
    "18, 1, 'plan entry 0: reserved field is 1, not zero'",
  })
  void theMessageSaysWhatIsWrongAndWhere(int at, int value, String message) {
    byte[] bytes = PlanCodec.encode(SamplePlans.container());
    bytes[at] = (byte) value;
    assertEquals(message, refused(bytes).getMessage());
  }

  @Test
  void aCountThatTheBytesCannotHoldAllocatesNothing() {
    byte[] bytes = PlanCodec.encode(SamplePlans.exec());
    Arrays.fill(bytes, 12, 15, (byte) 0xff);
    assertEquals("count 16777215 is more than the bytes that follow", refused(bytes).getMessage());
  }

  @Test
  void aPlanWithoutAFinalStepCannotBeMade() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> LaunchPlan.ofSteps(List.of(new LaunchStep.Pivot())));
    assertEquals("the plan's last step is no final one", e.getMessage());
  }

  @Test
  void boundsNameTheField() {
    IllegalArgumentException slot =
        assertThrows(
            IllegalArgumentException.class, () -> new LaunchStep.OpenTree(2048, false, "/"));
    assertEquals("slot is 2048, must be 0..2047", slot.getMessage());
    IllegalArgumentException nul =
        assertThrows(IllegalArgumentException.class, () -> new LaunchStep.Hostname("a\0b"));
    assertEquals("hostname contains a NUL byte", nul.getMessage());
    IllegalArgumentException path =
        assertThrows(IllegalArgumentException.class, () -> new LaunchStep.Chdir("srv"));
    assertEquals("working directory 'srv' is not an absolute path", path.getMessage());
  }
}
