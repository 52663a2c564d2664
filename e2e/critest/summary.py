#!/usr/bin/env python3
"""summary.py REPORT.json SECONDS: what critest found, one line a spec that did not pass, with its reason.

Exit 1 if a [Conformance] spec that needs no streaming server failed."""
import collections
import json
import sys

REASON = 220


def specs(report):
    for suite in json.load(open(report)):
        for spec in suite["SpecReports"]:
            if spec["LeafNodeType"] == "It":
                yield spec


def name(spec):
    texts = (spec.get("ContainerHierarchyTexts") or []) + [spec["LeafNodeText"]]
    return " / ".join(text.replace("[k8s.io] ", "") for text in texts)


def reason(spec):
    message = (spec.get("Failure") or {}).get("Message", "").strip()
    return " | ".join(line.strip() for line in message.splitlines() if line.strip())[:REASON]


def needs_streaming(spec_name):
    return spec_name.startswith("Streaming ")


def main():
    count = collections.Counter()
    failed, skipped, conformance = [], collections.defaultdict(list), collections.Counter()
    for spec in specs(sys.argv[1]):
        state, title = spec["State"], name(spec)
        if state not in ("passed", "skipped", "pending"):
            state = "failed"
            failed.append((title, reason(spec)))
        elif state != "passed":
            state = "skipped"
            skipped[reason(spec) or "not selected, or marked pending by critest"].append(title)
        count[state] += 1
        if "[Conformance]" in title:
            conformance[state] += 1
    for why, titles in sorted(skipped.items()):
        print(f"skipped {len(titles)}: {why}")
    for title, why in failed:
        print(f"failed: {title}\n        {why}")
    unmet = [title for title, _ in failed if "[Conformance]" in title]
    if unmet:
        print("[Conformance] specs that do not pass yet:")
        for title in unmet:
            print(f"  {title}{'  (needs streaming)' if needs_streaming(title) else ''}")
    print(
        f"critest: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped in {sys.argv[2]} s; "
        f"of [Conformance]: {conformance['passed']} passed, {conformance['failed']} failed, {conformance['skipped']} skipped"
    )
    sys.exit(1 if any(not needs_streaming(title) for title in unmet) else 0)


main()
