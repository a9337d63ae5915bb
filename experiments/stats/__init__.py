"""A/B arithmetic on sums: pure, frozen answers, never NaN. The names that a project imports."""

from experiments.stats.aggregates import Arm
from experiments.stats.bayes import ChanceToBeat, chance_to_beat
from experiments.stats.cuped import Adjustment, adjust_with_covariate
from experiments.stats.cuped_ratio import RatioWithHistory, adjust_ratio_with_covariate
from experiments.stats.designs import Design
from experiments.stats.duration import Duration, duration
from experiments.stats.exceptions import StatsError
from experiments.stats.hybrid import ReadOut, read_out, split_alpha
from experiments.stats.kinds import compare
from experiments.stats.margins import Guardrail, NonInferiority, check_guardrail, check_non_inferiority
from experiments.stats.mean import compare_means
from experiments.stats.multiplicity import Corrected, benjamini_hochberg, holm
from experiments.stats.omnibus import Omnibus, compare_all
from experiments.stats.power import DetectableEffect, SampleSize, minimum_detectable_effect, power, sample_size
from experiments.stats.proportion import compare_proportions
from experiments.stats.ratio import compare_ratios, linearise
from experiments.stats.results import Effect, Inconclusive, Interval, Kind, RelativeEffect
from experiments.stats.sequential import always_valid
from experiments.stats.sign import Preference, sign_test
from experiments.stats.srm import SampleRatio, sample_ratio_mismatch
from experiments.stats.strata import combine_phases

__all__ = [
    "Adjustment",
    "Arm",
    "ChanceToBeat",
    "Corrected",
    "Design",
    "DetectableEffect",
    "Duration",
    "Effect",
    "Guardrail",
    "Inconclusive",
    "Interval",
    "Kind",
    "NonInferiority",
    "Omnibus",
    "Preference",
    "RatioWithHistory",
    "ReadOut",
    "RelativeEffect",
    "SampleRatio",
    "SampleSize",
    "StatsError",
    "adjust_ratio_with_covariate",
    "adjust_with_covariate",
    "always_valid",
    "benjamini_hochberg",
    "chance_to_beat",
    "check_guardrail",
    "check_non_inferiority",
    "combine_phases",
    "compare",
    "compare_all",
    "compare_means",
    "compare_proportions",
    "compare_ratios",
    "duration",
    "holm",
    "linearise",
    "minimum_detectable_effect",
    "power",
    "read_out",
    "sample_ratio_mismatch",
    "sample_size",
    "sign_test",
    "split_alpha",
]
