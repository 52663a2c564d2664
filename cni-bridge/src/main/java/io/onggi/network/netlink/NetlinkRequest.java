package io.onggi.network.netlink;

/**
 * One message to the kernel, encoded but for its sequence number.
 *
 * @param what the words of an error message, such as "add veth ogx"
 * @param type nlmsg_type
 * @param flags NLM_F_* without REQUEST and ACK
 * @param body what follows struct nlmsghdr
 */
@SuppressWarnings("ArrayRecordComponent") // written once by NetlinkWriter, read once by the client
public record NetlinkRequest(String what, int type, int flags, byte[] body) {
  static final int NLM_F_REQUEST = 1;
  static final int NLM_F_ACK = 4;
  static final int NLM_F_DUMP = 0x300;
  static final int NLM_F_REPLACE = 0x100;
  static final int NLM_F_EXCL = 0x200;
  static final int NLM_F_CREATE = 0x400;
  static final int NLM_F_APPEND = 0x800;
}
