#!/bin/sh
# find-jdk.sh: prints the JDK that builds Onggi: $JAVA_HOME if it is 25 or newer, else the newest >= 25 under /usr/lib/jvm.
set -eu
version() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null; }
usable() { [ -x "$1/bin/javac" ] && v=$(version "$1") && [ -n "$v" ] && [ "$v" -ge 25 ]; }
if [ -n "${JAVA_HOME:-}" ] && usable "$JAVA_HOME"; then echo "$JAVA_HOME"; exit 0; fi
best= best_version=0
for d in /usr/lib/jvm/*; do
  if usable "$d" && [ "$v" -gt "$best_version" ]; then best=$d best_version=$v; fi
done
[ -n "$best" ] || { echo "Onggi needs a JDK 25 or newer and none is under /usr/lib/jvm: install one (Debian 13+: apt-get install openjdk-25-jdk-headless; else the temurin-25-jdk package of Adoptium) or set JAVA_HOME." >&2; exit 1; }
echo "$best"
