package io.onggi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ErrnoTest {
  @Test
  void aFailureSaysTheCallTheObjectAndTheErrnoByName() {
    LinuxException e = new LinuxException("mount overlay on", "/x", Errno.EBUSY);
    assertEquals("mount overlay on /x: Device or resource busy (EBUSY)", e.getMessage());
    assertEquals("errno 999", Errno.describe(999));
  }
}
