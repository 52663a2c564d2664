"""report.py DIR DENSITY: the table of a bench run from DIR/{peer,onggi}-{seq,conc,density}-ROUND.json and floor-ROUND.json.

Times of all rounds are pooled before the median is taken. Exit 1 if a call of a run failed."""
import glob
import json
import statistics
import sys

DIR, DENSITY = sys.argv[1], int(sys.argv[2])


def runs(name):
    found = []
    for path in sorted(glob.glob(f'{DIR}/{name}-*.json')):
        with open(path) as f:
            found.append(json.load(f))
    return found


def p50(runtime, operation):
    times = [t for r in runs(runtime + '-seq') for t in r['samples'].get(operation) or []]
    return statistics.median(times) if times else None


def pods_per_second(runtime):
    rates = [r['pods_per_s'] for r in runs(runtime + '-conc')]
    return statistics.mean(rates) if rates else None


def memory(runtime, measure='pss_kb'):
    """MiB of everything but the workload, at DENSITY pods; the median of the rounds."""
    totals = []
    for r in runs(runtime + '-density'):
        level = next(v for v in r['levels'] if v['pods'] == DENSITY)
        totals.append(sum(v[measure] for k, v in level.items() if isinstance(v, dict) and 'procs' in v
                          and k not in ('workload', 'tool')) / 1024)
    return statistics.median(totals) if totals else None


def memory_by_class(runtime):
    last = next(v for v in runs(runtime + '-density')[-1]['levels'] if v['pods'] == DENSITY)
    return ', '.join(f'{k} {v["pss_kb"] / 1024:.1f} ({v["procs"]})' for k, v in sorted(last.items())
                     if isinstance(v, dict) and v.get('procs') and k != 'tool')


def stream(runtime, protocol, direction):
    """MB/s, the median of the rounds."""
    rates = [r['mb_per_s'].get(f'{protocol} {direction}') for r in runs(f'{runtime}-{protocol}')]
    rates = [rate for rate in rates if rate]
    return statistics.median(rates) if rates else None


def print_streams():
    """Bars that are no ratios; returns the lines of the summary."""
    summary = []
    for protocol in ('spdy', 'websocket'):
        for direction, bar in (('stdout', 200), ('stdin', None)):
            peer, onggi = stream('peer', protocol, direction), stream('onggi', protocol, direction)
            verdict = '' if bar is None or onggi is None else 'bar met' if onggi >= bar else 'bar missed'
            label = f'50 MiB exec {direction}, {protocol}, MB/s'
            print(f'{label:36s} {text(peer):>9s} {text(onggi):>9s} {">=" + str(bar) if bar else "":>6s}  {verdict}')
            summary.append({'figure': label, 'peer': peer, 'onggi': onggi, 'bar': bar, 'verdict': verdict})
    for r in runs('onggi-leak'):
        before, after = r['before'], r['after']
        growth = after['rss_kb'] / before['rss_kb'] - 1
        verdict = 'bar met' if growth <= 0.1 else 'bar missed'
        print(f'after {r["execs"]} execs: daemon {before["rss_kb"]} -> {after["rss_kb"]} KiB ({growth:+.1%}, bar +10%), '
              f'threads {before["threads"]} -> {after["threads"]}, descriptors {before["fds"]} -> {after["fds"]}  {verdict}')
        summary.append({'figure': 'RSS growth by execs', 'onggi': growth, 'bar': 0.1, 'verdict': verdict})
    for r in runs('onggi-sessions'):
        rss = [r[when]['rss_kb'] for when in ('before', 'during', 'after')]
        print(f'1000 sessions at once: daemon {rss[0]} -> {rss[1]} KiB, {rss[2]} afterwards; '
              f'open {text(r["ms"]["Open"]["p50"])} ms, echo {text(r["ms"]["Echo"]["p50"])} ms (p50)')
        summary.append({'figure': '1000 sessions, KiB', 'onggi': rss[1]})
    return summary


def floor(operation):
    found = [r[operation]['p50'] for r in runs('floor') if operation in r]
    return statistics.median(found) if found else None


def floor_rate():
    parts = [floor(o) for o in ('PodToRunning', 'ExecSync', 'PodTeardown')]
    return None if None in parts else 1000 / sum(parts)


