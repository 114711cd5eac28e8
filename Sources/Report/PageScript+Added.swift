extension PageScript {
    /// Plots of the sections that steps of the analysis added.
    static let added = #"""
        const addedTrace = (trace, colours, count) => {
          const colour = trace.colour || colours.curve;
          const isBar = trace.style === "bars";
          const isLine = trace.style === "line" || trace.style === "dashed";
          return {
            x: trace.x, y: trace.y, name: trace.name, type: isBar ? "bar" : "scatter",
            mode: isLine ? (trace.x.length < 40 ? "lines+markers" : "lines") : "markers",
            marker: {size: isLine ? 5 : trace.x.length < 200 ? 9 : 4, color: colour},
            line: {width: 2, color: colour, dash: trace.style === "dashed" ? "dash" : "solid"},
            text: trace.labels.length ? trace.labels : undefined,
            hovertemplate: (trace.labels.length ? "%{text}<br>" : "") + "%{x:.4g}, %{y:.4g}"
              + (count > 1 ? "<extra>%{fullData.name}</extra>" : "<extra></extra>"),
          };
        };

        const addedField = (field, colours) => ({
          type: "heatmap", x: field.x, y: field.y, z: field.values, colorscale: "Viridis",
          hoverongaps: false, zsmooth: false,
          hovertemplate: "%{x:.3g}, %{y:.3g}: %{z:.3g}<extra></extra>",
          colorbar: {
            title: {text: field.title, side: "right"}, thickness: 10, outlinewidth: 0, len: 0.9,
            tickfont: {size: 11, color: colours.muted}, x: 1.01, xpad: 4,
          },
        });

        const drawAdded = colours => (report.added || []).forEach(plot => {
          const named = plot.traces.filter(trace => trace.name).length > 1;
          const kind = axis => axis.logarithmic ? "log" : undefined;
          const traces = (plot.field ? [addedField(plot.field, colours)] : [])
            .concat(plot.traces.map(trace => addedTrace(trace, colours, plot.traces.length)));
          Plotly.react(plot.id, traces, layout(colours, {
            xaxis: axis(colours, plot.x.title, {type: kind(plot.x), zeroline: false}),
            yaxis: axis(colours, plot.y.title, Object.assign(
              {type: kind(plot.y), zeroline: false},
              plot.square ? {scaleanchor: "x", scaleratio: 1} : {})),
            showlegend: named, hovermode: "closest",
            legend: {orientation: "h", x: 0, xanchor: "left", y: 1.01, yanchor: "bottom"},
            margin: {l: 56, r: 14, t: named ? 58 : 40, b: 46},
          }), config);
        });

        """#
}
