"""The real static shim on the real kernel. Usage: roottest.py PROGRAM PROBE [PART-OF-A-TEST'S-NAME]"""
import os
import sys
import traceback

import tests_attach
import tests_exec
import tests_mounts
import tests_run
import tests_start
import tests_userns
from world import World


def tests(wanted):
    for module in (tests_start, tests_run, tests_exec, tests_mounts, tests_attach, tests_userns):
        for name, function in list(vars(module).items()):
            if name.startswith("test_") and function.__module__ == module.__name__ and wanted in name:
                yield name[5:].replace("_", " "), function


def main(program, probe, wanted=""):
    if os.geteuid() != 0:
        print("root tests need root: run them as root or in CI's container")
        return 1
    passed = failed = 0
    world = World(program, probe)
    try:
        for title, function in tests(wanted):
            if "sanitized" in (function.__doc__ or "") and "asan" in program:
                continue
            try:
                function(world)
                passed += 1
                print(f"ok {passed + failed} - {title}", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {passed + failed} - {title}")
                print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), flush=True)
            finally:
                world.end_test()
    finally:
        world.close()
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(*map(str, sys.argv[1:])))
