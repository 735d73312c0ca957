#!/usr/bin/env python3
"""Writes pymoo.json: what pymoo 0.6.1.3 (numpy 1.26 or later) comes to, for SelectionOracleTests.swift and DistributionTests.swift.

    pip install pymoo==0.6.1.3 && python3 pymoo_values.py > pymoo.json

Random choices of NSGA-III's niching are replaced by the first of what there is to choose from. AGE-MOEA's distances are divided by
the norm of the point that is to be added, as in the paper (pymoo 0.6.1.3 divides by that of the other one).
"""
import json, statistics, sys, types
import numpy as np

# AGE-MOEA wants a compiler that changes no value.
stub = types.ModuleType("numba")
stub.jit = lambda *a, **k: a[0] if a and callable(a[0]) else (lambda f: f)
stub.intp, stub.boolean = np.intp, bool
sys.modules.setdefault("numba", stub)

import pymoo.algorithms.moo.nsga3
from pymoo.algorithms.moo.age import AGEMOEA, AGEMOEASurvival
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.moo.nsga3 import NSGA3, ReferenceDirectionSurvival
from pymoo.algorithms.moo.unsga3 import UNSGA3
from pymoo.core.crossover import Crossover
from pymoo.core.duplicate import DuplicateElimination
from pymoo.core.mutation import Mutation
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.indicators.hv import HV
from pymoo.operators.sampling.rnd import IntegerRandomSampling
from pymoo.optimize import minimize
from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance
from pymoo.problems import get_problem
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting
from pymoo.util.ref_dirs import get_reference_directions


# A problem without constraints, for survivals that ask.
ANY = get_problem("zdt1")


class Ascending(NonDominatedSorting):
    """Fronts whose members ascend."""

    def do(self, *args, **kwargs):
        found = super().do(*args, **kwargs)
        if isinstance(found, tuple):
            return [np.sort(front) for front in found[0]], found[1]
        return found


pymoo.algorithms.moo.nsga3.NonDominatedSorting = Ascending


def points(seed, count, dimensions, ties=False):
    draw = np.random.default_rng(seed)
    return draw.integers(0, 6, (count, dimensions)).astype(float) if ties else draw.random((count, dimensions))


def curved(seed, count, dimensions, power):
    """Points above the unit sphere of a norm, of which some are dominated, on axes of different lengths."""
    draw = np.random.default_rng(seed)
    x = draw.random((count, dimensions)) + 1e-3
    x /= ((x**power).sum(1) ** (1 / power))[:, None]
    x *= 1 + 0.2 * (draw.random((count, 1)) < 0.4) * draw.random((count, 1))
    return x * np.array([1, 20, 0.5, 3][:dimensions]) + np.array([0, 5, -1, 2][:dimensions])


def sorting():
    cases = [(seed, count, m, ties) for seed, (count, m, ties) in enumerate(
        [(30, 2, False), (30, 2, True), (40, 3, False), (40, 3, True), (40, 4, False)])]
    for seed, count, m, ties in cases:
        x = points(seed, count, m, ties)
        fronts = [sorted(map(int, front)) for front in NonDominatedSorting().do(x)]
        first = x[fronts[0]]
        crowding = None if ties else [min(float(d), 1e30) for d in calc_crowding_distance(first)]
        yield {"points": x.tolist(), "fronts": fronts, "crowding": crowding}


def directions():
    for m, p in [(2, 9), (3, 4), (3, 12), (4, 3)]:
        yield {"dimensions": m, "partitions": p, "directions": get_reference_directions("das-dennis", m, n_partitions=p).tolist()}


def closest(x):
    away = ((x[:, None] - x[None]) ** 2).sum(2) ** 0.5
    return float((away + 9 * np.eye(len(x))).min())


def spread():
    for m, n in [(3, 20), (3, 50), (4, 50)]:
        yield {"dimensions": m, "count": n, "closest": closest(get_reference_directions("energy", m, n, seed=1))}


class First:
    """Random choices that take what comes first."""

    def __enter__(self):
        self.kept = np.random.permutation, np.random.shuffle
        np.random.permutation, np.random.shuffle = lambda n: np.arange(n), lambda x: None

    def __exit__(self, *_):
        np.random.permutation, np.random.shuffle = self.kept


def nsga3():
    for m, p, count, keep, power in [(2, 11, 24, 12, 1), (3, 4, 30, 15, 2), (3, 6, 56, 28, 0.6), (4, 3, 120, 40, 1)]:
        lines = get_reference_directions("das-dennis", m, n_partitions=p)
        survival, generations = ReferenceDirectionSurvival(lines), []
        for generation in range(3):
            x = curved(10 * m + generation, count, m, power)
            # Later generations are better.
            x = x - 0.1 * generation
            pop = Population.new(X=np.arange(count)[:, None], F=x)
            with First():
                kept = survival.do(ANY, pop, n_survive=keep)
            # A plane through the same point twice is what rounding makes of it.
            rows = survival.norm.extreme_points - survival.norm.ideal_point
            assert np.linalg.cond(rows) < 1e9 or abs(np.linalg.det(rows)) == 0
            generations.append({
                "points": x.tolist(), "survivors": sorted(int(i.X[0]) for i in kept), "ideal": survival.norm.ideal_point.tolist(),
                "nadir": survival.norm.nadir_point.tolist(), "extremes": survival.norm.extreme_points.tolist(),
                "niches": [int(i) for i in kept.get("niche")], "order": [int(i.X[0]) for i in kept],
                "distances": kept.get("dist_to_niche").tolist()})
        yield {"partitions": p, "keep": keep, "generations": generations}


