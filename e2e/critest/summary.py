#!/usr/bin/env python3
"""summary.py [--selected] RUN:SEED:SECONDS:REPORT.json ...: what critest found, one table for all runs.

Exit 1 if a spec failed in one of them, if one was skipped for a reason that is not known here (a runtime that says that
it cannot do something is skipped, not failed), or if nothing ran. --selected: a part of the specs was asked for."""
import collections
import json
import re
import sys

REASON = 300

BENCHMARK = "benchmark specs: `make bench` measures"

# Why a spec may be skipped on a machine, and for nothing else.
KNOWN = [
    (r"AppArmor is disabled on this host", "no AppArmor in this kernel"),
    (r"SELinux is (disabled|not enabled)", "no SELinux in this kernel"),
    (r"^skipping .* benchmarks since .* was not set", BENCHMARK),
    (r"NRI", "NRI: not built yet"),
]


def suites_of(report):
    with open(report, encoding="utf-8") as file:
        return json.load(file)


def specs(suites):
    for suite in suites:
        for spec in suite["SpecReports"]:
            if spec["LeafNodeType"] == "It":
                yield spec
            elif spec["State"] not in ("passed", "skipped"):
                yield spec  # a BeforeSuite that fails must not look like a suite that has nothing to run


def name(spec):
    texts = (spec.get("ContainerHierarchyTexts") or []) + [spec["LeafNodeText"] or spec["LeafNodeType"]]
    return " / ".join(text.replace("[k8s.io] ", "") for text in texts)


def reason(spec):
    message = (spec.get("Failure") or {}).get("Message", "").strip()
    return " | ".join(line.strip() for line in message.splitlines() if line.strip())[:REASON]


class Run:
    def __init__(self, argument, selected):
        self.title, self.seed, self.seconds, report = argument.split(":", 3)
        self.count, self.conformance = collections.Counter(), collections.Counter()
        self.failed, self.unknown, self.skips = [], [], collections.Counter()
        suites = suites_of(report)
        for spec in specs(suites):
            self.take(spec, selected)
        if not self.failed and not all(suite["SuiteSucceeded"] for suite in suites):
            reasons = [str(suite.get("SpecialSuiteFailureReasons")) for suite in suites]
            self.count["failed"] += 1
            self.failed.append(("the suite as a whole", " ".join(reasons)))

    def take(self, spec, selected):
        title, why = name(spec), reason(spec)
        state = spec["State"]
        if state in ("skipped", "pending"):
            state = "skipped"
            known = next((words for pattern, words in KNOWN if re.search(pattern, why)), None)
            if not why and selected:
                known = "not selected"
            elif not why and "benchmark" in title.lower():
                known = BENCHMARK
            if known:
                self.skips[known] += 1
            else:
                self.unknown.append((title, why or "no reason given"))
        elif state != "passed":
            state = "failed"
            self.failed.append((title, why))
        self.count[state] += 1
        if "[Conformance]" in title:
            self.conformance[state] += 1

    def good(self):
        return self.count["passed"] > 0 and not self.failed and not self.unknown


def table(runs):
    print(f"{'run':<12}{'seed':>11}{'passed':>8}{'failed':>8}{'skipped':>9}{'of [Conformance]':>18}{'s':>6}")
    for run in runs:
        whole = sum(run.conformance.values()) - run.conformance["skipped"]
        conformance = f"{run.conformance['passed']} of {whole}"
        count = run.count
        print(f"{run.title:<12}{run.seed:>11}{count['passed']:>8}{count['failed']:>8}{count['skipped']:>9}{conformance:>18}{run.seconds:>6}")


def main():
    selected = sys.argv[1] == "--selected"
    runs = [Run(argument, selected) for argument in sys.argv[1 + selected:]]
    for why, count in sorted(collections.Counter(why for run in runs for why in run.skips).items()):
        print(f"skipped, {why}: {', '.join(sorted({str(run.skips[why]) for run in runs}))} specs a run")
    for run in runs:
        for title, why in run.failed:
            print(f"FAILED in {run.title} (seed {run.seed}): {title}\n        {why}")
        for title, why in run.unknown:
            print(f"SKIPPED in {run.title} for a reason that is not known: {title}\n        {why}")
    table(runs)
    failed = sum(run.count["failed"] for run in runs)
    unknown = sum(len(run.unknown) for run in runs)
    print(f"critest: {len(runs)} runs, {failed} failed, {unknown} skipped for an unknown reason")
    sys.exit(0 if all(run.good() for run in runs) else 1)


main()