def errors():
    found = []
    for kind in ('seq', 'conc', 'density', 'lists', 'spdy', 'websocket', 'leak', 'sessions'):
        for runtime in ('peer', 'onggi'):
            for r in runs(f'{runtime}-{kind}'):
                if r['ms'].get('errors'):
                    found.append(f'{runtime} {kind}: {r["ms"]["errors"]} {r["ms"]["last_error"]}')
    return found


def listed(runtime, operation):
    times = [t for r in runs(runtime + '-lists') for t in r['samples'].get(operation) or []]
    return statistics.median(times) if times else None


def lists():
    """The kubelet's repeated questions: bars are milliseconds at p50, whatever the peer takes."""
    for label, operation, bar in (('ListContainerStats, 100 pods', 'ListContainerStats', 15),
                                  ('ListContainers, 1000', 'ListContainers', 10),
                                  ('ListPodSandboxStats, 100', 'ListPodSandboxStats', None),
                                  ('ListPodSandboxMetrics, 100', 'ListPodSandboxMetrics', None)):
        onggi = listed('onggi', operation)
        verdict = '' if bar is None or onggi is None else 'bar met' if onggi <= bar else 'bar missed'
        print(f'{label + ", ms":32s} {text(listed("peer", operation), 2):>9s} {text(onggi, 2):>9s} '
              f'{"<= " + str(bar) if bar else "":>8s}  {verdict}')


def text(value, digits=1):
    return '-' if value is None else f'{value:.{digits}f}'


def main():
    # name, peer, onggi, floor, factor that Onggi must be better by, larger is better
    lines = [(label, p50('peer', op), p50('onggi', op), floor(op), factor, False) for label, op, factor in (
        ('pod to running, ms', 'PodToRunning', 5), ('exec of /bin/true, ms', 'ExecSync', 5),
        ('stop and remove, ms', 'PodTeardown', 6), ('  RunPodSandbox', 'RunPodSandbox', None),
        ('  CreateContainer', 'CreateContainer', None), ('  StartContainer', 'StartContainer', None),
        ('  StopContainer', 'StopContainer', None), ('  StopPodSandbox', 'StopPodSandbox', None),
        ('  RemovePodSandbox', 'RemovePodSandbox', None))]
    lines[3:3] = [('pods/s, 10 workers', pods_per_second('peer'), pods_per_second('onggi'), floor_rate(), 5, True),
                  (f'PSS at {DENSITY} pods, MiB', memory('peer'), memory('onggi'), None, 2, False)]
    print(f'\n{"p50":26s} {"peer":>9s} {"onggi":>9s} {"ratio":>7s} {"bar":>6s} {"floor":>9s}')
    summary = []
    for label, peer, onggi, low, factor, larger in lines:
        ratio = None if not peer or not onggi else onggi / peer if larger else peer / onggi
        verdict = '' if factor is None or ratio is None else 'bar met' if ratio >= factor else 'bar missed'
        digits = 1 if label.startswith('PSS') else 2
        print(f'{label:26s} {text(peer, digits):>9s} {text(onggi, digits):>9s} {text(ratio) + "x" if ratio else "-":>7s} '
              f'{">=" + str(factor) + "x" if factor else "":>6s} {text(low, digits):>9s}  {verdict}')
        summary.append({'figure': label.strip(), 'peer': peer, 'onggi': onggi, 'floor': low, 'ratio': ratio, 'bar': factor,
                        'verdict': verdict})
    lists()
    summary += print_streams()
    for runtime in ('peer', 'onggi'):
        if runs(runtime + '-density'):
            print(f'{runtime}: {runs(runtime + "-seq")[0]["runtime"]}; PSS MiB (processes): {memory_by_class(runtime)}')
    loads = [r['load_start'].split()[0] for r in runs('peer-seq') + runs('onggi-seq')]
    print(f'load at the start of the sequential runs: {" ".join(loads)}; the floor of pods/s is one after the other')
    with open(f'{DIR}/summary.json', 'w') as f:
        json.dump(summary, f, indent=1)
    failed = errors()
    for e in failed:
        print('ERROR', e)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
