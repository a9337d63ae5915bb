"""The report in the terminal: the same value as the page's, as tables."""

from io import StringIO

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from experiments.formats import write_chance, write_count, write_difference, write_p, write_relative, write_value
from experiments.report.values import Comparison, Joint, MetricLine, Report

STYLES = {
    "ship": "bold green",
    "preferred": "bold green",
    "no difference": "bold green",
    "do not ship": "bold red",
    "not preferred": "bold red",
    "invalid": "bold yellow",
}
FINDINGS = {"better": ("better", "green"), "worse": ("worse", "red"), "undecided": ("not decided", "dim")}
GUARDS = {"safe": ("holds", "green"), "harmed": ("harmed", "red"), "open": ("not shown yet", "dim")}
ROLES = {"success": "decides", "guardrail": "guardrail", "exploratory": "explored"}


PLAIN_WIDTH = 140


def render(*parts: RenderableType, is_terminal: bool) -> str:
    """The parts as text: in colour and as wide as the terminal, or plain where nobody looks."""
    written = StringIO()
    console = Console(file=written, force_terminal=is_terminal, width=None if is_terminal else PLAIN_WIDTH)
    for part in parts:
        console.print(part)
    return written.getvalue()


def list_parts(report: Report) -> list[RenderableType]:
    """The whole report, part by part."""
    if report.notice or report.decision is None:
        return [_write_head(report), Text(report.notice)]
    title = Text(report.decision.title, style=STYLES.get(report.decision.outcome, "bold blue"))
    parts: list[RenderableType] = [
        _write_head(report),
        Panel(Text(report.decision.reason), title=title, title_align="left"),
        *(Text(f"! {caution}", style="yellow") for caution in report.cautions),
        _write_counts(report),
    ]
    if report.preference is not None:
        parts.append(Text(report.preference.sentence))
    if report.metrics:
        parts.append(_tabulate_metrics(report))
    if report.joint is not None:
        parts.append(_write_joint(report, report.joint))
    if report.triggered is not None and report.triggered.sample_ratio.is_mismatch:
        parts.append(Text(report.triggered.sample_ratio.sentence, style="yellow"))
    if report.segments:
        parts.append(_tabulate_segments(report))
    return [*parts, *(Text(f"  {sentence}", style="dim") for sentence in report.method)]


def _write_head(report: Report) -> Text:
    text = Text(report.name, style="bold")
    parts = [report.design, report.status.replace("_", " ")]
    if report.phase is not None:
        parts.append(f"phase {report.phase.number} of {len(report.phases)}")
    if report.as_of is not None:
        parts.append(f"data as of {report.as_of:%Y-%m-%d %H:%M} UTC")
    text.append(f"  {', '.join(parts)}", style="not bold dim")
    if report.is_simulated:
        text.append("  SIMULATED SHOPPERS", style="bold magenta")
    return text


def _write_counts(report: Report) -> Text:
    counts = ", ".join(f"{each.name} {write_count(each.n_units)}" for each in report.variations)
    parts = [f"{write_count(report.n_units)} shoppers: {counts}."]
    if report.sample_ratio is not None:
        parts.append(report.sample_ratio.sentence)
    if report.left_out is not None and report.left_out.n_crossover:
        parts.append(f"{write_count(report.left_out.n_crossover)} saw two variations and are left out.")
    if report.phase is not None and report.phase.days_left:
        parts.append(f"{report.phase.days_left} days left.")
    return Text(" ".join(parts))


def _write_joint(report: Report, joint: Joint) -> Text:
    """The phases of a Thompson run together, a sentence for each variation."""
    names = {each.key: each.name for each in report.variations}
    lines = [f"Phases {', '.join(map(str, joint.phases))} together, each compared within itself, always-valid:"]
    for found in joint.metric.comparisons:
        name = names.get(found.variation, found.variation)
        if found.shift is None:
            lines.append(f"  {name}: {found.reason}")
            continue
        interval = found.shift.interval
        written = write_difference(found.shift.estimate, interval.low, interval.high, joint.metric.unit)
        p_value = found.corrected_p if found.corrected_p is not None else found.shift.p_value
        word, _ = FINDINGS[found.finding]
        lines.append(
            f"  {name}: {joint.metric.name} {written.change} ({written.interval}), p {write_p(p_value)}, {word}."
        )
    return Text("\n".join(lines))


def _tabulate_metrics(report: Report) -> Table:
    names = {each.key: each.name for each in report.variations}
    control = next((each.name for each in report.variations if each.is_control), "control")
    table = Table(show_lines=False)
    for column in ("Metric", "Variation"):
        table.add_column(column, overflow="fold")
    for column in (control, "Variation's", "Difference", "Interval", "Relative"):
        table.add_column(column, justify="right", overflow="fold")
    for column in ("p", "Chance", "Finding"):
        table.add_column(column)
    for metric in report.metrics:
        for found in metric.comparisons:
            table.add_row(*_write_row(metric, found, names.get(found.variation, found.variation)))
    return table


def _write_row(metric: MetricLine, found: Comparison, variation: str) -> list[Text]:
    name = Text(metric.name)
    name.append(f"\n{ROLES.get(metric.role, metric.role)}", style="dim")
    if found.shift is None:
        return [name, Text(variation), *(Text("") for _ in range(7)), Text(found.reason, style="dim")]
    shift = found.shift
    written = write_difference(shift.estimate, shift.interval.low, shift.interval.high, metric.unit)
    guard = next((each for each in metric.guardrails if each.variation == found.variation), None)
    word, style = GUARDS[guard.state] if guard else FINDINGS.get(found.finding, ("", ""))
    p_value = found.corrected_p if found.corrected_p is not None else shift.p_value
    if guard is not None and guard.p_safe is not None:
        p_value = guard.p_safe
    return [
        name,
        Text(variation),
        Text("" if found.control is None else write_value(found.control, metric.unit)),
        Text("" if found.treatment is None else write_value(found.treatment, metric.unit)),
        Text(written.change),
        Text(f"{written.interval} ({shift.level * 100:g}%)"),
        Text("" if shift.relative is None else write_relative(shift.relative)),
        Text(write_p(p_value)),
        Text("" if found.chance_to_beat is None else write_chance(found.chance_to_beat)),
        Text(word, style=style),
    ]


def _tabulate_segments(report: Report) -> Table:
    table = Table(title="Segments, explored only", title_justify="left")
    for column in ("Segment", "Shoppers", "Relative", "p", "Finding"):
        table.add_column(column)
    for line in report.segments:
        shift = line.comparison.shift
        word, style = FINDINGS.get(line.comparison.finding, ("", ""))
        table.add_row(
            Text(f"{line.attribute}: {line.value}"),
            write_count(line.n_units),
            "" if shift is None or shift.relative is None else write_relative(shift.relative),
            "" if line.comparison.corrected_p is None else write_p(line.comparison.corrected_p),
            Text(word if shift else line.comparison.reason, style=style),
        )
    return table
