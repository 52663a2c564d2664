# flags.sh: the JVM's flags for each program, sourced by build.sh. Measured: docs/SPECIFICATION.md, "The daemon's own cost".
# An AOT cache is good only for the flags that it was trained with, so training and launchers both take them from here.

# Serial collector and C1 only: the daemon waits for the kernel, it does not compute. No perf data file in /tmp.
# After a burst of work the heap is collected and shrinks (io.onggi.daemon.RestingHeap, the free ratios), and the
# native heap is trimmed every 2 s: what the C1 compiler took is given back (6 MB of 94 after 50 pods).
# Out of memory ends the daemon: everything alive belongs to the shims, so a restart is the repair.
common_flags="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xss512k
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
  -Djna.nosys=true -Djna.nounpack=true -Dio.netty.allocator.type=unpooled -Dio.netty.noPreferDirect=true"
onggid_flags="$common_flags -Xms8m -Xmx96m -XX:ReservedCodeCacheSize=32m -XX:+ExitOnOutOfMemoryError
  -XX:TrimNativeHeapInterval=2000 -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20"
onggi_flags="$common_flags -Xms8m -Xmx64m -XX:ReservedCodeCacheSize=16m"

onggid_main=io.onggi.daemon.Onggid
onggi_main=io.onggi.daemon.cli.Onggi

# What the programs and their libraries reach: JNDI and management are asked for by netty and gRPC by name.
runtime_modules=java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.crypto.ec,jdk.unsupported
