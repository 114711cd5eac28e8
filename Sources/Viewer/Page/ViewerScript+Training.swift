extension ViewerScript {
    /// Curves and log of the training, asked for again while it runs.
    static let training = #"""
        const drawTraining = ({terms, log, age}) => {
          const run = app.run, pick = theme();
          const state = byId("training-state");
          if (age === null) state.textContent = "The run has no log of a training.";
          else if (run.isTrained) state.textContent = "The training is complete.";
          else if (age < 300) {
            state.textContent = `The training is running; it last wrote ${Math.round(age)} s ago.`;
          }
          else state.textContent = `The training has not written for ${Math.round(age / 60)} minutes: `
            + "it waits, was stopped, or has long epochs. dsd train ... --resume goes on.";
          const box = byId("curves");
          while (box.children.length > terms.length) box.lastChild.remove();
          terms.forEach((term, k) => {
            if (!box.children[k]) {
              const figure = document.createElement("div");
              figure.append(document.createElement("h3"), document.createElement("div"));
              figure.lastChild.className = "plot";
              box.append(figure);
            }
            const figure = box.children[k];
            figure.firstChild.textContent = term.name;
            const axis = title => ({
              title: {text: title, font: {size: 11, color: pick("muted")}, standoff: 4}, zeroline: false,
              gridcolor: pick("grid"), tickfont: {size: 10, color: pick("muted")}, automargin: true,
              nticks: 6,
            });
            Plotly.react(figure.lastChild, term.curves.map((curve, c) => ({
              x: curve.x, y: curve.y, name: curve.name, type: "scatter",
              mode: curve.x.length < 30 ? "lines+markers" : "lines", marker: {size: 4},
              line: {
                width: 2, color: curve.isValidation ? pick("validation") : c ? palette[c] : pick("curve"),
              },
            })), {
              paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
              font: {family: getComputedStyle(document.body).fontFamily, size: 11, color: pick("text")},
              margin: {l: 40, r: 8, t: 6, b: 34}, xaxis: axis("epoch"), yaxis: axis(""),
              showlegend: term.curves.length > 1, hovermode: "x",
              legend: {orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: {size: 10}},
            }, {responsive: true, displayModeBar: false});
          });
          const lines = byId("log"), isAtEnd = lines.scrollTop + lines.clientHeight > lines.scrollHeight - 8;
          lines.textContent = log.join("\n");
          if (isAtEnd) lines.scrollTop = lines.scrollHeight;
        };

        const watchTraining = async () => {
          try { drawTraining(await askJSON("/api/training")); } catch (error) {
            byId("training-state").textContent = error.message;
          }
        };

        """#
}
