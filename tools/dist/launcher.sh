#!/bin/sh
# @NAME@: starts @MAIN@ on the Java runtime beside it, wherever this tree was put and through whatever symlinks.
self=$0
while [ -L "$self" ]; do
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=$(dirname "$self")/$link ;;
  esac
done
home=$(cd "$(dirname "$self")/.." && pwd -P) || exit 1
# Names of files in images are bytes; Java reads them as UTF-8 only under a UTF-8 locale.
LC_ALL=C.UTF-8
export LC_ALL
# An AOT cache makes the start fast. One that does not fit (a copy with new file times) is passed over without a word.
aot=$home/lib/@NAME@.aot
if [ -n "${ONGGI_RECORD_AOT:-}" ]; then
  cache=-XX:AOTCacheOutput=$aot
elif [ -r "$aot" ]; then
  cache=-XX:AOTCache=$aot
else
  cache=-Xshare:auto
fi
# shellcheck disable=SC2086
exec "$home/runtime/bin/java" @FLAGS@ \
  "$cache" -Xlog:disable '-Xlog:all=error,aot*=off,cds*=off:stderr' \
  -Djava.library.path="$home/lib/native" -Djna.boot.library.path="$home/lib/native" \
  -Donggi.home="$home" -Donggi.shim="$home/bin/onggi-shim" ${ONGGI_JAVA_OPTS:-} \
  -cp "$home/lib/@JAR@" @MAIN@ "$@"
