#!/usr/bin/env python3
"""survey.py SHIM CMSHIM FOLDER CASE...: real programs, alone and recorded.

A case is a script of tests/real/cases: it starts programs as `$RUN PROGRAM
ARGUMENT...` and prints what must not depend on how often or under what it
runs.  Each case runs alone and under the shim in turns, ROUNDS times; what
it prints has to be the same.  The traces of the last round are reported:
FOLDER/CASE holds them, the reports and the outputs.  Prints the table of
tests/real/README.md, a row for each case.
"""

import collections
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys

ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = 120  # a case, one run of it
TRACE_LIMIT = os.environ.get("CMSHIM_MAX_SIZE", "300M")
HERE = pathlib.Path(__file__).resolve()


def run_counted(out, command):
    """$RUN: the command, its CPU seconds appended to the file `out`.

    Passes on the signals that end servers, and its status.
    """
    environment = dict(os.environ)
    shim = environment.pop("SURVEY_SHIM", None)
    if shim:
        environment["LD_PRELOAD"] = shim
    child = subprocess.Popen(command, env=environment)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda got, _: child.send_signal(got))
    status = child.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(out, "a") as file:
        file.write(f"{used.ru_utime} {used.ru_stime}\n")
    sys.exit(status if status >= 0 else 128 - status)


def run_case(script, work, shim):
    """Returns what the case printed, and its programs' CPU seconds."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    cpu = work / "case.cpu"
    environment = dict(
        os.environ,
        # Not sys.executable: other users may not be able to read that.
        RUN=f"/usr/bin/python3 {HERE} --counted {cpu}",
        PATH=os.environ["PATH"] + ":/usr/sbin:/usr/games",
        HOME=str(work),
        CMSHIM_OUTPUT=str(work / "trace.%e.%p"),
        CMSHIM_MAX_SIZE=TRACE_LIMIT,
    )
    if shim:
        environment["SURVEY_SHIM"] = str(shim)
    with open(work / "case.out", "wb") as out, open(work / "case.err", "wb") as err:
        shell = subprocess.Popen(
            ["sh", "-c", '. "$0"; . "$1"', str(HERE.parent / "await.sh"),
             str(script)], cwd=work, env=environment,
            stdout=out, stderr=err, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            status = shell.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            status = "timed out"
        # What a failed case may have left running.
        try:
            os.killpg(shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    printed = (work / "case.out").read_bytes() + f"status {status}\n".encode()
    seconds = 0.0
    if cpu.exists():
        seconds = sum(
            float(number)
            for line in cpu.read_text().splitlines()
            for number in line.split()
        )
    return printed, seconds


def report_of(cmshim, trace):
    """Writes both reports beside the trace; returns the one for programs."""
    for form in ("json", "terminal"):
        with open(trace.with_name(trace.name + "." + form), "wb") as file:
            subprocess.run(
                [cmshim, "report", "-f", form, str(trace)], timeout=300,
                stdout=file, check=True,
                env=dict(os.environ, DEBUGINFOD_URLS=""),
            )
    return json.loads(trace.with_name(trace.name + ".json").read_text())


def version_of(script):
    """Of the first package that the case names."""
    needs = next(line for line in script.read_text().splitlines()
                 if line.startswith("# needs:"))
    query = ["dpkg-query", "-W", "-f", "${Version}", needs.split()[2]]
    return subprocess.run(query, capture_output=True, text=True,
                          check=False).stdout


def is_whole(report):
    run = report["run"]
    return not (run["lost"] or run["gaps"] or run["damaged"]
                or run["truncated"])


def row_of(script, reports, comparison):
    """A row of the table; processes of one thread count as events only."""
    found = collections.Counter(
        (f["severity"], f["rule"]) for r in reports for f in r["findings"]
    )
    named = {
        severity: ", ".join(
            f"{rule} {n}" for (s, rule), n in sorted(found.items())
            if s == severity
        ) or "-"
        for severity in ("error", "warning")
    }
    threads = [len(r["threads"]) for r in reports]
    mild = sum(n for (s, _), n in found.items() if s in ("note", "advice"))
    cells = (
        script.stem, version_of(script),
        sum(n > 1 for n in threads), max(threads, default=0),
        f"{sum(r['run']['events'] for r in reports):,}",
        named["error"], named["warning"], mild, comparison,
        "yes" if all(map(is_whole, reports)) else "NO",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def survey(shim, cmshim, folder, name):
    script = HERE.parent / "cases" / (name + ".sh")
    outputs, seconds = {}, {"alone": [], "recorded": []}
    for _ in range(ROUNDS):
        for mode in ("alone", "recorded"):
            outputs[mode], used = run_case(
                script, folder / name / mode, shim if mode == "recorded" else None
            )
            seconds[mode].append(used)
    least = {mode: min(all_of) for mode, all_of in seconds.items()}
    ratio = least["recorded"] / max(least["alone"], 0.001)
    same = outputs["alone"] == outputs["recorded"]
    traces = sorted((folder / name / "recorded").glob("trace.*"))
    reports = [report_of(cmshim, trace) for trace in traces]
    print(row_of(script, reports, f"{least['alone']:.2f} s, x{ratio:.2f}"
                 if same else "OUTPUT DIFFERS"), flush=True)


def main():
    if sys.argv[1] == "--counted":
        run_counted(sys.argv[2], sys.argv[3:])
    shim, cmshim, folder = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
    print("| program | version | processes with threads | most threads | "
          "events | errors | warnings | notes, advice | CPU alone, ratio | "
          "trace whole |")
    print("|---" * 10 + "|")
    for name in sys.argv[4:]:
        survey(shim, cmshim, folder, name)


if __name__ == "__main__":
    main()
