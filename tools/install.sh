#!/bin/sh
# install.sh DESTDIR PREFIX: puts build/dist into PREFIX/lib/onggi with links in PREFIX/bin, the systemd unit and, only where
# there is none yet, /etc/onggi/config.toml. Running containers and a running daemon are not touched.
set -eu
cd "$(dirname "$0")/.."
destdir=$1 prefix=$2
lib=$destdir$prefix/lib/onggi
mkdir -p "$destdir$prefix/lib" "$destdir$prefix/bin" "$destdir$prefix/lib/systemd/system" "$destdir/etc/onggi"
rm -rf "$lib.new"
cp -a build/dist "$lib.new" # -a: the AOT cache is good only for jars with their own times
rm -f "$lib.new/.complete"
if [ -d "$lib" ]; then
  rm -rf "$lib.old"
  mv "$lib" "$lib.old"
fi
mv "$lib.new" "$lib"
rm -rf "$lib.old"
for program in onggid onggi onggi-shim; do ln -sf "../lib/onggi/bin/$program" "$destdir$prefix/bin/$program"; done
sed "s|@PREFIX@|$prefix|g" deploy/onggi.service >"$destdir$prefix/lib/systemd/system/onggi.service"
[ -e "$destdir/etc/onggi/config.toml" ] || cp deploy/config.toml "$destdir/etc/onggi/config.toml"
echo "installed: $destdir$prefix/bin/onggid; the unit is $destdir$prefix/lib/systemd/system/onggi.service"
