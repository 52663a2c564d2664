package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.grpc.MethodDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * No field that a client can send is silently ignored: each is read by this package (and then
 * carried out, echoed or refused), or is named below with the reason why not.
 */
class EveryFieldTest {
  private static final String REFUSED = "the RPC is refused by a sentence";
  private static final String NO_PROCESS = "the pod's own process is the runtime's, not the user's";

  /** Whole messages, by the name of the field that leads to them, with their reason. */
  private static final Map<String, String> NOT_ENTERED =
      Map.ofEntries(
          Map.entry("PodSandboxConfig.windows", "a Windows node's"),
          Map.entry("ContainerConfig.windows", "a Windows node's"),
          Map.entry("UpdateContainerResourcesRequest.windows", "a Windows node's"),
          Map.entry(
              "CreateContainerRequest.sandbox_config",
              "a copy of what RunPodSandbox was told; the sandbox itself is asked"),
          Map.entry("PullImageRequest.sandbox_config", "images are the node's, not a pod's"),
          Map.entry("RestorePodRequest.config", REFUSED),
          Map.entry("RestorePodRequest.container_configs", REFUSED));

  /** Single fields that have nothing to say here. */
  private static final Map<String, String> NOT_READ =
      Map.ofEntries(
          Map.entry("VersionRequest.version", "informative: the kubelet's own version of the API"),
          Map.entry("AuthConfig.server_address", "the image's name says which registry"),
          Map.entry("LinuxSandboxSecurityContext.readonly_rootfs", NO_PROCESS),
          Map.entry("LinuxSandboxSecurityContext.supplemental_groups", NO_PROCESS),
          Map.entry("LinuxSandboxSecurityContext.supplemental_groups_policy", NO_PROCESS),
          Map.entry("UpdateContainerResourcesRequest.annotations", "those of the container stay"),
          Map.entry("CheckpointContainerRequest.location", REFUSED),
          Map.entry("CheckpointContainerRequest.timeout", REFUSED),
          Map.entry("CheckpointPodRequest.container_ids", REFUSED),
          Map.entry("CheckpointPodRequest.options", REFUSED),
          Map.entry("CheckpointPodRequest.output_path", REFUSED),
          Map.entry("RestorePodRequest.options", REFUSED),
          Map.entry("RestorePodRequest.runtime_handler", REFUSED));

  /** Not built yet; a name leaves this set with the commit that reads it. */
  private static final Set<String> LATER = Set.of();

  /** Getters of generated messages that this package calls, as {@code Message.getter}. */
  private static Set<String> called() {
    Set<String> called = new TreeSet<>();
    new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages("io.onggi.rpc")
        .forEach(
            type -> {
              for (JavaAccess<?> access : type.getAccessesFromSelf()) {
                String owner = access.getTargetOwner().getName();
                if (owner.startsWith("io.onggi.proto.")) {
                  called.add(
                      owner.substring(15).replaceFirst("\\$.*", "") + "." + access.getName());
                }
              }
            });
    return called;
  }

  /** Every field of every request, by {@code Message.field}. */
  private static Map<String, FieldDescriptor> sent() {
    Map<String, FieldDescriptor> fields = new LinkedHashMap<>();
    for (MethodDescriptor<?, ?> rpc : Attack.rpcs()) {
      Message request = Attack.prototype(rpc);
      collect(request.getDescriptorForType(), fields);
    }
    return fields;
  }

  private static void collect(Descriptor type, Map<String, FieldDescriptor> into) {
    for (FieldDescriptor field : type.getFields()) {
      String name = name(field);
      if (into.put(name, field) == null
          && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
          && !field.isMapField()
          && !NOT_ENTERED.containsKey(name)) {
        collect(field.getMessageType(), into);
      }
    }
  }

  private static String name(FieldDescriptor field) {
    return field.getContainingType().getName() + "." + field.getName();
  }

  private static boolean isRead(FieldDescriptor field, Set<String> called) {
    StringBuilder camel = new StringBuilder();
    for (String word : field.getName().split("_")) {
      camel.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    String type = field.getContainingType().getName() + ".";
    for (String suffix : Set.of("", "List", "Map", "Count", "Value", "Bytes")) {
      if (called.contains(type + "get" + camel + suffix)) {
        return true;
      }
    }
    return called.contains(type + "has" + camel);
  }

  @Test
  void every_field_is_read_or_named_with_the_reason_why_not() {
    Set<String> called = called();
    Set<String> ignored = new TreeSet<>();
    Set<String> stale = new TreeSet<>();
    sent()
        .forEach(
            (name, field) -> {
              boolean listed = NOT_READ.containsKey(name) || NOT_ENTERED.containsKey(name);
              boolean read = isRead(field, called);
              if (!read && !listed && !LATER.contains(name)) {
                ignored.add(name);
              }
              if (read && listed) {
                stale.add(name);
              }
            });
    assertEquals(Set.of(), ignored, "silently ignored; carry out, refuse, or give a reason");
    assertEquals(Set.of(), stale, "read by now; take it off the list");
  }

  @Test
  void every_name_on_the_lists_is_a_field() {
    Set<String> unknown = new TreeSet<>(NOT_READ.keySet());
    unknown.addAll(NOT_ENTERED.keySet());
    unknown.addAll(LATER);
    unknown.removeAll(sent().keySet());
    assertEquals(Set.of(), unknown);
  }
}
