import Report

/// The script of the page: one strict function made of parts, each a concern of its own.
enum ViewerScript {
    static let source =
        "\"use strict\";\n(() => {\n" + palette + core + SurfaceScript.source + scatter + points + overlay
        + density
        + selection + path + training + start + "})();\n"

    private static let palette =
        "const palette = [" + Palette.colours.map { "\"\($0)\"" }.joined(separator: ", ") + "];\n"

    /// Requests, messages and colours.
    private static let core = #"""
        const byId = id => document.getElementById(id);
        const token = new URLSearchParams(location.search).get("token") || "";
        const number = value => value.toLocaleString("en");

        /* What is shown and chosen; each part of the script keeps its own fields. */
        const app = {run: null, mode: "decode", busy: 0};

        const toast = (text, isBad) => {
          const note = document.createElement("div");
          note.className = isBad ? "toast bad" : "toast";
          note.textContent = text;
          byId("toasts").append(note);
          setTimeout(() => note.remove(), isBad ? 12000 : 6000);
        };

        /* Asks the server; an answer that is none becomes an error with its message. */
        const ask = async (path, query, options) => {
          const address = new URL(path, location.origin);
          for (const [name, value] of Object.entries(query || {})) address.searchParams.set(name, value);
          const settings = Object.assign({}, options, {
            headers: Object.assign({"X-Token": token}, options && options.headers),
          });
          let answer;
          try {
            answer = await fetch(address.href.replace(/\+/g, "%20"), settings);
          } catch (error) {
            throw new Error("dsd view does not answer. Is it still running?");
          }
          if (answer.ok) return answer;
          let message = `The server answered ${answer.status}.`;
          try { message = (await answer.json()).error || message; } catch (error) { /* no message came */ }
          const failure = new Error(message);
          failure.status = answer.status;
          throw failure;
        };
        const askJSON = async (...request) => (await ask(...request)).json();
        const post = (path, query, body) => ask(path, query, {method: "POST", body});

        /* JSON and the arrays behind it, see Packet. */
        const askPacket = async (...request) => {
          const data = await (await ask(...request)).arrayBuffer();
          const length = new DataView(data).getUint32(0, true);
          const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
          return {facts, data, start: 4 + length};
        };
        const floats = ({data, start}, from, count) => new Float32Array(data, start + 4 * from, count);

        const pause = time => new Promise(done => setTimeout(done, time));

        /* Runs work of a button: disabled and marked as busy until it is done, errors shown. */
        const working = async (button, work) => {
          if (button) button.disabled = true;
          app.busy++;
          showStatus();
          try { return await work(); } catch (error) { toast(error.message, true); } finally {
            app.busy--;
            if (button) button.disabled = false;
            showStatus();
          }
        };

        /* The map of a place, a particle or a code. */
        const askMap = async place =>
          mapOf(await askPacket("/api/decode", {}, {method: "POST", body: JSON.stringify(place)}));

        /* Saves under a name; asks before anything is replaced. */
        const saving = async (save, what) => {
          try { return await save(0); } catch (error) {
            if (error.status !== 409) throw error;
            if (!confirm(`${error.message} Replace ${what}?`)) return null;
            return save(1);
          }
        };

        const theme = () => {
          const style = getComputedStyle(document.documentElement);
          return name => style.getPropertyValue("--" + name).trim();
        };
        const rgb = hex => [1, 3, 5].map(k => parseInt(hex.slice(k, k + 2), 16) / 255);

        const showStatus = () => {
          const status = byId("status");
          const run = app.run;
          const training = run && run.trainingAge !== null && !run.isTrained && run.trainingAge < 300;
          const text = app.busy ? "working" : training ? "training is running" : "";
          status.hidden = !text;
          status.textContent = text;
          status.classList.toggle("busy", Boolean(text));
        };

        const fill = (select, groups) => {
          const kept = select.value;
          select.replaceChildren();
          for (const [name, options] of groups) {
            const parent = name ? document.createElement("optgroup") : select;
            if (name) {
              parent.label = name;
              select.append(parent);
            }
            for (const [value, label] of options) parent.append(new Option(label, value));
          }
          const values = [...select.options].map(option => option.value);
          if (values.includes(kept)) select.value = kept;
        };

        """#
}
