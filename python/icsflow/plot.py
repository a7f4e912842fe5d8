"""Figures of results, by plotly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from icsflow.table import needed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from icsflow.comparison import Comparison
    from icsflow.results import Results

__all__ = ["Plots", "differences"]

_BLUE, _RED = "0, 94, 184", "174, 37, 115"  # the blue and the dark pink of the NHS identity


class Plots:
    """The figures of a run; see ``Results.plot``."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def __repr__(self) -> str:
        names = (name for name in vars(Plots) if not name.startswith("_"))
        return f"<figures of a run: {', '.join(f'.{name}()' for name in names)}>"

    def occupancy(
        self,
        node: str,
        level: Literal["occupied", "waiting", "blocked", "ready"] = "occupied",
    ) -> Figure:
        """People at a node at each census (`ready`: no criteria to reside): mean of the replications,
        and where half and 95 % of them lie; with the number of places, their mean where they vary.

        Raises ValueError, with the valid names, for another node or level; ImportError without plotly.
        """
        go = needed("plotly.graph_objects", "plot", ".plot")
        table, plan = self._results.occupancy, self._results.plan
        rows = table.rows(node=node, level=level)
        if not rows:
            nodes = ", ".join(dict.fromkeys(table["node"]))
            levels = ", ".join(dict.fromkeys(table["level"]))
            raise ValueError(
                f"there is no {level!r} at {node!r}; the nodes are {nodes}; the levels {levels}"
            )
        dates = [row["date"] for row in rows]

        def column(name: str) -> list[float]:
            return [row[name] for row in rows]

        def band(low: str, high: str, name: str, strength: float) -> Figure:
            return go.Scatter(
                x=dates + dates[::-1],
                y=column(high) + column(low)[::-1],
                fill="toself",
                fillcolor=f"rgba({_BLUE}, {strength})",
                line={"width": 0},
                hoverinfo="skip",
                name=name,
            )

        figure = go.Figure()
        if self._results.plan["replications"] > 1:
            figure.add_trace(band("p2_5", "p97_5", "95% of replications", 0.14))
            figure.add_trace(band("p25", "p75", "half of replications", 0.26))
        figure.add_trace(
            go.Scatter(
                x=dates,
                y=column("mean"),
                line={"color": f"rgb({_BLUE})", "width": 2},
                name="mean",
                customdata=list(zip(column("p2_5"), column("p97_5"), strict=True)),
                hovertemplate="%{y:.1f} <span>(95%: %{customdata[0]:.0f}–%{customdata[1]:.0f})</span>",
            )
        )
        places = self._places(node) if level == "occupied" else []
        if places:
            number = f" ({places[0]:,g})" if len(set(places)) == 1 else ""
            figure.add_trace(
                go.Scatter(
                    x=dates if len(places) > 1 else [dates[0], dates[-1]],
                    y=places if len(places) > 1 else places * 2,
                    mode="lines",
                    line={"color": f"rgb({_RED})", "width": 1.5, "dash": "dash", "shape": "hv"},
                    name=f"places{number}",
                    hoverinfo="skip",
                )
            )
        what = {"occupied": "in places", "ready": "ready and still there"}.get(level, level)
        figure.update_layout(
            template="plotly_white",
            title={"text": f"{node}: people {what}", "x": 0, "xref": "paper"},
            xaxis={"title": f"date (census at {plan['census']})"},
            yaxis={"title": f"people {what}", "rangemode": "normal"},
            legend={"orientation": "h", "y": 1.02, "x": 1, "xanchor": "right", "yanchor": "bottom"},
            hovermode="x unified",
            margin={"l": 60, "r": 20, "t": 70, "b": 50},
            height=420,
        )
        return figure

    def _places(self, node: str) -> list[float]:
        """Places at each census where they vary, else their number; none without limit."""
        rows = self._results.occupancy.rows(node=node, level="places")
        rows = rows or self._results.summary.rows(scope=node, metric="places", cohort="all")
        return [float(row["mean"]) for row in rows]


def differences(comparison: Comparison, metric: str, scope: str) -> Figure:
    """The differences of all scenarios from the base, with their intervals."""
    go = needed("plotly.graph_objects", "plot", ".plot")
    rows = comparison.table(metric, scope).rows()
    if not rows:
        raise ValueError(f"the metric {metric!r} does not apply to {scope!r}")
    figure = go.Figure(
        go.Scatter(
            x=[row["difference"] for row in rows],
            y=[row["scenario"] for row in rows],
            error_x={
                "array": [row["upper"] - row["difference"] for row in rows],
                "color": f"rgba({_BLUE}, .6)",
            },
            mode="markers",
            marker={"color": f"rgb({_BLUE})", "size": 9},
            customdata=[[row["base"], row["value"]] for row in rows],
            hovertemplate="%{x:+.3g} (%{customdata[0]:.4g} → %{customdata[1]:.4g})<extra></extra>",
        )
    )
    figure.add_vline(x=0, line={"color": f"rgb({_RED})", "dash": "dash", "width": 1.5})
    figure.update_layout(
        template="plotly_white",
        title={"text": f"{scope}: {metric}, scenario less base", "x": 0, "xref": "paper"},
        xaxis={"title": rows[0]["unit"]},
        yaxis={"autorange": "reversed"},
        margin={"l": 60, "r": 20, "t": 70, "b": 50},
        height=160 + 28 * len(rows),
    )
    return figure
