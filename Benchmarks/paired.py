"""What comparisons of training methods share: runs that are made once, losses paired by image, subnet and seed."""
import csv, glob, math, os, subprocess, sys


def mean(values):
    return sum(values) / len(values)


def error(values):
    """The standard error of the mean."""
    m = mean(values)
    return math.sqrt(sum((v - m) ** 2 for v in values) / (len(values) - 1) / len(values)) if len(values) > 1 else float("nan")


class Comparison:
    """Runs of one run file, a folder for each arm and seed, measured on all validation and test examples, or on those of one part."""

    def __init__(self, nasd, data, folder, file, bins, per_bin, settings, parts=("validation", "test")):
        self.parts = parts
        self.nasd, self.data, self.folder, self.file = nasd, data, folder, file
        self.bins, self.per_bin, self.settings = bins, per_bin, settings

    def out(self, arm, seed):
        return os.path.join(self.folder, f"{arm}-{seed}")

    def arguments(self, seed, settings, file=None):
        """The arguments that a run is started with, and by which other commands know it again."""
        command = [file or self.file, "--data", self.data, "--seed", str(seed)]
        for one in self.settings + settings:
            command += ["--set", one]
        return command

    def trained(self, arm, seed, settings, file=None):
        """The arguments that name a run whose supernet is trained."""
        return self.arguments(seed, settings, file) + ["--directory", self.out(arm, seed)]

    def run(self, arm, seed, settings, file=None, subnets=None):
        """Trains where that is not done yet, and measures the same subnets for all, or those of a file."""
        out = self.out(arm, seed)
        command = [self.nasd, "run"] + self.arguments(seed, settings, file) + ["--output", out]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        chosen = ["--subnets", subnets] if subnets else ["--bins", str(self.bins), "--per-bin", str(self.per_bin)]
        for part in self.parts:
            flag = ["--test"] if part == "test" else []
            if not all(os.path.exists(f"{out}/{part}{kind}.csv") for kind in ("", "-hits")):
                subprocess.run(
                    [self.nasd, "measure"] + self.trained(arm, seed, settings, file) + chosen + flag
                    + ["--output", f"{out}/{part}.csv", "--hits", f"{out}/{part}-hits.csv"],
                    capture_output=True, check=True)
        print(f"{arm}-{seed}", " ".join(settings), file=sys.stderr, flush=True)

    def gap(self, arm, seed, settings, subnets, extra, reuse=None, file=None):
        """The table of nasd gap, and the file of its records, which other arms may reuse."""
        command = [self.nasd, "gap"] + self.trained(arm, seed, settings, file)
        command += ["--subnets", str(subnets), "--extra", str(extra)] + (["--reuse", reuse] if reuse else [])
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout, glob.glob(f"{self.out(arm, seed)}/runs/*/gap.json")[0]

    def has(self, arm, seeds):
        return all(os.path.exists(f"{self.out(arm, s)}/{p}{k}.csv")
                   for s in seeds for p in self.parts for k in ("", "-hits"))

    def subnets(self, arm, seed):
        """The genomes that were measured."""
        with open(f"{self.out(arm, seed)}/validation.csv", newline="") as file:
            return next(csv.reader(file))[1:]

    def losses(self, arm, seed, kind=""):
        """losses[image][subnet] over all held-out images; of kind -hits 1 for a hit, else 0."""
        rows = []
        for part in self.parts:
            with open(f"{self.out(arm, seed)}/{part}{kind}.csv", newline="") as file:
                table = list(csv.reader(file))
                rows += [[float(v) for v in row[1:]] for row in table[1:]]
        return rows


def print_head(names):
    print("| " + " | ".join(names) + " |\n|---" + "|---" * (len(names) - 1) + "|")


def print_means(arms, groups, seeds, table):
    """The mean loss of each group of subnets (name, columns) for each arm."""
    print_head(["arm"] + [name for name, _ in groups])
    for arm in arms:
        cells = [mean([mean([row[c] for c in columns]) for s in seeds(arm) for row in table[arm, s]])
                 for _, columns in groups]
        print(f"| {arm} | " + " | ".join(f"{c:.4f}" for c in cells) + " |")


def print_differences(pairs, groups, seeds, table):
    """left - right for each group: mean over seeds, its standard error over seeds, and that over images in a seed."""
    print("\npaired differences: mean over seeds ± standard error over seeds (over images within a seed)")
    print_head(["difference"] + [name for name, _ in groups])
    for left, right in pairs:
        cells = []
        for _, columns in groups:
            by_seed, by_image = [], []
            for seed in [s for s in seeds(left) if s in seeds(right)]:
                differences = [mean([a[c] - b[c] for c in columns])
                               for a, b in zip(table[left, seed], table[right, seed])]
                by_seed.append(mean(differences))
                by_image.append(error(differences))
            cells.append(f"{mean(by_seed):+.4f} ± {error(by_seed):.4f} ({mean(by_image):.4f})")
        print(f"| {left} - {right} | " + " | ".join(cells) + " |")
