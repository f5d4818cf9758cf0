// A progress bar on standard error, when that is a terminal; silence otherwise, so that logs and pipes stay clean.
import Foundation

/// One line that grows.
struct ProgressBar {
    private let label: String
    private let start = ContinuousClock.now
    private let visible = isatty(STDERR_FILENO) == 1
    private static let width = 30

    init(_ label: String) { self.label = label }

    /// Shows `step` of `count`, and a word beside it.
    func show(_ step: Int, of count: Int, note: String = "") {
        guard visible, count > 0 else { return }
        let filled = min(step, count) * Self.width / count
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        let seconds = Int((ContinuousClock.now - start) / .seconds(1))
        write("\r\u{1B}[K\(label) \(bar) \(step)/\(count) \(seconds) s \(note)")
    }

    /// Removes the line.
    func clear() {
        if visible { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
