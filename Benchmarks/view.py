"""How fast `dsd view` answers and how smoothly its page moves.

    python Benchmarks/view.py RUN [--program .build/release/dsd] [--maps 60] [--threads 2] [--seconds 4]
                              [--browser /usr/bin/chromium]

Maps: decodes RUN at places of randomly chosen particles, one request after the other, and prints the median, the
95th percentile and the longest time from request to the last byte, and how much of it the decoder took. Points: opens
the page in headless Chromium, drags the points about and turns the wheel as a hand would, and counts the frames in
which the picture has moved. Chromium is told to use no graphics card, so the rates are those of the processor; the
time that the page's thread works for a frame does not depend on what else the machine does.
"""
import argparse
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from statistics import median


class Server:
    def __init__(self, options):
        self.process = subprocess.Popen(
            [options.program, "view", options.run, "--no-open", "--threads", str(options.threads)],
            stdout=subprocess.PIPE, text=True)
        self.link = next(
            word for line in self.process.stdout for word in line.split() if word.startswith("http://127.0.0.1"))
        self.base, self.token = self.link.split("/?token=")

    def ask(self, path, body=None):
        request = urllib.request.Request(
            self.base + path, data=None if body is None else json.dumps(body).encode(), headers={"X-Token": self.token})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    @staticmethod
    def packet(data):
        length = struct.unpack("<I", data[:4])[0]
        return json.loads(data[4:4 + length]), data[4 + length:]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def maps(server, options):
    run = json.loads(server.ask("/api/run"))
    plane = run["planes"][0]["id"]
    _, points = server.packet(server.ask("/api/points?plane=" + plane))
    count = run["particles"]
    chosen = random.Random(1)
    whole, inside = [], []
    facts = {}
    for k in range(options.maps + 3):
        row = chosen.randrange(count)
        x, = struct.unpack_from("<f", points, 4 * row)
        y, = struct.unpack_from("<f", points, 4 * (count + row))
        start = time.perf_counter()
        answer = server.ask("/api/decode", {"plane": plane, "x": x, "y": y})
        if k >= 3:  # The first ones find caches empty.
            whole.append(1000 * (time.perf_counter() - start))
            facts, _ = server.packet(answer)
            inside.append(facts["milliseconds"])
    print(f"{count} particles; {len(whole)} maps of {' x '.join(map(str, facts['size']))} voxels, plane {plane}")
    print(f"request to last byte: median {median(whole):.0f} ms, 95 % {percentile(whole, 0.95):.0f} ms, "
          f"longest {max(whole):.0f} ms; decoder: median {median(inside):.0f} ms, longest {max(inside):.0f} ms")


class Browser:
    """Chromium over its DevTools pipe: JSON messages, a zero byte behind each, at descriptors 3 and 4."""

    def __init__(self, program, profile, size):
        to_browser, from_browser = os.pipe(), os.pipe()

        def place():
            # Out of the way first: the pipes may have the numbers that they are to get.
            reading, writing = os.dup2(to_browser[0], 63), os.dup2(from_browser[1], 62)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu",
             "--enable-unsafe-swiftshader", "--disable-extensions", "--disable-dev-shm-usage",
             f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}", "--remote-debugging-pipe",
             "about:blank"],
            preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser[0])
        os.close(from_browser[1])
        self.writing, self.reading = to_browser[1], from_browser[0]
        self.number, self.session, self.rest = 0, None, b""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
        self.call("Performance.enable", timeDomain="threadTicks")

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.writing, data):]
        while True:
            while b"\0" not in self.rest:
                more = os.read(self.reading, 1 << 16)
                if not more:
                    raise SystemExit("the browser ended")
                self.rest += more
            text, self.rest = self.rest.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, expression, seconds=120):
        deadline = time.time() + seconds
        while not self.evaluate(f"Boolean({expression})"):
            if time.time() > deadline:
                raise SystemExit(f"waited in vain for {expression}")
            time.sleep(0.05)

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def thread_time(self):
        """Processor seconds that the page's main thread has worked."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait()


RECORD = """
window.frames_ = []; window.counting_ = true;
(() => { const step = time => {
  if (!window.counting_) return;
  const {xaxis: a, yaxis: b} = document.getElementById('scatter')._fullLayout;
  window.frames_.push([time, a.range.join() + b.range.join()]);
  requestAnimationFrame(step);
}; requestAnimationFrame(step); })()
"""


def moving(browser, name, move, seconds):
    """Moves for some seconds; the frames that differ from the one before them."""
    browser.evaluate(RECORD)
    start, busy = time.time(), browser.thread_time()
    k = 0
    while time.time() - start < seconds:
        move(k)
        k += 1
        time.sleep(0.008)
    frames = browser.evaluate("(window.counting_ = false, window.frames_)")
    busy = browser.thread_time() - busy
    moved = [b[0] for a, b in zip(frames, frames[1:]) if a[1] != b[1]]
    gaps = [b - a for a, b in zip(moved, moved[1:])]
    if not gaps:
        raise SystemExit(f"{name}: nothing has moved")
    print(f"{name}: {1000 * len(gaps) / sum(gaps):.1f} frames a second that moved; gap between them: median "
          f"{median(gaps):.0f} ms, 95 % {percentile(gaps, 0.95):.0f} ms; processor time of the page's thread "
          f"{1000 * busy / len(moved):.0f} ms a frame")


def points(server, options):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(options.browser, profile, (1400, 1000))
        start = time.perf_counter()
        browser.call("Page.navigate", url=server.link)
        browser.wait("document.getElementById('points')?.dataset.drawn > 0 && "
                     "document.getElementById('map-note').textContent.includes('decoded in')")
        print(f"page shown after {time.perf_counter() - start:.1f} s, "
              + browser.evaluate("document.getElementById('points').dataset.drawn") + " points drawn")
        browser.evaluate("document.querySelector('[data-mode=move]').click()")
        x, y, width, height = browser.evaluate(
            "(() => { const b = document.getElementById('overlay').getBoundingClientRect();"
            "return [b.x, b.y, b.width, b.height]; })()")
        centre = (x + width / 2, y + height / 2)
        browser.mouse("mouseMoved", *centre)
        browser.mouse("mousePressed", *centre, button="left", buttons=1, clickCount=1)
        moving(browser, "pan", lambda k: browser.mouse(
            "mouseMoved", centre[0] + 120 * ((k // 40) % 2 * 2 - 1) * ((k % 40) / 40), centre[1] + k % 40,
            button="left", buttons=1), options.seconds)
        browser.mouse("mouseReleased", *centre, button="left", clickCount=1)
        moving(browser, "zoom", lambda k: browser.mouse(
            "mouseWheel", *centre, deltaX=0, deltaY=-40 if k // 30 % 2 == 0 else 40), options.seconds)
        browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("run")
    parser.add_argument("--program", default=os.path.join(here, "..", ".build", "release", "dsd"))
    parser.add_argument("--maps", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    server = Server(options)
    try:
        maps(server, options)
        if os.access(options.browser, os.X_OK):
            points(server, options)
        else:
            print(f"no browser at {options.browser}: frames are not counted", file=sys.stderr)
    finally:
        server.process.terminate()
        server.process.wait()


if __name__ == "__main__":
    main()
