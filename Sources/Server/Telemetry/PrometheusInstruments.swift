// What a metric is made of: a number that grows, a number that is set, or a histogram. Each can be changed from any
// thread in some nanoseconds, and writes itself as samples of Prometheus' text format.

internal import CoreMetrics
internal import Synchronization

protocol PrometheusInstrument: AnyObject, Sendable {
    /// The word after `# TYPE`.
    static var type: String { get }

    /// Appends its samples.
    ///
    /// - Parameter labels: `name="value"` pairs joined by commas, or nothing.
    func write(_ name: String, _ labels: String, to text: inout String)
}

final class PrometheusCounter: PrometheusInstrument, CounterHandler {
    static let type = "counter"
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, _ labels: String, to text: inout String) {
        text += PrometheusText.sample(name, labels, String(value.load(ordering: .relaxed)))
    }
}

final class PrometheusGauge: PrometheusInstrument, MeterHandler, RecorderHandler {
    static let type = "gauge"
    private let value = Mutex(0.0)

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(new) }
    func record(_ new: Double) { set(new) }

    func write(_ name: String, _ labels: String, to text: inout String) {
        text += PrometheusText.sample(name, labels, PrometheusText.number(value.withLock { $0 }))
    }
}

/// Counts of values by upper bounds. Durations are seconds.
final class PrometheusHistogram: PrometheusInstrument, RecorderHandler, TimerHandler {
    static let type = "histogram"
    private let bounds: [Double]
    private let state: Mutex<State>

    private struct State {
        /// One more than there are bounds: the last counts what is above them all.
        var counts: [Int]
        var sum = 0.0
    }

    /// - Parameter bounds: in rising order.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: [Int](repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) * 1e-9) }

    func record(_ value: Double) {
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[place] += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: String, to text: inout String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        let separator = labels.isEmpty ? "" : ","
        var total = 0
        for (count, bound) in zip(counts, bounds + [.infinity]) {
            total += count
            let bucket = labels + separator + "le=\"\(PrometheusText.number(bound))\""
            text += PrometheusText.sample(name + "_bucket", bucket, String(total))
        }
        text += PrometheusText.sample(name + "_sum", labels, PrometheusText.number(sum))
        text += PrometheusText.sample(name + "_count", labels, String(total))
    }
}

/// The grammar of the text format, version 0.0.4.
enum PrometheusText {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    static func sample(_ name: String, _ labels: String, _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return "\(value)"
    }

    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { "\(name($0.0))=\"\(escaped($0.1, quotes: true))\"" }.joined(separator: ",")
    }

    /// What is no letter, digit or underscore becomes an underscore.
    static func name(_ label: String) -> String {
        let name = label.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" }
        return name.first?.isNumber == true ? "_" + String(name) : String(name)
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
