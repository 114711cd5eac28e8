extension ViewerScript {
    /// A path through the plane as a film of maps, and what can be saved of it.
    static let path = #"""
        Object.assign(app, {frames: [], places: [], codes: [], frame: 0, isPlaying: false});

        const pathChanged = () => {
          app.frames = [];
          app.codes = [];
          app.walker = null;
          app.isPlaying = false;
          showPlayer();
        };

        /* The places of two clusters' particles as ends of the path. */
        const anchorsFromClusters = () => {
          const ends = ["path-from", "path-to"].map(id => byId(id).value);
          if (ends.includes("") || ends[0] === ends[1] || !app.plane) return;
          app.anchors = ends.map(cluster => {
            const {row} = app.run.clusters[Number(cluster)];
            return [app.plane.x[row], app.plane.y[row]];
          });
          pathChanged();
          drawOverlay();
        };

        const computePath = () => working(byId("path-compute"), async () => {
          if (app.anchors.length < 2) {
            throw new Error("Choose two clusters, or click two places or more with Path above the points.");
          }
          const count = Math.round(Number(byId("path-count").value));
          const answer = await post("/api/route", {}, JSON.stringify(
            {plane: app.plane.id, points: app.anchors, count}));
          const {places, codes} = await answer.json();
          pathChanged();
          const progress = byId("path-progress");
          progress.hidden = false;
          progress.max = count;
          try {
            const frames = [];
            for (const code of codes) {
              progress.value = frames.length;
              frames.push(await askMap({code}));
            }
            Object.assign(app, {frames, places, codes, frame: 0});
          } finally { progress.hidden = true; }
          showPlayer();
          showFrame(0);
        });

        const showPlayer = () => {
          byId("player").hidden = !app.frames.length;
          byId("path-hint").hidden = Boolean(app.frames.length);
          byId("frame").max = Math.max(0, app.frames.length - 1);
          byId("play").textContent = app.isPlaying ? "Stop" : "Play";
        };

        const showFrame = index => {
          app.frame = index;
          app.walker = app.places[index];
          byId("frame").value = index;
          byId("frame-text").textContent = `${index + 1} of ${app.frames.length}`;
          byId("map-a").value = "live";
          app.live = app.frames[index];
          note("");
          showMap("a", app.frames[index]);
          drawOverlay();
        };

        /* There and back again until stopped. */
        const play = async () => {
          if (app.isPlaying || !app.frames.length) {
            app.isPlaying = false;
            return showPlayer();
          }
          app.isPlaying = true;
          showPlayer();
          let step = app.frame === app.frames.length - 1 ? -1 : 1;
          while (app.isPlaying && app.frames.length) {
            const next = app.frame + step;
            if (next < 0 || next >= app.frames.length) step = -step;
            else showFrame(next);
            await pause(1000 / Number(byId("speed").value));
          }
          app.isPlaying = false;
          showPlayer();
        };

        const frameOrder = () => app.frames.map((_, k) => k).concat(app.frames.map((_, k) => k).reverse());
        /* A frame is on the screen after the second animation frame from now; only then can it be kept. */
        const drawnFrame = async index => {
          showFrame(index);
          for (let k = 0; k < 2; k++) await new Promise(done => requestAnimationFrame(done));
        };

        /* The browser records the map's canvas while the path is played once there and back. */
        const saveFilm = () => working(byId("record"), async () => {
          const kind = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"]
            .find(one => window.MediaRecorder && MediaRecorder.isTypeSupported(one));
          if (!kind) throw new Error("This browser records no WebM films; Save frames gives pictures.");
          app.isPlaying = false;
          const stream = byId("surface").captureStream(0), parts = [];
          const [track] = stream.getVideoTracks();
          const recorder = new MediaRecorder(stream, {mimeType: kind, videoBitsPerSecond: 8e6});
          recorder.ondataavailable = event => parts.push(event.data);
          const ended = new Promise(done => { recorder.onstop = done; });
          recorder.start();
          /* The last frame twice, or the film ends before it has been seen. */
          for (const index of [...frameOrder(), 0]) {
            await drawnFrame(index);
            track.requestFrame();
            await pause(1000 / Number(byId("speed").value));
          }
          recorder.stop();
          await ended;
          track.stop();
          const film = new Blob(parts, {type: "video/webm"});
          const name = byId("path-name").value.trim();
          const answer = await saving(replace => post("/api/movie", {name, replace}, film), "that film");
          if (answer) toast(`The film is ${(await answer.json()).path} in the run's folder.`);
        });

        const saveFrames = () => working(byId("save-frames"), async () => {
          const name = byId("path-name").value.trim();
          app.isPlaying = false;
          let replace = 0;
          for (let index = 0; index < app.frames.length; index++) {
            await drawnFrame(index);
            const picture = await new Promise(done => byId("surface").toBlob(done, "image/png"));
            const send = again =>
              post("/api/movie", {name, frame: index, replace: again || replace}, picture);
            const answer = await saving(send, "those frames");
            if (!answer) return;
            if (index === 0) replace = 1;
          }
          toast(`${app.frames.length} frames are in movies/${name} in the run's folder.`);
        });

        const savePath = () => working(byId("save-path"), async () => {
          const name = byId("path-name").value.trim(), progress = byId("path-progress");
          const body = JSON.stringify({codes: app.codes, level: app.level.a});
          const answer = await saving(replace => post("/api/path", {name, replace}, body), "those maps");
          if (!answer) return;
          let job = await answer.json();
          progress.hidden = false;
          try {
            while (!job.result && !job.error) {
              progress.max = job.all;
              progress.value = job.done;
              await pause(250);
              job = await askJSON("/api/job", {id: job.id});
            }
          } finally { progress.hidden = true; }
          if (job.error) throw new Error(job.error);
          toast(`Maps and a ChimeraX script are beside ${job.result} in the run's folder.`);
          await refresh();
        });

        """#
}
