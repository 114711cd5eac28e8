extension ViewerScript {
    /// The points: plane, colours, legend. Plotly draws them with WebGL.
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

        /* Colour of every point: a number of a scale. */
        const marker = pick => {
          const column = app.column;
          if (column.kind === "categories") {
            const shown = Math.min(column.names.length, palette.length);
            const rest = pick("none");
            const scale = [];
            for (let k = 0; k <= shown; k++) {
              const colour = k < shown ? categoryColour(k) : rest;
              scale.push([k / (shown + 1), colour], [(k + 1) / (shown + 1), colour]);
            }
            const many = column.names.length > palette.length;
            return {
              color: Float32Array.from(
                column.values, v => v >= column.names.length ? shown : many ? v % shown : v),
              colorscale: scale, cmin: -0.5, cmax: shown + 0.5,
            };
          }
          const values = column.kind === "density" ? planeDensity() : column.values;
          if (!values) return {color: pick("curve")};
          const [cmin, cmax] = colourEnds(values);
          column.ends = [cmin, cmax];
          return {
            color: values, cmin, cmax,
            colorscale: viridis.map((colour, k) => [k / (viridis.length - 1), colour]),
          };
        };

        const isShown = i => app.column.kind !== "categories" || !app.hidden.has(app.column.values[i]);

        /* Without a graphics card WebGL is software, which moves this many points smoothly and not more. */
        const softwareLimit = 20000;
        const drawsInSoftware = () => {
          if (app.isSoftware === undefined) {
            const gl = document.createElement("canvas").getContext("webgl");
            const info = gl && gl.getExtension("WEBGL_debug_renderer_info");
            const name = info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "";
            app.isSoftware = !gl || /swiftshader|llvmpipe|softpipe|software/i.test(name);
          }
          return app.isSoftware;
        };
        /* Evenly spread ones of a list of rows, where drawing all would be slow. */
        const thinned = rows => rows.length <= softwareLimit || !drawsInSoftware() ? rows
          : Uint32Array.from({length: softwareLimit}, (_, k) =>
            rows[Math.floor(k * rows.length / softwareLimit)]);

        const drawScatter = async () => {
          if (!app.plane) return;
          const pick = theme();
          const {x, y} = app.plane, count = x.length;
          const size = count < 3000 ? 6 : count < 20000 ? 4 : count < 80000 ? 2.8 : 1.8;
          const colours = marker(pick);
          const coloursOf = rows => ({
            ...colours, color: typeof colours.color === "string"
              ? colours.color : Float32Array.from(rows, i => colours.color[i]),
          });
          const all = Uint32Array.from({length: count}, (_, i) => i);
          const rows = thinned(app.hidden.size ? all.filter(isShown) : all);
          app.drawn = rows.length;
          const points = rows === all ? {x, y, marker: colours} : {
            x: Float32Array.from(rows, i => x[i]), y: Float32Array.from(rows, i => y[i]),
            marker: coloursOf(rows),
          };
          const selected = thinned(all.filter(i => app.selected[i]));
          const dim = selected.length ? 0.12 : count < 20000 ? 0.85 : 0.6;
          const traces = [{
            type: "scattergl", mode: "markers", hoverinfo: "skip", x: points.x, y: points.y,
            marker: {...points.marker, size, opacity: dim, showscale: false},
          }, {
            type: "scattergl", mode: "markers", hoverinfo: "skip",
            x: Float32Array.from(selected, i => x[i]), y: Float32Array.from(selected, i => y[i]),
            marker: {...coloursOf(selected), size: size + 0.5, opacity: 0.95, showscale: false},
          }];
          const axis = title => ({
            title: {text: title, standoff: 6, font: {size: 12, color: pick("muted")}}, zeroline: false,
            gridcolor: pick("grid"), linecolor: pick("line"), tickfont: {size: 11, color: pick("muted")},
          });
          const key = app.plane.id;
          await Plotly.react(plot, traces, {
            paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
            font: {family: getComputedStyle(document.body).fontFamily, color: pick("text")},
            margin: {l: 48, r: 12, t: 10, b: 40}, dragmode: "pan", hovermode: false, uirevision: key,
            xaxis: axis(app.plane.labels[0]),
            yaxis: Object.assign(axis(app.plane.labels[1]), app.plane.isSquare ? {scaleanchor: "x"} : {}),
          }, {responsive: true, displayModeBar: false, scrollZoom: true, doubleClick: "reset"});
          if (!plot.isWatched) {
            plot.isWatched = true;
            for (const event of ["plotly_relayout", "plotly_relayouting", "plotly_afterplot"]) {
              plot.on(event, () => drawOverlay());
            }
          }
          drawLegend();
          drawOverlay();
        };

        const drawLegend = () => {
          const legend = byId("legend"), column = app.column;
          legend.replaceChildren();
          if (app.plane.x.length > softwareLimit && drawsInSoftware()) {
            const notice = document.createElement("span");
            notice.className = "muted notice";
            notice.textContent = `${number(app.drawn)} points are drawn, as this browser has no graphics `
              + "card; selections take all.";
            legend.append(notice);
          }
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
