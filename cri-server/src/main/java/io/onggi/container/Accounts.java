package io.onggi.container;

import io.onggi.error.CriException;
import io.onggi.image.content.ImageConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Users and groups of an image: its /etc/passwd and /etc/group (man 5 passwd, man 5 group), and
 * from them who a container's process is. Pure.
 */
final class Accounts {
  private record User(String name, long uid, long gid, String home) {}

  private record Group(String name, long gid, List<String> members) {}

  private static final long MAX_ID = 0xFFFF_FFFEL;

  private final List<User> users = new ArrayList<>();
  private final List<Group> groups = new ArrayList<>();

  /** Reads both files; a malformed line is skipped, as libc does. */
  Accounts(String passwd, String group) {
    for (String line : passwd.split("\n")) {
      String[] field = line.split(":", -1);
      if (field.length >= 4 && isNumber(field[2]) && isNumber(field[3])) {
        String home = field.length > 5 ? field[5] : "";
        users.add(new User(field[0], Long.parseLong(field[2]), Long.parseLong(field[3]), home));
      }
    }
    for (String line : group.split("\n")) {
      String[] field = line.split(":", -1);
      if (field.length >= 3 && isNumber(field[2])) {
        List<String> members =
            field.length > 3 ? Arrays.asList(field[3].trim().split(",")) : List.of();
        groups.add(new Group(field[0], Long.parseLong(field[2]), members));
      }
    }
  }

  /**
   * Who the process is: the spec's user before the image's, ids before names; groups merged with
   * the image's unless the spec is strict (CRI SupplementalGroupsPolicy).
   *
   * @throws CriException.InvalidArgument when a named user or group is not in the image
   */
  Identity resolve(ContainerSpec.SecuritySpec security, ImageConfig image, String title) {
    String imageUser = image.user();
    String userPart = imageUser.contains(":") ? imageUser.split(":", 2)[0] : imageUser;
    String groupPart = imageUser.contains(":") ? imageUser.split(":", 2)[1] : "";
    String wanted;
    if (security.runAsUser().isPresent()) {
      wanted = Long.toString(security.runAsUser().get());
      groupPart = "";
    } else if (!security.runAsUsername().isEmpty()) {
      wanted = security.runAsUsername();
      groupPart = "";
    } else {
      wanted = userPart.isEmpty() ? "0" : userPart;
    }
    boolean named = security.runAsUser().isEmpty() && !security.runAsUsername().isEmpty();
    boolean numeric = isNumber(wanted) && !named;
    Optional<User> user = numeric ? user(Long.parseLong(wanted)) : user(wanted);
    if (user.isEmpty() && !numeric) {
      throw new CriException.InvalidArgument(
          "container "
              + title
              + ": user \""
              + wanted
              + "\" is not in the image's /etc/passwd; use a numeric id or another image");
    }
    long uid = id("user", numeric ? Long.parseLong(wanted) : user.orElseThrow().uid(), title);
    long gid = id("group", gid(security, groupPart, user, title), title);
    // The primary group is among the groups that the kernel keeps and that status reports.
    Set<Long> all = new LinkedHashSet<>();
    all.add(gid);
    all.addAll(security.supplementalGroups());
    if (!security.strictGroups() && user.isPresent()) {
      String name = user.get().name();
      groups.stream().filter(g -> g.members().contains(name)).forEach(g -> all.add(g.gid()));
    }
    String home = user.map(User::home).filter(h -> h.startsWith("/")).orElse("/");
    return new Identity(uid, gid, List.copyOf(all), home);
  }

  private long gid(
      ContainerSpec.SecuritySpec security, String groupPart, Optional<User> user, String title) {
    if (security.runAsGroup().isPresent()) {
      return security.runAsGroup().get();
    }
    if (groupPart.isEmpty()) {
      return user.map(User::gid).orElse(0L);
    }
    if (isNumber(groupPart)) {
      return Long.parseLong(groupPart);
    }
    Optional<Group> named = groups.stream().filter(g -> g.name().equals(groupPart)).findFirst();
    if (named.isPresent()) {
      return named.get().gid();
    }
    throw new CriException.InvalidArgument(
        "container " + title + ": group \"" + groupPart + "\" is not in the image's /etc/group");
  }

  private Optional<User> user(String name) {
    return users.stream().filter(u -> u.name().equals(name)).findFirst();
  }

  /** A number is never a name: an image could call its root "1000" and pass for somebody else. */
  private Optional<User> user(long uid) {
    return users.stream().filter(u -> u.uid() == uid).findFirst();
  }

  /** 2^32-1 means "leave as it is" to setresuid(2): the process would stay root. */
  private static long id(String what, long id, String title) {
    if (id > MAX_ID) {
      throw new CriException.InvalidArgument(
          "container " + title + ": " + what + " id " + id + " is not within 0-" + MAX_ID);
    }
    return id;
  }

  private static boolean isNumber(String text) {
    return text.matches("[0-9]{1,10}");
  }
}
