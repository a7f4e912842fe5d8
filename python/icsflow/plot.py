"""Figures of results, by plotly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from icsflow.table import needed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from icsflow.results import Results

__all__ = ["Plots"]

_BLUE, _RED = "0, 94, 184", "174, 37, 115"  # the blue and the dark pink of the NHS identity


class Plots:
    """The figures of a run; see ``Results.plot``."""

    def __init__(self, results: Results) -> None:
        self._results = results

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
        places = self._places(node) if level == "occupied" else None
        if places is not None:
            figure.add_trace(
                go.Scatter(
                    x=[dates[0], dates[-1]],
                    y=[places, places],
                    mode="lines",
                    line={"color": f"rgb({_RED})", "width": 1.5, "dash": "dash"},
                    name=f"places ({round(places, 1):,g})",
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

    def _places(self, node: str) -> float | None:
        rows = self._results.summary.rows(scope=node, metric="places", cohort="all")
        return float(rows[0]["mean"]) if rows else None
