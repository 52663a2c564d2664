#!/bin/bash
# build.sh: makes build/dist, a tree that runs from any place on any x86-64 Linux: programs, jars, a Java runtime with
# only the modules needed, native libraries already unpacked, and an AOT cache for a fast start.
# Environment: ONGGI_MAVEN_DONE=1 takes the jars that `mvn verify` has just made.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
cd "$top"
. "$here/flags.sh"
dist=$top/build/dist
new=$top/build/dist.new
version=$(sed -n 's:^  <version>\(.*\)</version>.*:\1:p' pom.xml | head -n 1)
jar=onggi-cri-server-$version.jar

say() { echo "build: $*"; }

compile() {
  say "Java and shim"
  if [ "${ONGGI_MAVEN_DONE:-}" != 1 ]; then
    rm -rf cri-server/target/lib
    mvn -q -B -ntp -Dstyle.color=never -Dspotless.check.skip -DskipTests -pl cri-server -am package
  fi
  make -s -C shim all
}

lay_out() {
  rm -rf "$new"
  mkdir -p "$new"/{bin,etc,lib/native}
  cp cri-server/target/lib/*.jar "$new/lib/"
  cp "cri-server/target/$jar" "$new/lib/"
  cp shim/target/native/onggi-shim "$new/bin/"
  cp deploy/config.toml "$new/etc/config.toml"
  cp LICENSE "$new/"
  native jna-*.jar com/sun/jna/linux-x86-64/libjnidispatch.so
  native netty-transport-native-epoll-*-linux-x86_64.jar META-INF/native/libnetty_transport_native_epoll_x86_64.so
  launcher onggid "$onggid_main" "$onggid_flags"
  launcher onggi "$onggi_main" "$onggi_flags"
}

# native JAR ENTRY: unpacks a native library now, so that nothing is unpacked into /tmp at every start (it may be noexec).
native() {
  python3 - "$new/lib/native" "$2" "$new"/lib/$1 <<'PY'
import os, sys, zipfile
folder, entry, jar = sys.argv[1:]
path = os.path.join(folder, os.path.basename(entry))
with zipfile.ZipFile(jar) as z, open(path, "wb") as out:
    out.write(z.read(entry))
os.chmod(path, 0o755)
PY
}

launcher() { # launcher NAME MAIN FLAGS
  local flags
  flags=$(echo $3)
  sed -e "s|@NAME@|$1|g; s|@MAIN@|$2|g; s|@JAR@|$jar|g; s|@FLAGS@|$flags|" "$here/launcher.sh" >"$new/bin/$1"
  chmod 755 "$new/bin/$1"
}

java_runtime() {
  local key
  key=$(cat "$JAVA_HOME/release" <(echo "$runtime_modules") | sha256sum | cut -d' ' -f1)
  if [ "$(cat build/runtime/.key 2>/dev/null)" != "$key" ]; then
    say "Java runtime (jlink)"
    rm -rf build/runtime
    jlink --add-modules "$runtime_modules" --strip-debug --no-header-files --no-man-pages --compress zip-0 \
      --vm server --output build/runtime
    rm -f build/runtime/lib/server/classes*.jsa
    echo "$key" >build/runtime/.key
  fi
  cp -a build/runtime "$new/runtime"
}

# The cache holds classes parsed and linked by a real start. Without one the programs start too, only slower.
aot_cache() {
  say "AOT cache (a training start of the daemon)"
  "$here/train.sh" "$new" >build/train.log 2>&1 || {
    rm -f "$new"/lib/*.aot "$new"/lib/*.aot.config
    say "no AOT cache, programs will start slower; see build/train.log"
    tail -n 5 build/train.log >&2
  }
}

start=$SECONDS
compile
lay_out
java_runtime
rm -rf "$dist"
mv "$new" "$dist"
new=$dist
aot_cache
touch "$dist/.complete"
say "build/dist is ready, $(du -sm "$dist" | cut -f1) MiB, $((SECONDS - start)) s"
