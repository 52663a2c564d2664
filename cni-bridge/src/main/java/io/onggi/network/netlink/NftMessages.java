package io.onggi.network.netlink;

import io.onggi.linux.LinuxException;
import java.util.List;

/**
 * The nf_tables messages that the NAT needs, for one table of family ip (linux/netfilter/
 * nf_tables.h). Values are in network order. They are only valid inside {@link
 * NetlinkClient#transact}.
 */
public final class NftMessages {
  private static final int SUBSYSTEM = 10 << 8;
  private static final int NEWTABLE = SUBSYSTEM;
  private static final int GETTABLE = SUBSYSTEM | 1;
  private static final int DELTABLE = SUBSYSTEM | 2;
  private static final int NEWCHAIN = SUBSYSTEM | 3;
  private static final int NEWRULE = SUBSYSTEM | 6;
  private static final int NEWSET = SUBSYSTEM | 9;
  private static final int NEWSETELEM = SUBSYSTEM | 12;
  private static final int DELSETELEM = SUBSYSTEM | 14;
  private static final int NFPROTO_IPV4 = 2;
  private static final int NFT_SET_MAP = 8;
  private static final int NFTA_LIST_ELEM = 1;
  private static final int CREATE = NetlinkRequest.NLM_F_CREATE;

  private final String table;

  /** Messages for the table of that name. */
  public NftMessages(String table) {
    this.table = table;
  }

  /** Where a base chain hooks in. */
  public enum Hook {
    PREROUTING(0),
    OUTPUT(3),
    POSTROUTING(4);

    private final int number;

    Hook(int number) {
      this.number = number;
    }
  }

  /**
   * Type of one field of a key by nft(8)'s own numbering (six bits each in NFTA_SET_KEY_TYPE), so
   * that `nft list` can print it. A field takes 4 bytes, whatever its length.
   */
  public enum Field {
    IPV4_ADDRESS(7),
    INET_PROTOCOL(12),
    INET_SERVICE(13);

    private final int id;

    Field(int id) {
      this.id = id;
    }
  }

  /** Creates the table, or leaves it. */
  public NetlinkRequest addTable() {
    byte[] body = header().attributeString(1, table).toBytes();
    return new NetlinkRequest("add nft table " + table, NEWTABLE, CREATE, body);
  }

  /** Deletes the table with all that is in it. */
  public NetlinkRequest deleteTable() {
    byte[] body = header().attributeString(1, table).toBytes();
    return new NetlinkRequest("delete nft table " + table, DELTABLE, 0, body);
  }

  /** True if the table is there; a query, not for a transaction. */
  public boolean tableExists(NetlinkClient client) {
    byte[] body = header().attributeString(1, table).toBytes();
    try {
      return !client
          .query(new NetlinkRequest("get nft table " + table, GETTABLE, 0, body), answer -> answer)
          .isEmpty();
    } catch (LinuxException e) {
      if (NetlinkClient.isAbsent(e)) {
        return false;
      }
      throw e;
    }
  }

  /** A chain that only jumps lead to. */
  public NetlinkRequest addChain(String chain) {
    byte[] body = header().attributeString(1, table).attributeString(3, chain).toBytes();
    return new NetlinkRequest("add nft chain " + chain, NEWCHAIN, CREATE, body);
  }

  /**
   * A chain that the kernel calls.
   *
   * @param type "nat" or "filter"
   * @param priority smaller is earlier; -100 is destination NAT, 100 source NAT, -300 before
   *     connection tracking
   */
  public NetlinkRequest addBaseChain(String chain, String type, Hook hook, int priority) {
    NetlinkWriter out = header();
    out.attributeString(1, table)
        .attributeString(3, chain)
        .nest(4, () -> out.attributeBe32(1, hook.number).attributeBe32(2, priority))
        .attributeString(7, type);
    return new NetlinkRequest("add nft chain " + chain, NEWCHAIN, CREATE, out.toBytes());
  }

  /** A set of keys made of {@code key}'s fields. */
  public NetlinkRequest addSet(String set, int id, List<Field> key) {
    NetlinkWriter out = setHeader(set, 0, id, key);
    return new NetlinkRequest("add nft set " + set, NEWSET, CREATE, out.toBytes());
  }

  /** A map from keys to values, both made of fields. */
  public NetlinkRequest addMap(String map, int id, List<Field> key, List<Field> value) {
    NetlinkWriter out =
        setHeader(map, NFT_SET_MAP, id, key)
            .attributeBe32(6, typeOf(value))
            .attributeBe32(7, 4 * value.size());
    return new NetlinkRequest("add nft map " + map, NEWSET, CREATE, out.toBytes());
  }

  private NetlinkWriter setHeader(String set, int flags, int id, List<Field> key) {
    return header()
        .attributeString(1, table)
        .attributeString(2, set)
        .attributeBe32(3, flags)
        .attributeBe32(4, typeOf(key))
        .attributeBe32(5, 4 * key.size())
        .attributeBe32(10, id);
  }

  private static int typeOf(List<Field> fields) {
    return fields.stream().mapToInt(field -> field.id).reduce(0, (all, id) -> (all << 6) | id);
  }

  /**
   * An element of a set (no value) or of a map.
   *
   * @param key fields in network order, each padded to 4 bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // wire form, read once by the encoder
  public record Element(byte[] key, byte[] value) {
    private static final byte[] NONE = {};

    public static Element ofSet(byte[] key) {
      return new Element(key, NONE);
    }
  }

  /** Adds elements; one that is there with the same value stays, with another one it fails. */
  public NetlinkRequest addElements(String set, List<Element> elements) {
    byte[] body = elementBody(set, elements);
    return new NetlinkRequest("add elements to nft map " + set, NEWSETELEM, CREATE, body);
  }

  /** Deletes elements; ENOENT if one is not there. */
  public NetlinkRequest deleteElements(String set, List<Element> elements) {
    List<Element> keys = elements.stream().map(e -> Element.ofSet(e.key)).toList();
    byte[] body = elementBody(set, keys);
    return new NetlinkRequest("delete elements from nft map " + set, DELSETELEM, 0, body);
  }

  private byte[] elementBody(String set, List<Element> elements) {
    NetlinkWriter out = header();
    out.attributeString(1, table)
        .attributeString(2, set)
        .nest(3, () -> elements.forEach(element -> element(out, element)));
    return out.toBytes();
  }

  private static void element(NetlinkWriter out, Element element) {
    out.nest(
        NFTA_LIST_ELEM,
        () -> {
          out.nest(1, () -> out.attribute(1, element.key));
          if (element.value.length > 0) {
            out.nest(2, () -> out.attribute(1, element.value));
          }
        });
  }

  /** A rule at the end of the chain. */
  public NetlinkRequest addRule(String chain, NftRule rule) {
    NetlinkWriter out = header();
    out.attributeString(1, table)
        .attributeString(2, chain)
        .nest(4, () -> out.bytes(rule.expressions()));
    int flags = CREATE | NetlinkRequest.NLM_F_APPEND;
    return new NetlinkRequest("add nft rule to " + chain, NEWRULE, flags, out.toBytes());
  }

  private static NetlinkWriter header() {
    return new NetlinkWriter().u8(NFPROTO_IPV4).u8(0).u16(0);
  }
}
