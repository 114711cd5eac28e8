extension ViewerScript {
    /// The plane of the points: places, colours, axes, legend.
    static let scatter = #"""
        Object.assign(app, {plane: null, column: null, selected: new Uint8Array(0), hidden: new Set()});
        const plot = byId("scatter");
        const viridis = [
          "#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b",
          "#fde725",
        ];

        const loadPlane = async () => {
          const packet = await askPacket("/api/points", {plane: byId("plane").value});
          const count = app.run.particles;
          app.plane = {...packet.facts, x: floats(packet, 0, count), y: floats(packet, count, count)};
          app.density = null;
        };

        const loadColumn = async () => {
          const id = byId("colour").value;
          app.hidden = new Set();
          if (id === "density" || id === "none") {
            app.column = {kind: id, name: id};
            return;
          }
          const packet = await askPacket("/api/column", {id});
          const count = app.run.particles;
          const values = packet.facts.kind === "numbers"
            ? floats(packet, 0, count) : new Uint16Array(packet.data, packet.start, count);
          app.column = {...packet.facts, values};
        };

        /* Points in the neighbourhood of each, by a smoothed count on a fine grid. */
        const planeDensity = () => {
          if (app.density) return app.density;
          const {x, y} = app.plane, side = 200;
          const [x0, x1] = extent(x), [y0, y1] = extent(y);
          const sx = (side - 1) / (x1 - x0 || 1), sy = (side - 1) / (y1 - y0 || 1);
          let grid = new Float32Array(side * side);
          const cell = i => Math.floor((y[i] - y0) * sy) * side + Math.floor((x[i] - x0) * sx);
          for (let i = 0; i < x.length; i++) grid[cell(i)]++;
          for (const step of [1, side, 1, side]) {
            const next = new Float32Array(grid);
            for (let k = 2 * step; k < grid.length - 2 * step; k++) {
              next[k] = (grid[k - 2 * step] + 4 * grid[k - step] + 6 * grid[k] + 4 * grid[k + step]
                + grid[k + 2 * step]) / 16;
            }
            grid = next;
          }
          app.density = Float32Array.from(x, (_, i) => Math.sqrt(grid[cell(i)]));
          return app.density;
        };

        const extent = values => {
          let low = Infinity, high = -Infinity;
          for (const value of values) {
            if (value < low) low = value;
            if (value > high) high = value;
          }
          return low < high ? [low, high] : [low - 1, low + 1];
        };
        /* Ends of a colour scale that a few outliers do not stretch. */
        const colourEnds = values => {
          const step = Math.max(1, Math.floor(values.length / 20000));
          const sample = values.filter((value, i) => i % step === 0 && Number.isFinite(value)).sort();
          if (!sample.length) return [0, 1];
          const last = sample.length - 1;
          const low = sample[Math.floor(0.01 * last)], high = sample[Math.ceil(0.99 * last)];
          return low < high ? [low, high] : [low - 0.5, low + 0.5];
        };

        const categoryColour = k => palette[k % palette.length];

        const viridisAt = share => {
          const place = share * (viridis.length - 1), k = Math.min(Math.floor(place), viridis.length - 2);
          const [a, b] = [rgb(viridis[k]), rgb(viridis[k + 1])];
          const mixed = a.map((v, c) => Math.round(255 * (v + (b[c] - v) * (place - k))));
          return "#" + mixed.map(v => v.toString(16).padStart(2, "0")).join("");
        };

        const isShown = i => app.column.kind !== "categories" || !app.hidden.has(app.column.values[i]);

        const drawScatter = async () => {
          if (!app.plane) return;
          const pick = theme();
          const {x, y} = app.plane;
          const all = Uint32Array.from(x, (_, i) => i);
          app.ground = packed(pick("surface"));
          app.colours = pointColours(pick);
          app.rows = app.hidden.size ? all.filter(isShown) : all;
          app.selectedRows = all.filter(i => app.selected[i]);
          const axis = title => ({
            title: {text: title, standoff: 6, font: {size: 12, color: pick("muted")}}, zeroline: false,
            showgrid: false, showline: true, mirror: true, linecolor: pick("line"),
            tickfont: {size: 11, color: pick("muted")},
          });
          /* Two points that are not seen give the axes their ranges. */
          const corners = {
            type: "scatter", mode: "markers", hoverinfo: "skip", x: extent(x), y: extent(y),
            marker: {opacity: 0, size: 6},
          };
          await Plotly.react(plot, [corners], {
            paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
            font: {family: getComputedStyle(document.body).fontFamily, color: pick("text")},
            margin: {l: 48, r: 12, t: 10, b: 40}, dragmode: "pan", hovermode: false,
            uirevision: app.plane.id, xaxis: axis(app.plane.labels[0]),
            yaxis: Object.assign(axis(app.plane.labels[1]), app.plane.isSquare ? {scaleanchor: "x"} : {}),
          }, {responsive: true, displayModeBar: false, scrollZoom: true, doubleClick: "reset"});
          if (!plot.isWatched) {
            plot.isWatched = true;
            for (const event of ["plotly_relayout", "plotly_relayouting", "plotly_afterplot"]) {
              plot.on(event, () => { drawPoints(); drawOverlay(); });
            }
          }
          drawLegend();
          drawPoints();
          drawOverlay();
        };

        const drawLegend = () => {
          const legend = byId("legend"), column = app.column;
          legend.replaceChildren();
          if (column.kind === "categories") {
            column.names.slice(0, 60).forEach((name, k) => {
              const button = document.createElement("button");
              button.type = "button";
              button.style.setProperty("--chip", categoryColour(k));
              button.textContent = name;
              button.setAttribute("aria-pressed", String(!app.hidden.has(k)));
              button.style.opacity = app.hidden.has(k) ? 0.4 : 1;
              button.addEventListener("click", () => {
                if (!app.hidden.delete(k)) app.hidden.add(k);
                drawScatter();
              });
              legend.append(button);
            });
            if (column.names.length > 60) legend.append(`and ${number(column.names.length - 60)} more`);
          } else if (column.ends) {
            const ramp = document.createElement("span");
            ramp.className = "ramp";
            ramp.style.background = `linear-gradient(to right, ${viridis.join(", ")})`;
            const unit = column.unit ? " " + column.unit : "";
            const [low, high] = column.kind === "density" ? ["few", "many"]
              : column.ends.map(value => Number(value.toPrecision(3)) + unit);
            legend.append(low, ramp, high);
          }
        };

        const showPoints = async changes => {
          if (changes.plane) await loadPlane();
          if (changes.column) await loadColumn();
          await drawScatter();
        };

        """#
}
