import Foundation

/// A page in headless Chromium, driven as a user would: pointer, keys, and what can be seen.
public final class Browser {
    /// Why a test that needs a browser is skipped, for `.enabled(if:)`.
    public static let absence = "Chromium is not installed"
    public static var isPresent: Bool { program != nil }

    private static let program: String? = ["chromium", "chromium-browser", "google-chrome"]
        .flatMap { name in ["/usr/bin/\(name)", "/usr/local/bin/\(name)"] }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private let tools: DevTools
    private let profile: TemporaryFolder

    public init(width: Int = 1400, height: Int = 1000, isDark: Bool = false) throws {
        guard let program = Self.program else { throw BrowserError(Self.absence) }
        profile = try TemporaryFolder()
        tools = try DevTools(
            program: program,
            arguments: [
                "--headless=new", "--no-sandbox", "--no-first-run", "--use-angle=swiftshader",
                "--enable-unsafe-swiftshader", "--user-data-dir=\(profile.path)", "--disable-extensions",
                "--disable-dev-shm-usage", "--window-size=\(width),\(height)", "about:blank",
            ])
        let target = try tools.call("Target.createTarget", ["url": "about:blank"])
        let attached = try tools.call(
            "Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
        tools.session = attached["sessionId"] as? String
        for domain in ["Page", "Runtime", "Log"] { try tools.call("\(domain).enable") }
        try tools.call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
        try setDark(isDark)
    }

    deinit { tools.close() }

    public func setDark(_ isDark: Bool) throws {
        let scheme = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
        try tools.call("Emulation.setEmulatedMedia", ["features": [scheme]])
    }

    public func open(_ address: String) throws {
        try tools.call("Page.navigate", ["url": address])
        try wait("document.readyState === 'complete'")
    }

    /// The value of an expression of the page; promises are waited for.
    @discardableResult public func evaluate(_ expression: String) throws -> Any? {
        let answer = try tools.call(
            "Runtime.evaluate", ["expression": expression, "awaitPromise": true, "returnByValue": true])
        if let problem = answer["exceptionDetails"] { throw BrowserError("\(expression): \(problem)") }
        return (answer["result"] as? [String: Any])?["value"]
    }

    public func text(_ expression: String) throws -> String { "\(try evaluate(expression) ?? "")" }

    /// Waits until an expression is true.
    public func wait(_ expression: String, seconds: Double = 60) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while try evaluate("Boolean(\(expression))") as? Bool != true {
            guard Date() < deadline else { throw BrowserError("waited in vain for \(expression)") }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    /// Left, top, width and height of an element on the screen.
    public func box(of selector: String) throws -> [Double] {
        let found = try evaluate(
            """
            (() => { const b = document.querySelector('\(selector)').getBoundingClientRect();
            return [b.x, b.y, b.width, b.height]; })()
            """)
        return (found as? [Any] ?? []).compactMap { ($0 as? NSNumber)?.doubleValue }
    }

    public func press(_ selector: String) throws {
        let box = try box(of: selector)
        try drag([(box[0] + box[2] / 2, box[1] + box[3] / 2)])
    }

    /// Presses the button at the first place, moves over the others and lets go.
    public func drag(_ places: [(x: Double, y: Double)]) throws {
        guard let first = places.first, let last = places.last else { return }
        try mouse("mouseMoved", first, isDown: false)
        try mouse("mousePressed", first, isDown: true)
        for place in places.dropFirst() { try mouse("mouseMoved", place, isDown: true) }
        try mouse("mouseReleased", last, isDown: false)
    }

    private func mouse(_ kind: String, _ place: (x: Double, y: Double), isDown: Bool) throws {
        try tools.call(
            "Input.dispatchMouseEvent",
            [
                "type": kind, "x": place.x, "y": place.y, "buttons": isDown ? 1 : 0, "clickCount": 1,
                "button": kind == "mouseMoved" && !isDown ? "none" : "left",
            ])
    }

    /// Turns the wheel; below zero comes closer.
    public func wheel(at place: (x: Double, y: Double), by delta: Double) throws {
        try tools.call(
            "Input.dispatchMouseEvent",
            ["type": "mouseWheel", "x": place.x, "y": place.y, "deltaX": 0, "deltaY": delta])
    }

    public func type(key: String) throws {
        for kind in ["keyDown", "keyUp"] {
            try tools.call("Input.dispatchKeyEvent", ["type": kind, "key": key])
        }
    }

    /// A PNG picture of the window.
    public func screenshot() throws -> Data {
        let answer = try tools.call("Page.captureScreenshot")
        guard let data = (answer["data"] as? String).flatMap({ Data(base64Encoded: $0) }) else {
            throw BrowserError("there is no picture")
        }
        return data
    }

    /// Errors of scripts and refused requests, so far.
    public func problems() throws -> [String] {
        try evaluate("0")
        return tools.events.compactMap { event in
            let parameters = event["params"] as? [String: Any]
            if event["method"] as? String == "Runtime.exceptionThrown" { return "\(parameters ?? [:])" }
            let entry = parameters?["entry"] as? [String: Any]
            return entry?["level"] as? String == "error"
                ? "\(entry?["text"] ?? "") \(entry?["url"] ?? "")" : nil
        }
    }
}
