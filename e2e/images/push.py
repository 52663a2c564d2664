"""push.py REGISTRY WORKDIR BIG: packs WORKDIR/roots into layers and pushes the critest images."""
import hashlib
import http.client
import json
import os
import sys
import tarfile

import layer as layers

REGISTRY, WORK, BIG = sys.argv[1], sys.argv[2], sys.argv[3] == '1'
CREATED = '2023-11-14T22:13:20Z'
PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
OCI = ('application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.config.v1+json',
       'application/vnd.oci.image.layer.v1.tar+gzip')
DOCKER = ('application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.docker.container.image.v1+json',
          'application/vnd.docker.image.rootfs.diff.tar.gzip')


class Marker(str):
    """A layer of one empty file, so that images differ."""


def layer(name):
    """A layer of roots/NAME or of a Marker, packed once; roots.sh removes those that are out of date."""
    path = f'{WORK}/layers/{name}.tar.gz'
    facts = f'{WORK}/layers/{name}.json'
    if not os.path.exists(facts):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(name, Marker):
            found = layers.write_layer(path, lambda tar: layers.add(tar, tarfile.TarInfo(name)))
        else:
            found = layers.write_layer(path, lambda tar: layers.add_tree(tar, f'{WORK}/roots/{name}'))
        with open(facts, 'w') as f:
            json.dump(found, f)
    with open(facts) as f:
        return {**json.load(f), 'path': path}


def request(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(REGISTRY, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def push_blob(repository, digest, size, body):
    if request('HEAD', f'/v2/{repository}/blobs/{digest}').status == 200:
        return
    at = request('POST', f'/v2/{repository}/blobs/uploads/').getheader('Location')
    at = at[at.index('/v2/'):]
    answer = request('PUT', at + ('&' if '?' in at else '?') + 'digest=' + digest, body,
                     {'Content-Type': 'application/octet-stream', 'Content-Length': str(size)})
    if answer.status != 201:
        sys.exit(f'push: registry {REGISTRY} refuses blob {digest} of {repository}: {answer.status}')


def sha256(data):
    return 'sha256:' + hashlib.sha256(data).hexdigest()


def config_of(stack, cmd, entry, user, env, ports):
    run = {'Env': [env], 'Cmd': cmd, 'Entrypoint': entry, 'User': user, 'ExposedPorts': {f'{p}/tcp': {} for p in ports}}
    return json.dumps({
        'architecture': 'amd64', 'os': 'linux', 'created': CREATED, 'config': {k: v for k, v in run.items() if v},
        'rootfs': {'type': 'layers', 'diff_ids': [s['diff_id'] for s in stack]},
        'history': [{'created': CREATED, 'created_by': 'mkimages.sh'} for _ in stack]}, separators=(',', ':')).encode()


def image(refs, names, cmd=None, entry=None, user=None, env=PATH, ports=(), types=DOCKER):
    """Pushes one image under each reference; adds its manifest's digest to DIGESTS."""
    stack = [layer(n) for n in names]
    config = config_of(stack, cmd, entry, user, env, ports)
    manifest = json.dumps({
        'schemaVersion': 2, 'mediaType': types[0],
        'config': {'mediaType': types[1], 'size': len(config), 'digest': sha256(config)},
        'layers': [{'mediaType': types[2], 'size': s['size'], 'digest': s['digest']} for s in stack]}, indent=1).encode()
    for ref in refs:
        repository, tag = ref.rsplit(':', 1)
        DIGESTS[ref] = sha256(manifest)
        if request('HEAD', f'/v2/{repository}/manifests/{tag}', headers={'Accept': types[0]}).getheader(
                'Docker-Content-Digest') == DIGESTS[ref]:
            continue
        for s in stack:
            with open(s['path'], 'rb') as f:
                push_blob(repository, s['digest'], s['size'], f)
        push_blob(repository, sha256(config), len(config), config)
        answer = request('PUT', f'/v2/{repository}/manifests/{tag}', manifest, {'Content-Type': types[0]})
        if answer.status != 201:
            sys.exit(f'push: registry {REGISTRY} refuses manifest {ref}: {answer.status}')
        print(f'{ref:55s} {DIGESTS[ref]} {sum(s["size"] for s in stack) / 1e6:8.2f} MB {len(stack)} layers', flush=True)


DIGESTS = {}
TESTS, TOOLS, SH = 'e2e-test-images/', 'k8s-staging-cri-tools/', ['sh']
image([TESTS + 'busybox:1.29-2', 'library/busybox:latest'], ['busybox'], cmd=SH)
image(['pause:3.9'], ['pause'], entry=['/pause'], user='65535:65535')
# a runtime's own sandbox image must have another id than pause:3.9: one spec counts the tags of that id
image(['pause:3.10', 'pause:3.10.1', 'pause:3.10.2'], ['pause'], entry=['/pause'], user='65535:65535', env='PATH=/')
NGINX = ['nginx', '-g', 'daemon off;']
image([TESTS + 'nginx:1.14-2'], ['busybox', 'webbase', 'nginx'], cmd=NGINX, ports=[80])
image([TOOLS + 'hostnet-nginx-amd64:latest'], ['busybox', 'webbase', 'nginx', 'hostnet'], cmd=NGINX)
image([TESTS + 'httpd:2.4.39-4'], ['busybox', 'webbase', 'httpd'],
      cmd=['httpd', '-D', 'FOREGROUND', '-f', '/etc/httpd/httpd.conf'], ports=[80])
image([TESTS + 'nonewprivs:1.3'], ['busybox', 'nonewprivs'], entry=['/nnp'])
for kind, who in (('uid', '1002'), ('username', 'www-data'), ('uid-group', '1003:1004'), ('username-group', 'www-data:1004')):
    image([TOOLS + f'test-image-user-{kind}:latest'], ['busybox'], cmd=SH, user=who)
image([TOOLS + 'test-image-predefined-group:latest'], ['busybox', 'group'], cmd=SH, user='1000')
for n in ('1', '2', '3', 'latest', 'digest'):
    image([TOOLS + f'test-image-{n}:latest'], ['busybox', Marker(f'test-image-{n}')], cmd=SH, types=OCI if n == '2' else DOCKER)
for n in ('test', 'all'):
    image([TOOLS + f'test-image-tag:{n}'], ['busybox', Marker(n)], cmd=SH)
image([TOOLS + f'test-image-tags:{n}' for n in (1, 2, 3)], ['busybox', Marker('same-image')], cmd=SH)
for n in ('1.35.0-glibc', '1-uclibc', '1', '1-glibc', '1-musl'):
    image([f'docker/library/busybox:{n}'], ['busybox', Marker('bb-' + n)], cmd=SH)
if BIG:
    image(['library/bigimage:1'], ['busybox'] + [f'big{i}' for i in range(1, 7)], cmd=SH)
with open(WORK + '/digests.json', 'w') as f:
    json.dump(DIGESTS, f, indent=1)
print(f'{len(DIGESTS)} references on {REGISTRY}')
