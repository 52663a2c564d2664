package io.onggi.network.netlink;

import java.nio.ByteBuffer;

/**
 * One message as received (struct nlmsghdr, linux/netlink.h), without its header.
 *
 * @param body in host order; position 0 is the first byte after the header
 */
record NetlinkMessage(int type, int flags, int sequence, ByteBuffer body) {
  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;
  static final int NLM_F_CAPPED = 0x100;
  static final int NLM_F_ACK_TLVS = 0x200;
}
