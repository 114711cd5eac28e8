extension PageScript {
    /// The latent plots: UMAP and principal components share one colouring and one legend.
    ///
    /// With WebGL every point is drawn. Without it Plotly's slower drawing takes over, with a part of the
    /// points; a notice says so.
    static let latent = #"""
        const points = report.latent;
        const slowLimit = 20000;
        let hidden = new Set();

        const hasWebGL = () => {
          try {
            const canvas = document.createElement("canvas");
            const gl = canvas.getContext("webgl");
            if (!gl) return false;
            const lose = gl.getExtension("WEBGL_lose_context");
            const works = gl.getExtension("OES_element_index_uint") !== null;
            if (lose) lose.loseContext();
            return works;
          } catch (error) {
            return false;
          }
        };
        let drawsFast = points ? hasWebGL() : false;

        const views = {};
        const colourings = [];
        let particleRows = null;
        if (points) {
          if (points.umap) {
            const [x, y] = points.umap.map(unpack);
            views.umap = () => ({x, y, labels: ["UMAP 1 (no unit)", "UMAP 2 (no unit)"], equal: true});
          }
          if (points.pca) {
            const columns = points.pca.columns.map(unpack);
            views.pca = () => {
              const choice = byId("components");
              const [a, b] = (choice ? choice.value : "0,1").split(",").map(Number);
              return {x: columns[a], y: columns[b], labels: [points.pca.labels[a], points.pca.labels[b]]};
            };
          }
          for (const colouring of points.colourings) {
            colourings.push(Object.assign({}, colouring, {
              labels: colouring.labels && unpack(colouring.labels),
              values: colouring.values && unpack(colouring.values),
            }));
          }
          const shown = Object.values(views)[0]().x.length;
          particleRows = points.rows
            ? unpack(points.rows) : Uint32Array.from({length: shown}, (_, i) => i + 1);
        }

        /* The points to draw: all, or evenly spread ones where drawing is slow. */
        const drawn = () => {
          const count = particleRows.length;
          if (drawsFast || count <= slowLimit) return Uint32Array.from({length: count}, (_, i) => i);
          return Uint32Array.from({length: slowLimit}, (_, i) => Math.floor(i * count / slowLimit));
        };

        /* Groups of points with a name, a colour and the indices of their members. */
        const groups = (colouring, colours, members) => {
          if (!colouring) return [{name: "particles", colour: colours.curve, members}];
          if (colouring.values) {
            return [
              {
                name: "no value", colour: colours.none,
                members: members.filter(i => isNaN(colouring.values[i])),
              },
              {name: colouring.name, members: members.filter(i => !isNaN(colouring.values[i]))},
            ].filter(group => group.members.length);
          }
          const bins = colouring.names.map((name, k) => ({name, colour: colouring.colours[k], members: []}));
          const rest = {name: "none", colour: colours.none, members: []};
          for (const i of members) (bins[colouring.labels[i]] || rest).members.push(i);
          return (rest.members.length ? [rest] : []).concat(bins);
        };

        /* Large groups are drawn in turns, a random part of each at a time: drawn one after the other, the
           last would cover the rest. A part keeps the name and colour of its group. */
        const turns = (list, count) => {
          if (list.length < 2 || count < 500) return list;
          const number = list.length > 24 ? 4 : 8;
          const parts = Array.from({length: number}, () => list.map(group => ({...group, members: []})));
          list.forEach((group, k) => {
            for (const i of group.members) {
              parts[(Math.imul(i + 1, 2654435761) >>> 16) % number][k].members.push(i);
            }
          });
          return parts.flat().filter(part => part.members.length);
        };

        const pick = (column, members) => Float32Array.from(members, i => column[i]);

        const markerSize = count => count < 1500 ? 6.5 : count < 10000 ? 4.5 : count < 60000 ? 3.2 : 2.2;

        const trace = (group, view, colouring, colours, count) => {
          const marker = {size: markerSize(count), opacity: count < 10000 ? 0.8 : 0.6, color: group.colour};
          let value = "";
          if (colouring && colouring.values && !group.colour) {
            marker.color = pick(colouring.values, group.members);
            Object.assign(marker, {
              colorscale: "Viridis", cmin: colouring.low, cmax: colouring.high, showscale: true,
              colorbar: {
                title: {text: colouring.unit || "", side: "top"}, thickness: 10, outlinewidth: 0, len: 0.9,
                tickfont: {size: 11, color: colours.muted}, x: 1.01, xpad: 4,
              },
            });
            const unit = colouring.unit ? " " + colouring.unit : "";
            value = "<br>%{marker.color:.4g}" + unit.replace(/[<>&]/g, "");
          }
          return {
            type: drawsFast ? "scattergl" : "scatter", mode: "markers", marker, name: group.name,
            x: pick(view.x, group.members), y: pick(view.y, group.members),
            customdata: Array.from(group.members, i => particleRows[i]),
            hovertemplate: "row %{customdata}" + value + "<extra>%{fullData.name}</extra>",
            visible: !hidden.has(group.name),
          };
        };

        const densityTrace = (view, members, colours) => ({
          type: "histogram2d", x: pick(view.x, members), y: pick(view.y, members), nbinsx: 120, nbinsy: 120,
          colorscale: [[0, "rgba(0,0,0,0)"], [1e-6, "#440154"], [0.13, "#3b528b"], [0.3, "#21918c"],
            [0.6, "#5ec962"], [1, "#fde725"]],
          colorbar: {
            title: {text: "points", side: "top"}, thickness: 10, outlinewidth: 0, len: 0.9,
            tickfont: {size: 11, color: colours.muted}, x: 1.01, xpad: 4,
          },
          hovertemplate: "%{z} points<extra></extra>",
        });

        /* Buttons that hide and show a group in both plots. */
        const drawLegend = (list, parts, isShown) => {
          const legend = byId("latent-legend");
          legend.replaceChildren();
          if (!isShown) return;
          const names = list.map(group => group.name);
          const apply = () => {
            for (const button of legend.children) {
              button.setAttribute("aria-pressed", String(!hidden.has(button.dataset.name)));
            }
            const visible = parts.map(part => !hidden.has(part.name));
            for (const name of Object.keys(views)) Plotly.restyle("plot-" + name, {visible});
          };
          for (const group of list) {
            const button = document.createElement("button");
            button.type = "button";
            button.dataset.name = group.name;
            button.style.setProperty("--chip", group.colour);
            button.setAttribute("aria-pressed", String(!hidden.has(group.name)));
            const count = document.createElement("small");
            count.textContent = group.members.length.toLocaleString("en");
            button.append(group.name, " ", count);
            button.addEventListener("click", () => {
              if (!hidden.delete(group.name)) hidden.add(group.name);
              apply();
            });
            button.addEventListener("dblclick", () => {
              const isAlone = names.every(name => name === group.name || hidden.has(name));
              hidden = new Set(isAlone ? [] : names.filter(name => name !== group.name));
              apply();
            });
            legend.append(button);
          }
        };

        const drawLatent = colours => {
          if (!points) return;
          const choice = byId("colouring").value;
          const colouring = choice === "density" ? null : colourings[Number(choice)];
          const members = drawn();
          const list = groups(colouring, colours, members);
          const parts = colouring && colouring.values ? list : turns(list, members.length);
          drawLegend(list, parts, Boolean(colouring && colouring.labels));
          const notice = byId("latent-notice");
          notice.hidden = members.length === particleRows.length;
          notice.textContent = "This browser has no WebGL, so "
            + `${members.length.toLocaleString("en")} of the points are drawn.`;
          for (const [name, make] of Object.entries(views)) {
            const view = make();
            const traces = choice === "density"
              ? [densityTrace(view, members, colours)]
              : parts.map(part => trace(part, view, colouring, colours, members.length));
            const drawing = Plotly.react("plot-" + name, traces, layout(colours, {
              xaxis: axis(colours, view.labels[0], {zeroline: false}),
              yaxis: axis(colours, view.labels[1], Object.assign(
                {zeroline: false}, view.equal ? {scaleanchor: "x", scaleratio: 1} : {})),
              showlegend: false, hovermode: "closest", dragmode: "pan",
            }), Object.assign({}, config, {scrollZoom: true}));
            drawing.catch(slowDown);
          }
        };

        /* Drawing with WebGL failed after all: start again without it. */
        const slowDown = () => {
          if (!drawsFast) return;
          drawsFast = false;
          for (const name of Object.keys(views)) Plotly.purge("plot-" + name);
          drawLatent(theme());
        };

        if (points) {
          byId("colouring").addEventListener("change", () => {
            hidden = new Set();
            drawLatent(theme());
          });
          if (byId("components")) byId("components").addEventListener("change", () => drawLatent(theme()));
          for (const name of Object.keys(views)) {
            byId("plot-" + name).addEventListener("webglcontextlost", slowDown, true);
          }
        }

        """#
}
