extension ViewerScript {
    /// Selected particles: their number, their images, their file.
    static let selection = #"""
        const selectedRows = () => {
          const rows = [];
          app.selected.forEach((chosen, row) => { if (chosen) rows.push(row); });
          return Uint32Array.from(rows);
        };

        const select = (found, how) => {
          if (how === "set") app.selected = found;
          else found.forEach((hit, row) => { if (hit) app.selected[row] = how === "add" ? 1 : 0; });
          showSelection();
          showTab("selection");
          return drawScatter();
        };

        const showSelection = () => {
          const count = app.selected.reduce((sum, chosen) => sum + chosen, 0);
          const all = app.selected.length;
          byId("selected-count").textContent = count
            ? `${number(count)} particles selected (${(100 * count / all).toFixed(1)} %)`
            : "No particles selected";
          const canSave = app.run && !app.run.particlesProblem;
          byId("save-selection").disabled = !count || !canSave;
          byId("show-images").disabled = !count || !canSave || !app.run.hasCheckpoint;
          byId("select-invert").disabled = byId("select-clear").disabled = !count;
          byId("selection-hint").textContent = app.run && app.run.particlesProblem
            || "Lasso or polygon select particles; Shift adds, Alt takes away.";
        };

        const selectCluster = async () => {
          const choice = byId("select-cluster").value;
          if (choice === "") return;
          await working(null, async () => {
            const column = app.run.columns.find(one => one.id.startsWith("kmeans"));
            const packet = await askPacket("/api/column", {id: column.id});
            const labels = new Uint16Array(packet.data, packet.start, app.run.particles);
            await select(Uint8Array.from(labels, label => label === Number(choice) ? 1 : 0), "set");
          });
          byId("select-cluster").value = "";
        };

        const saveSelection = () => working(byId("save-selection"), async () => {
          const name = byId("selection-name").value.trim();
          const rows = selectedRows();
          const answer = await saving(
            replace => post("/api/selection", {name, replace}, rows), "that file");
          if (!answer) return;
          const written = await answer.json();
          toast(`${number(written.particles)} particles saved as ${written.path} in the run's folder.`);
        });

        /* Some of the selected particles, evenly spread; others the next time. */
        app.galleryTurn = 0;
        const showImages = () => working(byId("show-images"), async () => {
          const rows = selectedRows(), shown = Math.min(18, rows.length);
          const some = Uint32Array.from({length: shown}, (_, k) =>
            rows[(Math.floor(k * rows.length / shown) + app.galleryTurn) % rows.length]);
          byId("gallery-tools").hidden = false;
          byId("gallery-note").textContent =
            "reading images; where they were not kept they are prepared first";
          const packet = await askPacket("/api/gallery", {}, {method: "POST", body: some});
          const {side, pixelSize} = packet.facts, pixels = side * side;
          app.gallery = packet.facts.rows.map((row, k) => ({
            row, side, image: floats(packet, k * pixels, pixels),
            predicted: floats(packet, (packet.facts.rows.length + k) * pixels, pixels),
          }));
          byId("gallery-note").textContent =
            "left: particle, right: reprojection of its decoded map; "
            + `${side} px of ${pixelSize.toFixed(2)} Å`;
          drawGallery();
        });

        /* A Gaussian of 1.5 pixels, so that an eye finds the particle in the noise. */
        const smoothed = (values, side) => {
          const weights = [0.02, 0.11, 0.22, 0.3, 0.22, 0.11, 0.02];
          const pass = (from, step) => Float32Array.from(from, (_, i) => {
            const place = step === 1 ? i % side : Math.floor(i / side);
            let sum = 0, total = 0;
            for (let k = -3; k <= 3; k++) {
              if (place + k < 0 || place + k >= side) continue;
              sum += weights[k + 3] * from[i + k * step];
              total += weights[k + 3];
            }
            return sum / total;
          });
          return pass(pass(values, 1), side);
        };

        const paint = (canvas, values, side) => {
          canvas.width = canvas.height = side;
          const sorted = Float32Array.from(values).sort();
          const low = sorted[Math.floor(0.005 * sorted.length)];
          const high = sorted[Math.floor(0.995 * sorted.length)];
          const picture = new ImageData(side, side);
          for (let i = 0; i < values.length; i++) {
            /* Rows are drawn upwards, as map viewers do. */
            const to = ((side - 1 - Math.floor(i / side)) * side + i % side) * 4;
            const gray = 255 * (values[i] - low) / (high - low || 1);
            picture.data.set([gray, gray, gray, 255], to);
          }
          canvas.getContext("2d").putImageData(picture, 0, 0);
        };

        const drawGallery = () => {
          const gallery = byId("gallery"), isSmooth = byId("smooth").checked;
          gallery.replaceChildren();
          for (const {row, side, image, predicted} of app.gallery || []) {
            const figure = document.createElement("figure"), two = document.createElement("div");
            two.className = "two";
            for (const values of [isSmooth ? smoothed(image, side) : image, predicted]) {
              const canvas = document.createElement("canvas");
              paint(canvas, values, side);
              two.append(canvas);
            }
            const caption = document.createElement("figcaption");
            caption.textContent = `row ${number(row + 1)}`;
            figure.append(two, caption);
            gallery.append(figure);
          }
        };

        """#
}
