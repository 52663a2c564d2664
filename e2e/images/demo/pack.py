"""pack.py OUT.tar LAYER_DIR...: one image as OCI layout and docker-archive in one tar."""
import hashlib
import io
import json
import os
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import layer as layers  # noqa: E402

NAME = 'docker.io/onggi/demo:1'
CREATED = '2023-11-14T22:13:20Z'
MANIFEST = 'application/vnd.oci.image.manifest.v1+json'


def layer_tar(folder):
    """The folder as an uncompressed tar, so that digest and diff id are the same."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w', format=tarfile.PAX_FORMAT) as tar:
        layers.add_tree(tar, folder)
    return buffer.getvalue()


def main():
    blobs = {}

    def blob(data, media_type):
        digest = 'sha256:' + hashlib.sha256(data).hexdigest()
        blobs['blobs/' + digest.replace(':', '/')] = data
        return {'mediaType': media_type, 'digest': digest, 'size': len(data)}

    stack = [blob(layer_tar(d), 'application/vnd.oci.image.layer.v1.tar') for d in sys.argv[2:]]
    config = blob(as_json({
        'architecture': 'amd64', 'os': 'linux', 'created': CREATED,
        'config': {'Env': ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], 'Cmd': ['sh']},
        'rootfs': {'type': 'layers', 'diff_ids': [s['digest'] for s in stack]},
        'history': [{'created': CREATED, 'created_by': 'mkdemo.sh'} for _ in stack]}),
        'application/vnd.oci.image.config.v1+json')
    manifest = blob(as_json({'schemaVersion': 2, 'mediaType': MANIFEST, 'config': config, 'layers': stack}), MANIFEST)
    names = {'io.containerd.image.name': NAME, 'org.opencontainers.image.ref.name': NAME}
    files = {
        'oci-layout': as_json({'imageLayoutVersion': '1.0.0'}),
        'index.json': as_json({'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.index.v1+json',
                               'manifests': [{**manifest, 'annotations': names}]}),
        'manifest.json': as_json([{'Config': path_of(config), 'RepoTags': [NAME], 'Layers': [path_of(s) for s in stack]}]),
        **blobs}
    with tarfile.open(sys.argv[1], 'w', format=tarfile.PAX_FORMAT) as tar:
        for name in files:  # what names the blobs comes first, for readers in one pass
            info = tarfile.TarInfo(name)
            info.size = len(files[name])
            layers.add(tar, info, io.BytesIO(files[name]))
    print(f'{NAME} {manifest["digest"]} {os.path.getsize(sys.argv[1]) / 1e6:.1f} MB, {len(stack)} layers: {sys.argv[1]}')


def path_of(descriptor):
    return 'blobs/' + descriptor['digest'].replace(':', '/')


def as_json(value):
    return json.dumps(value, separators=(',', ':')).encode()


main()
