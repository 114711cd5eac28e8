/// The script of the page: reads the data, draws the plots, redraws them when the colours of the page change.
enum PageScript {
    static let source = HTML(
        markup: "\"use strict\";\n(() => {\n" + common + curves + latent + added
            + SurfaceScript.source + surfaces + start + "})();\n")

    private static let common = #"""
        const report = JSON.parse(document.getElementById("report-data").textContent);
        const byId = id => document.getElementById(id);

        /* The colours of the style sheet at this moment. */
        const theme = () => {
          const style = getComputedStyle(document.documentElement);
          const pick = name => style.getPropertyValue("--" + name).trim();
          return {
            text: pick("text"), muted: pick("muted"), grid: pick("grid"), surface: pick("surface"),
            line: pick("line"), none: pick("none"), curve: pick("curve"), validation: pick("validation"),
          };
        };

        const axis = (colours, title, more) => Object.assign({
          title: {text: title, standoff: 8, font: {size: 12.5, color: colours.muted}},
          gridcolor: colours.grid, zerolinecolor: colours.grid, linecolor: colours.line,
          tickfont: {size: 11.5, color: colours.muted}, automargin: true,
        }, more);

        const layout = (colours, more) => Object.assign({
          paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
          font: {family: getComputedStyle(document.body).fontFamily, size: 12.5, color: colours.text},
          margin: {l: 52, r: 14, t: 34, b: 44},
          hoverlabel: {bgcolor: colours.surface, bordercolor: colours.line, font: {color: colours.text}},
          modebar: {bgcolor: "rgba(0,0,0,0)", color: colours.muted, activecolor: colours.text},
        }, more);

        const config = {
          responsive: true, displaylogo: false, toImageButtonOptions: {format: "svg"},
          modeBarButtonsToRemove: ["autoScale2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d"],
        };

        /* Little-endian binary of the given type, see PackedArray. */
        const kinds = {u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array};
        const unpack = packed => {
          const text = atob(packed.data);
          const bytes = new Uint8Array(text.length);
          for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
          const codes = new kinds[packed.type](bytes.buffer);
          if (packed.low === undefined) return codes;
          const step = (packed.high - packed.low) / 65534;
          return Float32Array.from(codes, code => code === 65535 ? NaN : packed.low + step * code);
        };

        """#

    private static let curves = #"""
        const dashes = ["solid", "dash", "dot"];

        const drawTraining = colours => (report.training || []).forEach((term, index) => {
          let others = 0;
          const traces = term.curves.map(curve => ({
            x: curve.x, y: curve.y, name: curve.name, type: "scatter",
            mode: curve.x.length < 40 ? "lines+markers" : "lines", marker: {size: 4.5},
            line: {
              width: 2, color: curve.validation ? colours.validation : colours.curve,
              dash: curve.validation ? "dash" : dashes[others++ % 3],
            },
            hovertemplate: "epoch %{x}: %{y:.5g}<extra>%{fullData.name}</extra>",
          }));
          const unit = term.unit ? ` (${term.unit})` : "";
          Plotly.react("training-" + index, traces, layout(colours, {
            xaxis: axis(colours, "epoch"),
            yaxis: axis(colours, term.unit ? `value${unit}` : "", {
              type: term.logarithmic ? "log" : "linear", exponentformat: "power", nticks: 6,
              dtick: term.logarithmic ? 1 : undefined,
            }),
            showlegend: traces.length > 1, hovermode: "x unified",
            legend: {orientation: "h", x: 0, xanchor: "left", y: 1.01, yanchor: "bottom"},
            margin: {l: 52, r: 10, t: traces.length > 1 ? 58 : 40, b: 42},
          }), Object.assign({}, config, {
            modeBarButtonsToRemove: config.modeBarButtonsToRemove.concat("pan2d"),
          }));
        });

        const drawFSC = colours => {
          if (!report.fsc) return;
          const last = Math.max(...report.fsc.flatMap(curve => curve.x).filter(Number.isFinite));
          const traces = report.fsc.map(curve => ({
            x: curve.x, y: curve.y, name: curve.name, type: "scatter", mode: "lines",
            line: {width: 2, color: curve.colour, dash: dashes[curve.dash]},
            customdata: curve.x.map(x => x > 0 ? (1 / x).toFixed(2) + " Å" : "∞"),
            hovertemplate: "%{y:.3f} at %{customdata}<extra>%{fullData.name}</extra>",
          }));
          const criterion = y => ({
            type: "line", xref: "paper", x0: 0, x1: 1, y0: y, y1: y,
            line: {color: colours.muted, width: 1, dash: "dash"},
          });
          const label = y => ({
            xref: "paper", x: 0, xanchor: "left", y, yanchor: "bottom", text: String(y), showarrow: false,
            font: {size: 11, color: colours.muted},
          });
          const ticks = [0, 1, 2, 3, 4, 5, 6].map(i => i * last / 6);
          Plotly.react("fsc-plot", traces, layout(colours, {
            xaxis: axis(colours, "resolution (Å); linear in spatial frequency (1/Å)", {
              range: [0, last], tickvals: ticks,
              ticktext: ticks.map(x => x > 0 ? (1 / x).toFixed(1) : "∞"),
            }),
            yaxis: axis(colours, "Fourier shell correlation", {range: [-0.08, 1.04]}),
            shapes: [criterion(0.143), criterion(0.5)], annotations: [label(0.143), label(0.5)],
            hovermode: "closest", showlegend: true,
          }), config);
        };

        """#

    private static let start = #"""
        const drawAll = () => {
          const colours = theme();
          drawTraining(colours);
          drawFSC(colours);
          drawLatent(colours);
          drawAdded(colours);
          drawSurfaces(colours);
        };
        drawAll();
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
        addEventListener("beforeprint", () => {
          document.documentElement.classList.add("printing");
          drawAll();
        });
        addEventListener("afterprint", () => {
          document.documentElement.classList.remove("printing");
          drawAll();
        });

        """#
}
