"""What the results page says beside the metrics: facts of the phase, the question in figures, the preference's bar."""

from dataclasses import dataclass

from experiments.formats import write_count, write_p, write_relative, write_share, write_signed
from experiments.models import Design, Status
from experiments.report.values import Preference, Report
from experiments.shares import format_percent

REACHED = "Planned end reached"
NO_CROSSOVER = "Nobody saw two variations."


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its label and, where it needs one, a remark."""

    label: str
    value: str
    note: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The question in figures."""

    expected: str
    mde: str
    level: str
    share: str


@dataclass(frozen=True, slots=True)
class PreferenceBar:
    """One bar of all shoppers of an interleaving test; widths and starts in percent."""

    first: str
    ties: str
    second: str
    first_width: float
    ties_width: float
    second_start: float
    second_width: float
    margin: str
    p_value: str


def list_facts(report: Report) -> tuple[Fact, ...]:
    """The phase's figures, as far as they are known."""
    facts = [Fact("Shoppers analysed", write_count(report.n_units), _describe_split(report))]
    phase, left_out = report.phase, report.left_out
    if phase is not None and phase.ended_at is not None:
        facts.append(Fact("Ended", f"{phase.ended_at:%-d %b %Y}", "The result is frozen." if report.is_final else ""))
    elif phase is not None and phase.planned_end_at is not None and report.status != Status.ROLLED_BACK:
        date = f"{phase.planned_end_at:%-d %b %Y}"
        days_left = phase.days_left or 0
        facts.append(Fact("Days left", write_count(days_left), f"until {date}") if days_left else Fact(REACHED, date))
    if report.sample_ratio is not None and report.design != Design.INTERLEAVING:
        is_bad = report.sample_ratio.is_mismatch
        facts.append(
            Fact("Sample ratio", "Mismatch" if is_bad else "Fits", report.sample_ratio.sentence, is_bad=is_bad)
        )
    if left_out is not None:
        share = (
            f"{write_share(left_out.crossover_share)} of all" if left_out.n_crossover else "nobody saw two variations"
        )
        facts.append(Fact("Crossover", write_count(left_out.n_crossover), share, is_bad=left_out.is_alarming))
    if report.as_of is not None:
        facts.append(Fact("Data as of", f"{report.as_of:%-d %b, %H:%M}", "Nothing earlier is on its way any more."))
    return tuple(facts)


def _describe_split(report: Report) -> str:
    return ", ".join(f"{each.name} {write_count(each.n_units)}" for each in report.variations)


def write_question(report: Report) -> Asked:
    """The question in figures."""
    asked, phase = report.question, report.phase
    return Asked(
        expected=write_relative(asked.expected_effect) if asked.expected_effect else "",
        mde=write_relative(asked.mde).lstrip("+") if asked.mde else "",
        level=f"{asked.alpha:g}, {asked.power:.0%}",
        share=f"{format_percent(phase.seen_bp)} ({format_percent(phase.coverage_bp)} in the test)" if phase else "",
    )


def write_triggered(report: Report) -> str:
    """How many the variations really differ for."""
    if report.triggered is None:
        return ""
    return f"{write_count(report.triggered.n_units)} shoppers, {write_share(report.triggered.share)} of all"


def write_triggered_fault(report: Report) -> str:
    """Why they are not compared; empty where they are."""
    found = report.triggered
    return found.sample_ratio.sentence if found is not None and found.sample_ratio.is_mismatch else ""


def write_joint(report: Report) -> str:
    """What the joint comparison of a Thompson run is made of."""
    found = report.joint
    if found is None:
        return ""
    left_out = ", ".join(str(number) for number in found.left_out)
    lost = f" Left out, since their split differs from their weights: {left_out}." if left_out else ""
    return (
        f"{len(found.phases)} phases with {write_count(found.n_units)} shoppers, counted again in each phase they came "
        f"in. Each is compared within itself, since its weights are its own, and read by the always-valid test alone. "
        f"The verdict above is on phase {report.phase.number if report.phase else ''} alone.{lost}"
    )


def draw_preference(found: Preference) -> PreferenceBar | None:
    """The bar, or None before anybody chose."""
    total = found.wins_first + found.wins_second + found.ties
    if not total:
        return None
    first, ties = 100 * found.wins_first / total, 100 * found.ties / total
    return PreferenceBar(
        first=write_count(found.wins_first),
        ties=write_count(found.ties),
        second=write_count(found.wins_second),
        first_width=round(first, 3),
        ties_width=round(ties, 3),
        second_start=round(first + ties, 3),
        second_width=round(100 - first - ties, 3),
        margin="" if found.margin is None else f"{write_signed(100 * found.margin, 1)} pp",
        p_value="" if found.p_value is None else write_p(found.p_value),
    )
