extension ViewerScript {
    /// Maps: decoded live, chosen, or kept; their surfaces and levels.
    static let density = #"""
        Object.assign(app, {
          view: null, mapA: null, mapB: null, kept: null, level: {a: null, b: null}, wanted: null,
          isDecoding: false,
        });
        const mapColours = {a: "#6aa6d6", b: "#d9822b"};

        const prepareView = () => {
          try { app.view = new SurfaceView(byId("surface")); } catch (error) {
            byId("map-empty").firstElementChild.textContent =
              "This browser has no WebGL, which surfaces are drawn with.";
            return;
          }
          app.view.onturn = () => { app.isTurned = true; };
        };

        const mapOf = packet => {
          const {facts} = packet, count = facts.size[0] * facts.size[1] * facts.size[2];
          return {facts, values: floats(packet, 0, count)};
        };

        /* The mesh of a map at a level; the last one is kept with the map. */
        const meshOf = (map, level) => {
          if (map.level !== level) {
            map.mesh = SurfaceMesh.make(map.values, map.facts.size, level);
            map.level = level;
          }
          return map.mesh;
        };

        const middle = facts => facts.origin.map((o, k) => o + (facts.size[k] >> 1) * facts.voxel);

        /* The scene is as large as the first surface; later maps keep its scale. */
        const fitView = map => {
          const {positions} = meshOf(map, app.level.a);
          let reach = 0;
          for (let k = 0; k < positions.length; k += 3) {
            reach = Math.max(reach, Math.hypot(positions[k], positions[k + 1], positions[k + 2]));
          }
          app.isFitted = reach > 0;
          app.view.setExtent(1.12 * map.facts.voxel * (reach || Math.max(...map.facts.size) / 2));
        };
        const resetView = () => {
          app.isFitted = false;
          if (app.view) app.view.reset();
          drawMaps();
        };

        const drawMaps = () => {
          const {view, mapA, mapB} = app;
          if (!view) return;
          byId("map-empty").hidden = Boolean(mapA || mapB);
          const centre = mapA || mapB ? middle((mapA || mapB).facts) : [0, 0, 0];
          const part = (map, level, colour, opacity) => map && {
            mesh: meshOf(map, level), voxel: map.facts.voxel, colour: rgb(colour), opacity,
            centre: middle(map.facts).map((v, k) => centre[k] - v),
          };
          if (mapA && !app.isFitted) fitView(mapA);
          view.ground = rgb(theme()("surface"));
          view.set([
            part(mapA, app.level.a, mapColours.a, 1), part(mapB, app.level.b, mapColours.b, 0.55),
          ]);
        };

        /* The sliders run from 0, or the lowest density where all lie above, to the highest. */
        const range = map => [Math.max(0, map.facts.low), map.facts.high];
        const showLevel = key => {
          const map = key === "a" ? app.mapA : app.mapB;
          byId("level-b-row").hidden = !app.mapB;
          if (!map) return;
          const [low, high] = range(map);
          byId("level-" + key).value = Math.round(1000 * (app.level[key] - low) / (high - low));
          byId("level-" + key + "-text").textContent = app.level[key].toPrecision(3);
        };
        const setLevel = (key, value) => {
          app.level[key] = value;
          showLevel(key);
          drawMaps();
        };
        const takeSlider = key => {
          const map = key === "a" ? app.mapA : app.mapB;
          if (!map) return;
          const [low, high] = range(map);
          setLevel(key, low + (high - low) * byId("level-" + key).value / 1000);
        };

        /* A level stays while maps change, so that they can be compared; one that shows nothing does not. */
        const showMap = (key, map) => {
          app[key === "a" ? "mapA" : "mapB"] = map;
          const level = app.level[key], {low, high} = map ? map.facts : {};
          if (map && (level === null || level <= low || level >= high)) app.level[key] = map.facts.level;
          showLevel(key);
          drawMaps();
        };

        const note = text => { byId("map-note").textContent = text; };

        /* The newest wish is decoded as soon as the last one is done; those between are skipped. */
        const requestMap = async place => {
          app.wanted = place;
          byId("map-a").value = "live";
          if (app.isDecoding) return;
          app.isDecoding = true;
          while (app.wanted) {
            const now = app.wanted;
            app.wanted = null;
            try {
              const begun = performance.now();
              const map = await askMap(now);
              app.live = map;
              if (byId("map-a").value === "live") showMap("a", map);
              const all = performance.now() - begun;
              note(`${map.facts.size.join(" × ")} voxels, `
                + `decoded in ${Math.round(map.facts.milliseconds)} ms, shown after ${all.toFixed(0)} ms`);
            } catch (error) {
              app.wanted = null;
              note("");
              toast(error.message, true);
            }
          }
          app.isDecoding = false;
        };

        const chooseMap = async key => {
          const choice = byId("map-" + key).value;
          if (choice === "none") return showMap(key, null);
          if (choice === "live") return showMap(key, app.live || null);
          if (choice === "kept") return showMap(key, app.kept);
          await working(null, async () => {
            const map = mapOf(await askPacket("/api/map", {path: choice}));
            if (byId("map-" + key).value === choice) showMap(key, map);
            note(choice);
          });
        };

        const keepMap = () => {
          if (!app.mapA) return toast("There is no map to keep yet.", true);
          app.kept = {...app.mapA};
          app.level.b = app.level.a;
          listMaps();
          byId("map-b").value = "kept";
          showMap("b", app.kept);
        };

        const listMaps = () => {
          const groups = new Map();
          for (const map of app.run.maps) {
            if (!groups.has(map.group)) groups.set(map.group, []);
            groups.get(map.group).push([map.path, map.name]);
          }
          const kept = app.kept ? [["kept", "kept map"]] : [];
          fill(byId("map-a"), [["", [["live", "decoded here"]]], ...groups]);
          fill(byId("map-b"), [["", [["none", "none"], ...kept]], ...groups]);
        };

        """#
}