class Age(AGEMOEASurvival):
    @staticmethod
    def pairwise_distances(front, p):
        norms = np.linalg.norm(front, p, axis=1)
        away = (np.abs(front[:, None] - front[None]) ** p).sum(2) ** (1 / p)
        return away * norms[:, None] / norms[None, :]


def paper(algorithm):
    algorithm.survival = Age()
    return algorithm


def agemoea():
    for seed, (m, count, keep, power) in enumerate([(2, 40, 12, 1.7), (3, 60, 20, 2), (3, 60, 20, 0.5), (4, 70, 30, 1.5)]):
        x = curved(100 + seed, count, m, power)
        front = [int(i) for i in NonDominatedSorting().do(x)[0]]
        assert len(front) > keep
        ideal = x[front].min(0)
        scores, p, ranges = Age().survival_score(x[front].copy(), ideal)
        pop = Population.new(X=np.arange(count)[:, None], F=x)
        kept = Age().do(ANY, pop, n_survive=keep)
        yield {"points": x.tolist(), "front": front, "scores": [min(float(s), 1e30) for s in scores], "power": float(p),
               "ranges": ranges.tolist(), "keep": keep, "survivors": sorted(int(i.X[0]) for i in kept)}


class Grid(Problem):
    """A problem of the literature over whole numbers, 0 to 100 for each variable."""

    def __init__(self, problem):
        super().__init__(n_var=problem.n_var, n_obj=problem.n_obj, xl=0, xu=100, vtype=int)
        self.problem = problem

    def _evaluate(self, x, out, *args, **kwargs):
        out["F"] = self.problem.evaluate(x / 100)


class Uniform(Crossover):
    """One child of two parents, each choice from either."""

    def __init__(self):
        super().__init__(2, 1, prob=0.9)

    def _do(self, problem, x, **kwargs):
        return np.where(np.random.random(x[0].shape) < 0.5, x[0], x[1])[None]


class Never(DuplicateElimination):
    """Nothing is evaluated twice in a search."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def do(self, pop, *args, to_itself=True):
        kept = []
        for index, member in enumerate(pop):
            key = tuple(int(x) for x in member.X)
            if key not in self.seen:
                self.seen.add(key)
                kept.append(index)
        return pop[kept]


class Reset(Mutation):
    """Each choice replaced by a different one with a probability of 1 / n."""

    def __init__(self):
        super().__init__(prob=1.0)

    def _do(self, problem, x, **kwargs):
        other = np.random.randint(0, 100, x.shape)
        return np.where(np.random.random(x.shape) < 1 / x.shape[1], other + (other >= x), x)


def distributions():
    def own():
        return dict(sampling=IntegerRandomSampling(), crossover=Uniform(), mutation=Reset(), eliminate_duplicates=Never())

    lines = get_reference_directions("das-dennis", 3, n_partitions=8)
    pairs = [(name, "nsga2", lambda: NSGA2(pop_size=40, **own())) for name in ("zdt1", "zdt2", "zdt3")]
    pairs += [("dtlz2", "nsga2", lambda: NSGA2(pop_size=45, **own())), ("dtlz2", "nsga3", lambda: NSGA3(lines, pop_size=45, **own())),
              ("dtlz2", "unsga3", lambda: UNSGA3(lines, pop_size=45, **own())),
              ("dtlz2", "agemoea", lambda: paper(AGEMOEA(pop_size=45, **own()))),
              ("zdt1", "agemoea", lambda: paper(AGEMOEA(pop_size=40, **own())))]
    for name, kind, make in pairs:
        problem = get_problem(name, n_var=10, n_obj=3) if name == "dtlz2" else get_problem(name, n_var=10)
        volume, values = HV(ref_point=np.full(problem.n_obj, 1.1)), []
        for seed in range(30):
            found = minimize(Grid(problem), make(), ("n_gen", 100), seed=seed)
            values.append(float(volume(found.pop.get("F"))))
        print(name, kind, statistics.median(values), file=sys.stderr)
        yield {"problem": name, "algorithm": kind, "volumes": values}


everything = {"sorting": sorting, "directions": directions, "spread": spread, "nsga3": nsga3, "agemoea": agemoea,
              "distributions": distributions}
print("{" + ",\n".join(f"\n{json.dumps(name)}: [\n" + ",\n".join(json.dumps(case) for case in make()) + "]"
                       for name, make in everything.items()) + "}")
