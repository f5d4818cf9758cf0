public import CoreMetrics
internal import Synchronization

/// Metrics for swift-metrics that can be read as Prometheus' text format.
///
/// A service has one of its own, so several services and tests in a process do not mix. Whoever wants one for the whole
/// process hands it to `MetricsSystem.bootstrap`.
public final class PrometheusRegistry: MetricsFactory {
    private struct Family {
        var type: String
        /// By the text of their labels.
        var series: [String: any PrometheusInstrument] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    /// All metrics, in the order of their names and labels.
    public func text() -> [UInt8] {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            if let known = ServiceMetric(rawValue: name) {
                text += "# HELP \(name) \(PrometheusText.escaped(known.help, quotes: false))\n"
            }
            text += "# TYPE \(name) \(family.type)\n"
            for (labels, instrument) in family.series.sorted(by: { $0.key < $1.key }) {
                instrument.write(name, labels, to: &text)
            }
        }
        return Array(text.utf8)
    }

    /// The instrument of a name and labels, made when it is asked for first.
    private func instrument<Instrument: PrometheusInstrument>(
        _ label: String, _ dimensions: [(String, String)], _ make: () -> Instrument
    ) -> Instrument {
        let (name, labels) = (PrometheusText.name(label), PrometheusText.labels(dimensions))
        return families.withLock { families in
            var family = families[name] ?? Family(type: Instrument.type)
            precondition(family.type == Instrument.type, "the metric \(name) is a \(family.type)")
            if let there = family.series[labels] as? Instrument { return there }
            let made = make()
            family.series[labels] = made
            families[name] = family
            return made
        }
    }

    private func remove(_ handler: AnyObject) {
        families.withLock { families in
            for (name, family) in families {
                for (labels, instrument) in family.series where instrument === handler {
                    families[name]?.series[labels] = nil
                }
            }
        }
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        instrument(label, dimensions) { PrometheusCounter() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        instrument(label, dimensions) { PrometheusGauge() }
    }

    /// - Parameter aggregate: a histogram; otherwise a gauge.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return instrument(label, dimensions) { PrometheusGauge() } }
        return instrument(label, dimensions) { PrometheusHistogram(bounds: Self.bounds(label)) }
    }

    /// Recorded in nanoseconds, read in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        instrument(label, dimensions) { PrometheusHistogram(bounds: Self.bounds(label)) }
    }

    private static func bounds(_ label: String) -> [Double] {
        ServiceMetric(rawValue: label)?.bounds ?? ServiceMetric.requestBounds
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
