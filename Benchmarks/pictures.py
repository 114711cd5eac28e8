"""Makes the pictures of README.md anew: the report and the viewer of a demonstration in headless Chromium.

    .build/release/dsd demo --output demo
    python Benchmarks/pictures.py demo [--program .build/release/dsd] [--browser /usr/bin/chromium]

Writes docs/images/demo.png, the report's head, scores and first states, and docs/images/viewer.png, the path between
two clusters with the map of one of its ends over that of the other.
"""
import argparse
import base64
import os
import tempfile
import time

from view import Browser, Server

HERE = os.path.dirname(os.path.abspath(__file__))


def picture(browser, name, width, height, y=0, scale=1):
    """A part of the page as PNG."""
    data = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                        clip={"x": 0, "y": y, "width": width, "height": height, "scale": scale})["data"]
    path = os.path.join(HERE, "..", "docs", "images", name)
    with open(path + ".new", "wb") as file:
        file.write(base64.b64decode(data))
    os.rename(path + ".new", path)
    print(f"{os.path.normpath(path)}: {os.path.getsize(path) / 1000:.0f} kB")


def report(browser, folder):
    browser.call("Page.navigate", url="file://" + os.path.abspath(os.path.join(folder, "report.html")))
    browser.wait("document.readyState === 'complete' && document.querySelector('.cards')")
    # To the end of the first row of states.
    bottom = browser.evaluate("document.querySelector('.card').getBoundingClientRect().bottom + scrollY")
    picture(browser, "demo.png", 1240, bottom + 10, scale=0.75)


def viewer(browser, server):
    browser.call("Page.navigate", url=server.link)
    browser.wait("document.getElementById('points')?.dataset.drawn > 0 && "
                 "document.getElementById('map-note').textContent.includes('decoded in')")
    press = "document.getElementById('{}').click()"
    choose = ("(e => {{ e.value = '{1}'; e.dispatchEvent(new Event('change', {{bubbles: true}})); }})"
              "(document.getElementById('{0}'))")
    browser.evaluate(press.format("tab-path"))
    browser.evaluate(choose.format("path-from", "0"))
    browser.evaluate(choose.format("path-to", "5"))
    browser.evaluate(press.format("path-compute"))
    browser.wait("!document.getElementById('player').hidden")
    time.sleep(2)
    frame = ("(e => {{ e.value = {0}; e.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
             "(document.getElementById('frame'))")
    browser.evaluate(frame.format(0))
    time.sleep(2)
    browser.evaluate(press.format("pin"))
    time.sleep(2)
    browser.evaluate(frame.format("document.getElementById('frame').max"))
    time.sleep(3)
    picture(browser, "viewer.png", 1400, 940)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("demo")
    parser.add_argument("--program", default=os.path.join(HERE, "..", ".build", "release", "dsd"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    options.run = os.path.join(options.demo, "run")
    server = Server(options)
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = Browser(options.browser, profile, (1240, 1000))
            report(browser, options.demo)
            browser.close()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = Browser(options.browser, profile, (1400, 1000))
            viewer(browser, server)
            browser.close()
    finally:
        server.process.terminate()
        server.process.wait()


if __name__ == "__main__":
    main()
