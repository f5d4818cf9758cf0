"""Limner and its peer in turns on the same work: A B A B, each in a process of its own that is loaded once.

Only ratios of neighbouring rounds count on a shared machine; what is printed is their median, with the range. A round
that other programs took part in is flagged. `make bench PEER=1` calls this; peer_diffusers.py is the other side.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

PARTS = ("unet", "encode", "decode", "text", "tune", "sketch", "tuning", "start")
BUSY_SECONDS = 600
# Others may work so much, in cores and in seconds of the kernel's ticks, before a round counts as disturbed.
TOLERATED, TICK = 0.1, 0.02
PAUSE = 0.3  # threads of the side that has just worked come to rest


class Side:
    """One side's process, which does a round whenever it is told to."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench: this ended early: {' '.join(map(str, self.process.args))}")
        return json.loads(line)

    def round(self):
        time.sleep(PAUSE)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.answer()

    def finish(self):
        """What the process says of all its rounds."""
        self.process.stdin.close()
        found = json.load(self.process.stdout)
        if self.process.wait():
            sys.exit("bench: a side failed")
        return found


class BusyCore:
    """A process that keeps one core busy, for ten minutes at most."""

    def __enter__(self):
        loop = f"import time\nend = time.monotonic() + {BUSY_SECONDS}\nwhile time.monotonic() < end: pass"
        self.process = subprocess.Popen([sys.executable, "-c", loop])
        time.sleep(PAUSE)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def commands(options, part, size, precision):
    """The same work for either side."""
    common = ["--model", options.model, "--size", str(size), "--precision", precision]
    common += ["--steps", str(options.steps), "--tune-steps", str(options.tune_steps)]
    common += ["--threads", str(options.threads)] if options.threads else []
    peer = Path(__file__).with_name("peer_diffusers.py")
    return [options.limner, "bench", "--only", part, *common], [sys.executable, peer, "--part", part, *common]


def alternate(options, part, size, precision):
    """Rounds of both sides in turns, loaded once."""
    ours, theirs = (Side([*command, "--paced"]) for command in commands(options, part, size, precision))
    rounds = []
    for number in range(options.rounds):
        rounds.append({"limner": ours.round(), "peer": theirs.round()})
        if options.busy:
            for name, side in (("limner", ours), ("peer", theirs)):
                with BusyCore():
                    rounds[-1][f"{name}_busy"] = side.round()
        progress(part, size, precision, number, rounds[-1])
    peer = theirs.finish()
    limner = ours.finish()["parts"][0]
    return {"rounds": rounds, "limner_peak_mib": limner["peak_mib"], "peer_peak_mib": peer["peak_mib"],
            "limner_share_of_peak": limner["share_of_peak"], "layout": peer["layout"], "versions": peer["versions"]}


def start_both(options, size, precision):
    """Whole processes in turns, up to the first step of the UNet."""
    rounds = []
    for number in range(options.rounds + 1):
        (ours, disturbed), (theirs, peer_disturbed) = (
            whole_process(command) for command in commands(options, "start", size, precision))
        rounds.append({"limner": {"seconds": ours["start"]["first_step_seconds"], "disturbed": disturbed},
                       "peer": {"seconds": theirs["first_step_seconds"], "disturbed": peer_disturbed}})
        progress("start", size, precision, number, rounds[-1])
    # the first round brings the files into memory
    return {"rounds": rounds[1:], "limner_peak_mib": None, "peer_peak_mib": theirs["peak_mib"], "layout": "as loaded",
            "limner_share_of_peak": None, "versions": theirs["versions"]}


def whole_process(command):
    """What a command prints, and whether other programs took part in its time."""
    before, begun = worked(), time.monotonic()
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found, worked() - before > TOLERATED * (time.monotonic() - begun) + TICK


def worked():
    """Seconds that cores worked for others than this program's ended children, or were stolen by the host."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = sum(ticks[index] for index in (0, 1, 2, 5, 6, 7)) / os.sysconf("SC_CLK_TCK")
    return busy - usage.ru_utime - usage.ru_stime


def progress(part, size, precision, number, found):
    seconds = ", ".join(f"{name} {side['seconds']:.3f} s" for name, side in found.items())
    print(f"bench: {part} {size} {precision}, round {number + 1}: {seconds}", file=sys.stderr, flush=True)


def summary(found):
    """Medians, the pairwise ratios, and what was disturbed."""
    rounds = found["rounds"]
    ratios = [pair["peer"]["seconds"] / pair["limner"]["seconds"] for pair in rounds]
    found["ratio"] = {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}
    for name in ("limner", "peer"):
        found[f"{name}_seconds"] = statistics.median(pair[name]["seconds"] for pair in rounds)
        if f"{name}_busy" in rounds[0]:
            found[f"{name}_slowdown"] = statistics.median(
                pair[f"{name}_busy"]["seconds"] / pair[name]["seconds"] for pair in rounds)
    found["disturbed"] = sum(pair["limner"]["disturbed"] or pair["peer"]["disturbed"] for pair in rounds)
    return found


def row(found):
    ratio, memory, note = found["ratio"], "", ""
    if found["limner_peak_mib"] and found["peer_peak_mib"]:
        share = found["limner_peak_mib"] / found["peer_peak_mib"]
        memory = f"{found['limner_peak_mib']:.0f} / {found['peer_peak_mib']:.0f} MiB ({share:.0%})"
    if found["disturbed"]:
        note = f"{found['disturbed']} of {len(found['rounds'])} rounds disturbed"
    if "limner_slowdown" in found:
        note += f" one core busy: {found['limner_slowdown']:.2f} against {found['peer_slowdown']:.2f} times slower"
    return (f"| {found['part']} {found['size']} {found['precision']} | {found['limner_seconds']:.3f} s "
            f"| {found['peer_seconds']:.3f} s ({found['layout']}) "
            f"| **{ratio['median']:.2f}** ({ratio['min']:.2f}–{ratio['max']:.2f}) | {memory} | {note.strip()} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--limner", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--sizes", type=int, nargs="+", required=True)
    parser.add_argument("--precisions", nargs="+", choices=("f32", "bf16"), required=True)
    parser.add_argument("--only", type=lambda names: names.split(","), required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--tune-steps", type=int, required=True)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--json", required=True)
    options = parser.parse_args()
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"--only: no such part: {', '.join(sorted(unknown))}")
    print("| work | Limner | diffusers | times faster | peak memory | |\n|---|---|---|---|---|---|", flush=True)
    results = []
    for precision in options.precisions:
        for size in options.sizes:
            for part in (part for part in PARTS if part in options.only):
                both = start_both(options, size, precision) if part == "start" else alternate(
                    options, part, size, precision)
                results.append(summary({"part": part, "size": size, "precision": precision, **both}))
                print(row(results[-1]), flush=True)
                Path(options.json).write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nOn {json.dumps(results[-1]['versions'])}; memory is that of Limner / of diffusers.", flush=True)


if __name__ == "__main__":
    main()
