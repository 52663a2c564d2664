package io.onggi.network;

/** Transport protocols of port mappings, with their numbers in the IP header (IANA). */
public enum Protocol {
  TCP(6),
  UDP(17),
  SCTP(132);

  private final int number;

  Protocol(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }
}
