"""Deterministic layers: a folder or a list of entries -> tar (+gzip), the same bytes each time."""
import gzip
import hashlib
import os
import stat
import tarfile

EPOCH = 1700000000  # mtime of every entry, seconds


class Hashing:
    """A writer that hashes what passes."""

    def __init__(self, to):
        self.to, self.sha, self.size = to, hashlib.sha256(), 0

    def write(self, data):
        self.sha.update(data)
        self.size += len(data)
        return self.to.write(data)

    def flush(self):
        self.to.flush()

    def digest(self):
        return 'sha256:' + self.sha.hexdigest()


def add(tar, info, data=None):
    """Adds an entry owned by root, dated EPOCH."""
    info.uid = info.gid = 0
    info.uname = info.gname = ''
    info.mtime = EPOCH
    tar.addfile(info, data)


def add_tree(tar, top):
    """Adds everything below a folder, sorted; a second name of a file becomes a hard link."""
    inodes = {}

    def walk(folder):
        for e in sorted(os.scandir(folder), key=lambda e: e.name):
            st = e.stat(follow_symlinks=False)
            info = tarfile.TarInfo(os.path.relpath(e.path, top))
            info.mode = stat.S_IMODE(st.st_mode)
            if e.is_symlink():
                info.type, info.linkname = tarfile.SYMTYPE, os.readlink(e.path)
                add(tar, info)
            elif e.is_dir():
                info.type = tarfile.DIRTYPE
                add(tar, info)
                walk(e.path)
            elif e.is_file() and st.st_ino in inodes:
                info.type, info.linkname = tarfile.LNKTYPE, inodes[st.st_ino]
                add(tar, info)
            elif e.is_file():
                inodes[st.st_ino] = info.name
                info.size = st.st_size
                with open(e.path, 'rb') as f:
                    add(tar, info, f)

    walk(top)


def write_layer(path, fill):
    """Writes a gzipped tar that fill(tar) fills; returns its size in bytes, digest and diff id."""
    with open(path, 'wb') as file:
        packed = Hashing(file)
        with gzip.GzipFile('', 'wb', 6, packed, mtime=0) as gz:
            plain = Hashing(gz)
            with tarfile.open(fileobj=plain, mode='w|', format=tarfile.PAX_FORMAT) as tar:
                fill(tar)
    return {'size': packed.size, 'digest': packed.digest(), 'diff_id': plain.digest()}
